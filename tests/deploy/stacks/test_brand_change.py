"""What a plan or a deploy says of the brand: the zip's key tells which one a stack has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.brand.brand import NO_BRAND, Brand
from deploy.deployment import Deployment
from deploy.package.artifacts import Artifact, brand_of_key
from deploy.stacks.brand_change import brand_change
from deploy.stacks.lookup import StackState

DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
BRANDED = replace(DEPLOYMENT, brand=Brand("Lighthouse", source="s3link.toml, [s3link]"))
PLAIN, GREEN, BLUE = (f"lambda/{'0' * 64}{mark}.zip" for mark in ("", "-brand-green", "-brand-b"))
COMES = "The brand of s3link.toml, [s3link] comes into pages and mails, with the code."
CHANGES = "The brand of s3link.toml, [s3link] changes in pages and mails, with the code."
GOES = (
    "The brand is taken away from pages and mails: s3link.toml has none of brand_name, "
    "brand_color and brand_logo in [s3link]."
)


def state(key: str, status: str = "CREATE_COMPLETE") -> StackState:
    return StackState("s3link-x", "id", status, "", {"CodeKey": key}, {}, {}, is_protected=False)


def said(before: dict[str, str], after: str, status: str = "CREATE_COMPLETE") -> str:
    existing = {kind: state(key, status) for kind, key in before.items()}
    deployment = BRANDED if brand_of_key(after) else DEPLOYMENT
    return brand_change(deployment, {"sender": None, **existing}, Artifact("bucket", after))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ({}, GREEN, ""),
        ({"generator": PLAIN}, PLAIN, ""),
        ({"generator": GREEN, "portal": GREEN}, GREEN, ""),
        ({"generator": PLAIN}, GREEN, COMES),
        ({"generator": GREEN}, BLUE, CHANGES),
        ({"generator": GREEN}, PLAIN, GOES),
        # A deploy that broke off half-way.
        ({"generator": PLAIN, "portal": GREEN}, GREEN, CHANGES),
        ({"generator": PLAIN, "portal": GREEN}, PLAIN, GOES),
    ],
)
def test_what_becomes_of_the_brand(before: dict[str, str], after: str, sentence: str) -> None:
    assert said(before, after) == sentence


def test_a_dead_stack_has_no_brand() -> None:
    assert said({"generator": GREEN}, PLAIN, "ROLLBACK_COMPLETE") == ""


def test_a_key_that_somebody_else_chose_has_no_brand() -> None:
    """Whoever applies the templates by hand may call the zip as they like."""
    assert brand_of_key("code.zip") == brand_of_key("") == ""
    assert not NO_BRAND

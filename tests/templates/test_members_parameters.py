"""What an operator of the members area can type."""

from __future__ import annotations

import pytest

from deploy.stacks.templates import load_template
from tests.templates.reading import MEMBERS


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("", True),
        ("example-com-members", True),
        ("7", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("Example", False),
        ("example.com", False),
        ("example_com", False),
        ("-example", False),
        ("example-", False),
        ("aws", False),
        ("drawsomething", False),
        ("my-amazon-members", False),
        ("cognito-members", False),
    ],
)
def test_prefixes_that_can_be_typed(value: str, is_taken: bool) -> None:
    """What Cognito takes for a domain's prefix: AWS's own words may not even be a part of it."""
    parameter = load_template(MEMBERS.path.name).parameters["MembersDomainPrefix"]

    problem = parameter.problem(value)

    sentence = " ".join(MEMBERS.parameters["MembersDomainPrefix"]["ConstraintDescription"].split())
    assert problem == (None if is_taken else sentence.rstrip("."))


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("MembersPlan", "ESSENTIALS"),
        ("MembersDomainPrefix", ""),
        ("MembersMfa", "off"),
        ("MembersSessionHours", 8),
        ("ArtifactsTTL", 0),
    ],
)
def test_defaults(name: str, default: object) -> None:
    """Who changes nothing keeps every version, and a member signs in once a working day."""
    assert MEMBERS.parameters[name]["Default"] == default


def test_what_the_plans_cost_is_said() -> None:
    """Nobody chooses a plan without its price."""
    description = MEMBERS.parameters["MembersPlan"]["Description"]

    assert "about $0.015 with ESSENTIALS, about $0.0055 with LITE" in description
    assert "beyond 10,000" in description

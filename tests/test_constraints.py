"""The files of constraints name all that is installed: the tests are the same on every machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from importlib.metadata import distributions

import pytest

from tests.tools import AWSCLI, CHECKOV, PIP, RUN_LIMIT, canonical, constraints, installed

# What Python's venv brings, and s3link itself.
OWN = {"pip", "setuptools", "wheel", "s3link"}


def unlike(found: Mapping[str, str], name: str | None = None) -> dict[str, str]:
    """What is installed in another version than constrained, or is not constrained."""
    pinned = constraints(name)
    return {
        one: version
        for one, version in found.items()
        if one not in OWN and pinned.get(one) != version
    }


def test_this_environment() -> None:
    """`make install` makes such a one; `make update` takes newer versions."""
    found = {canonical(one.name): one.version for one in distributions()}

    assert unlike(found) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "program"), [(AWSCLI, "aws"), (CHECKOV, "checkov")])
def test_the_environment_of_a_program(name: str, program: str) -> None:
    """They have files of their own, since they need other versions of botocore and boto3."""
    environment = installed(name, program).parent.parent
    listing = [*PIP, "--python", environment, "list", "--format", "json"]
    ran = subprocess.run(listing, capture_output=True, text=True, check=True, timeout=RUN_LIMIT)
    found = {canonical(one["name"]): one["version"] for one in json.loads(ran.stdout)}

    assert name in found
    assert unlike(found, name) == {}

"""What is said of --with and --without before anything is asked of AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.operator import Operator


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    config = tmp_path / "s3link.toml"
    config.write_text('[s3link]\nregion = "eu-west-1"\nwith = ["portal"]\n')
    return Operator(config)


@pytest.mark.parametrize("command", ["deploy", "plan"])
def test_with_and_without_exclude_each_other(operator: Operator, command: str) -> None:
    """Nobody can mean both."""
    ran = operator.s3link(f"{command} --with portal --without portal")

    assert ran.exit_code == 2
    assert ran.error == "Say either --with portal or --without portal, not both."


@pytest.mark.parametrize("command", ["init", "plan", "deploy", "doctor", "local"])
def test_only_optional_stacks_can_be_chosen(operator: Operator, command: str) -> None:
    """The others are part of every deployment."""
    ran = operator.s3link(f"{command} --with sender")

    assert ran.exit_code == 2
    assert "'sender' is not" in ran.error


@pytest.mark.parametrize("command", ["deploy", "plan"])
def test_what_the_file_asks_for_is_not_removed(operator: Operator, command: str) -> None:
    """The file has to be changed first, for the next deploy reads it again."""
    ran = operator.s3link(f"{command} --without portal")

    assert ran.exit_code == 1
    assert ran.error == (
        "with (from s3link.toml, [s3link]) asks for the portal, which --without portal would "
        'remove; take "portal" out of it first.'
    )

"""Which deployment is meant when none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import ConfigurationError
from deploy.settings.tables import table_names, usual_name
from tests.deploy.operator import Operator

# Nothing listens on the discard port of this machine.
PLACE = 'region = "eu-west-1"\nendpoint_url = "http://127.0.0.1:9"\n'


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (None, "s3link"),
        ("", "s3link"),
        ("[files]\n", "files"),
        ("[files]\n[s3link]\n", "s3link"),
        ("[files]\n[test]\n", "s3link"),
        ("[files\n", "s3link"),  # what is wrong with it is told when it is read
    ],
)
def test_the_only_table_is_the_one_that_is_meant(
    tmp_path: Path, written: str | None, name: str
) -> None:
    """Nobody has to name what there is one of; among several the name is needed, but for s3link."""
    config = tmp_path / "s3link.toml"
    if written is not None:
        config.write_text(written)

    assert usual_name(config) == name


def test_a_table_that_cannot_be_a_deployment_is_refused(tmp_path: Path) -> None:
    """By the template's own rule; the name was typed in the file, so the file is named."""
    config = tmp_path / "s3link.toml"
    config.write_text('["My Files"]\n')

    with pytest.raises(ConfigurationError) as failure:
        usual_name(config)

    assert str(failure.value).startswith(
        f"{config}: [My Files] cannot name a deployment. Use 2 to 28 lower-case letters"
    )


def test_tables_only_are_deployments(tmp_path: Path) -> None:
    """A key outside of all tables is a mistake that is told elsewhere."""
    config = tmp_path / "s3link.toml"
    config.write_text("LogsTTL = 30\n[files]\n[test]\n")

    assert table_names(config) == ["files", "test"]


@pytest.mark.parametrize(
    ("line", "environment", "name"),
    [
        ("destroy", {}, "files"),
        ("destroy --name other", {}, "other"),
        ("destroy", {"S3LINK_NAME": "third"}, "third"),
    ],
)
def test_a_name_that_is_given_counts_more(
    tmp_path: Path, line: str, environment: dict[str, str], name: str
) -> None:
    """First --name, then S3LINK_NAME, then the file."""
    config = tmp_path / "s3link.toml"
    config.write_text(f"[files]\n{PLACE}")
    remark = f"has no table [{name}]; it has [files]."

    ran = Operator(config, environment=environment).s3link(line)

    assert ran.exit_code == 1
    assert (remark in ran.stderr) == (name != "files")


def test_the_help_tells_of_the_variable(tmp_path: Path) -> None:
    """And of what holds without it."""
    ran = Operator(tmp_path / "s3link.toml").s3link("status --help")

    assert "env var: S3LINK_NAME" in ran.stdout
    assert "the only table of s3link.toml, or s3link" in " ".join(ran.stdout.split())

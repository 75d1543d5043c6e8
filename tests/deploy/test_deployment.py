"""The commands that sentences tell an operator to type: they reach the same deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.deployment import Deployment
from tests.deploy.operator import Operator


@pytest.mark.parametrize(
    ("name", "place", "line"),
    [
        ("s3link", (), "s3link deploy"),
        ("test", (), "s3link deploy --name test"),
        ("s3link", ("--region", "eu-west-1"), "s3link deploy --region eu-west-1"),
        (
            "test",
            ("--profile", "at work", "--config", "a b.toml"),
            "s3link deploy --name test --profile 'at work' --config 'a b.toml'",
        ),
    ],
)
def test_a_command_names_what_is_not_the_default(
    name: str, place: tuple[str, ...], line: str
) -> None:
    """It can be pasted as it stands."""
    deployment = Deployment(name, "123456789012", "eu-west-1", {}, place)

    assert deployment.command("deploy") == line


def test_the_options_of_a_command_are_those_of_the_next(
    embedded_operator: Operator, tmp_path: Path
) -> None:
    """Without them, it could be about another deployment, in another region."""
    other = tmp_path / "other.toml"
    other.write_text(embedded_operator.config.read_text())

    ran = embedded_operator.s3link(f"status --name s3link --region us-east-1 --config {other}")

    assert ran.error == (
        'Nothing is deployed under the name "s3link" in us-east-1 of account 123456789012; '
        "check --name, --region and --profile, or deploy it with "
        f"`s3link deploy --region us-east-1 --config {other}`."
    )

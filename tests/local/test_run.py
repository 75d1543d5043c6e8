"""`s3link local` and `s3link demo` as whoever has configured something types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import cli
from deploy.local.run import with_examples


def test_nothing_has_to_be_configured() -> None:
    """There is an example for everything that has no default."""
    assert with_examples({}) == {
        "AdminAlarmEMail": "admin@example.com",
        "EmailSender": "links@example.com",
        "EmailRecipient": "bob@example.com",
        "AuthorizedRecipients": "@example.com",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"EmailRecipient": "x@corp.example"},
        {"EmailRecipient": "x@corp.example", "AuthorizedRecipients": "@corp.example"},
    ],
)
def test_who_names_a_recipient_says_who_gets_files(given: dict[str, str]) -> None:
    """An example would forbid that recipient, or allow others."""
    recipients = {
        name: value for name, value in with_examples(given).items() if "Recipient" in name
    }

    assert recipients == given


@pytest.mark.parametrize("command", ["local", "demo"])
@pytest.mark.parametrize("option", ["--profile", "--endpoint-url"])
def test_what_could_only_be_ignored_is_not_offered(command: str, option: str) -> None:
    """The embedded AWS is an endpoint of its own, with keys of its own."""
    ran = CliRunner().invoke(cli, [command, option, "x"])

    assert ran.exit_code == 2
    assert f"No such option '{option}'" in ran.stderr


def test_demo_looks_for_the_file_first(tmp_path: Path) -> None:
    """Before anything is started or deployed."""
    ran = CliRunner().invoke(cli, ["demo", str(tmp_path / "gone.pdf")])

    assert ran.exit_code == 1
    assert ran.stderr.startswith("Error: There is no file ")


@pytest.mark.slow
@pytest.mark.parametrize("option", [[], ["--set", "ConfirmRecipient=true"]], ids=str)
def test_demo_presses_the_portals_button(tmp_path: Path, option: list[str]) -> None:
    """And types the address where the page asks for it."""
    file = tmp_path / "my report (final) + ü.pdf"
    file.write_bytes(b"report")

    ran = CliRunner().invoke(cli, ["demo", str(file), "--with", "portal", *option])

    assert ran.exit_code == 0, ran.stderr
    assert "All three stacks are deployed" in ran.stderr
    assert "Its link gave, by the button of its page, 6 bytes, to be saved as " in ran.stderr
    assert ran.stdout.endswith("same bytes\n")


@pytest.mark.slow
def test_demo_is_as_configured(tmp_path: Path) -> None:
    """Region and recipient of s3link.toml hold."""
    file, config = tmp_path / "report.pdf", tmp_path / "s3link.toml"
    file.write_bytes(b"report")
    config.write_text('[s3link]\nregion = "eu-central-1"\nEmailRecipient = "x@corp.example"\n')
    options = ["--config", str(config), "--output", "json"]

    ran = CliRunner().invoke(cli, ["demo", str(file), *options])

    assert ran.exit_code == 0, ran.stderr
    assert "s3link-123456789012-eu-central-1" in ran.stderr
    assert json.loads(ran.stdout)["recipient"] == "x@corp.example"

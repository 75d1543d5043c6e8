"""What the shell completes: commands, options, and the values that are known on this machine."""

from __future__ import annotations

import shlex
from contextlib import chdir
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from deploy.cli import cli


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration of two deployments, and two AWS profiles."""
    (tmp_path / "s3link.toml").write_text("[files]\n[files-test]\n")
    (tmp_path / "other.toml").write_text("[elsewhere]\n")
    (tmp_path / "config").write_text("[default]\n[profile work]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "begun", "offered"),
    [
        ("", "dep", ["deploy"]),
        ("links", "ext", ["extend"]),
        ("status --name", "", ["files", "files-test"]),
        ("status --name", "files-", ["files-test"]),
        ("status --config other.toml --name", "", ["elsewhere"]),
        ("status --config missing.toml --name", "", []),
        ("status --profile", "", ["default", "work"]),
        ("deploy --set", "AdminA", ["AdminAlarmEMail="]),
        ("deploy --set", "CodeKey", []),
        ("deploy --with", "p", ["portal", "programs"]),
        ("links list --state", "us", ["Usable", "UsedUp"]),
        ("links list --output", "", ["text", "json"]),
    ],
)
def test_values_are_completed(home: Path, line: str, begun: str, offered: list[str]) -> None:
    """Without asking AWS, and without a word where nothing is known."""
    shell = ShellComplete(cli, {}, "s3link", "_S3LINK_COMPLETE")

    with chdir(home):
        found = shell.get_completions(shlex.split(line), begun)

    assert [one.value for one in found] == offered

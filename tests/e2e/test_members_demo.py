"""`s3link demo` and `s3link local` with the members area, as somebody types them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import start_local, stop_local
from tests.tools import RUN_LIMIT

pytestmark = pytest.mark.slow

CONTENT = b"the game" * 10_000


def demo(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy", "demo", file, *options],
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )


@pytest.mark.parametrize(
    ("name", "options", "stacks"),
    [
        ("my game (final beta) + ü.zip", [], "All three stacks"),
        ("100% sure; a&b=c#d.zip", ["--with", "portal", "--with", "programs"], "All five stacks"),
        ("game.zip", ["--set", "MembersPlan=LITE"], "All three stacks"),
    ],
)
def test_the_demo_ends_signed_out(
    tmp_path: Path, name: str, options: list[str], stacks: str
) -> None:
    """Published, invited, signed in, downloaded, answered, signed out, refused; in that order."""
    file = tmp_path / name
    file.write_bytes(CONTENT)

    ran = demo(file, "--with", "members", *options)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "same bytes"
    said = re.findall(r"^ *[\d.]+ s  (.*)", ran.stderr, re.MULTILINE)
    assert any(line.startswith(stacks) for line in said)
    assert said[-5:] == [
        f"Published {name} as version 1.0.0.",
        "member@example.com signed in with the mailed password, and chose another one.",
        f"The members area gave 80,000 bytes, to be saved as {name}.",
        "The survey has answers to all of its 3 questions.",
        "member@example.com signed out, and the old session's token was refused (401).",
    ]


def test_a_demo_that_cannot_sign_in_fails(tmp_path: Path) -> None:
    """In one sentence: nobody here has an authenticator app."""
    file = tmp_path / "game.zip"
    file.write_bytes(CONTENT)

    ran = demo(file, "--with", "members", "--set", "MembersMfa=on")

    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.splitlines()[-1].endswith("leave MembersMfa as it is for the demo.")


def test_local_invites_a_member(tmp_path: Path) -> None:
    """The line for tools has the area's address, the inbox the invitation that leads there."""
    running = start_local(tmp_path, "--with", "members")
    try:
        mail = running.wait_for_mail(lambda one: one["to"] == ["member@example.com"])
        listed = running.s3link("members", "list")
    finally:
        stop_local(running)

    assert mail["subject"] == "You are invited to the members area"
    assert f'href="{running.members}/"' in mail["html"]
    assert "member@example.com\tinvited until" in listed.stdout

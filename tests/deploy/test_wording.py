"""Words of sentences, and of commands that people are told to type."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta, timezone

import pytest

from deploy.wording import moment, shell_word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("report.pdf", "report.pdf"),
        ("a b's.pdf", """'a b'"'"'s.pdf'"""),
        ("$(reboot)\x1b[2J\n'\\.pdf", r"$'$(reboot)\u001b[2J\u000a\'\\.pdf'"),
        ("fdp\u202eexe", r"$'fdp\u202eexe'"),
        ("c1\x9b\U000e0001", r"$'c1\u009b\U000e0001'"),
    ],
)
def test_a_name_as_it_is_typed(text: str, word: str) -> None:
    """Nothing in it is run, and nothing in it commands the terminal."""
    echoed = subprocess.run(
        ["bash", "-c", f"printf %s {word}"],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8"},
    )

    assert shell_word(text) == word
    assert echoed.stdout.decode() == text


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (datetime(2026, 11, 25, 6, 58, 1, 123_000, UTC), "2026-11-25 06:58:01Z"),
        (
            datetime(2026, 11, 25, 8, 58, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-25 06:58:01Z",
        ),
        ("2026-11-25T06:58:01.123Z", "2026-11-25 06:58:01Z"),
        (None, "?"),
    ],
)
def test_a_moment_for_reading(time: datetime | str | None, shown: str) -> None:
    """In one form wherever it stands, whichever zone it came in."""
    assert moment(time) == shown

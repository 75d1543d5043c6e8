"""Words of sentences, and of commands that people are told to type."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta, timezone

import pytest

from deploy.wording import clock_time, day, moment, shell_word
from tests.clock import BERLIN, ISTANBUL, NEW_YORK, zone
from tests.clock import UTC as UTC_RULE


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
        (datetime(2026, 11, 25, 6, 58, 1, 123_000, UTC), "2026-11-25 07:58 CET"),
        (
            datetime(2026, 11, 25, 8, 58, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-25 07:58 CET",
        ),
        ("2026-11-25T06:58:01.123Z", "2026-11-25 07:58 CET"),
        ("2026-07-31T23:30:00Z", "2026-08-01 01:30 CEST"),
        (None, "?"),
    ],
)
def test_a_moment_for_reading(time: datetime | str | None, shown: str) -> None:
    """In one form wherever it stands, local, whichever zone it came in."""
    with zone(BERLIN):
        assert moment(time) == shown


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (UTC_RULE, "2026-11-25 06:58:01 UTC"),
        (BERLIN, "2026-11-25 07:58:01 CET"),
        (NEW_YORK, "2026-11-25 01:58:01 EST"),
        (ISTANBUL, "2026-11-25 09:58:01 +03:00"),
    ],
)
def test_the_zone_is_always_said(rule: str, shown: str) -> None:
    """By its name, or by its offset where it has none; a log's times have seconds."""
    time = datetime(2026, 11, 25, 6, 58, 1, 123_000, UTC)

    with zone(rule):
        assert moment(time, exact=True) == shown
        assert clock_time(time) == shown.partition(" ")[2]


def test_a_day_is_the_operators_own() -> None:
    """Around midnight it is another one than in UTC."""
    with zone(BERLIN):
        assert day(datetime(2026, 7, 31, 23, 30, tzinfo=UTC)) == "2026-08-01"

"""What `s3link dlq` and `s3link deliveries` refuse before they ask AWS anything."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.commands.dlq import _summary
from deploy.cli.types import MOMENT
from deploy.dlq.redrive import Redrive, RemainingLetter, ReplayedLetter
from tests.clock import BERLIN, zone
from tests.deploy.dlq.account import DEPLOYMENT
from tests.deploy.operator import Operator
from tests.tools import RUN_LIMIT


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path / "s3link.toml")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "dlq redrive",
            "Say which messages to replay: some ids from `s3link dlq list`, or --all, not both.",
        ),
        (
            "dlq redrive --all 5b44b3ea",
            "Say which messages to replay: some ids from `s3link dlq list`, or --all, not both.",
        ),
        (
            "dlq redrive 5b44b",
            "Invalid value for '[ID]...': \"5b44b\" is too short for an id; type at least 6 "
            "characters of one that `s3link dlq list` shows.",
        ),
        ("dlq drop", "Missing argument 'ID...'."),
        (
            "dlq drop 5b44b",
            "Invalid value for 'ID...': \"5b44b\" is too short for an id; type at least 6 "
            "characters of one that `s3link dlq list` shows.",
        ),
        (
            "deliveries --since 2999-01-01",
            "Invalid value for '--since': \"2999-01-01\" is still to come; name a day that has "
            "begun.",
        ),
        (
            "deliveries --limit 0",
            "Invalid value for '--limit': 0 is not in the range x>=1.",
        ),
        (
            "deliveries --recipient bob",
            "Invalid value for '--recipient': \"bob\" is not an address: it has no @; use a bare "
            "one such as bob@example.com.",
        ),
    ],
)
def test_wrong_usage_is_one_sentence(operator: Operator, line: str, sentence: str) -> None:
    """With exit code 2, and nothing on stdout."""
    ran = operator.s3link(line)

    assert (ran.exit_code, ran.stdout, ran.error) == (2, "", sentence)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "7w", "-1d"])
def test_what_is_no_moment_is_told(operator: Operator, text: str) -> None:
    """With both kinds of example."""
    ran = operator.s3link(f"deliveries --since={text}")

    assert ran.exit_code == 2
    assert f'"{text}" is neither a span of time such as 7d nor a date such as 2' in ran.error


def test_moments() -> None:
    """A span of time counts back from now, a day begins at midnight by the operator's clock."""
    spans: Any = MOMENT

    day_ago = datetime.now(UTC) - timedelta(days=1)

    assert timedelta(0) <= spans.convert("1d", None, None) - day_ago < timedelta(minutes=1)
    with zone(BERLIN):
        midnight = datetime(2026, 11, 19, 23, tzinfo=UTC)
        assert spans.convert("2026-11-20", None, None) == midnight
    assert spans.convert("999999999d", None, None).year > 1990


def left(number: int, reason: str = "") -> RemainingLetter:
    return RemainingLetter(f"{number:08x}", '"a.pdf"', reason)


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        (
            Redrive(
                (ReplayedLetter("a", ""), ReplayedLetter("b", "")), (left(1), left(2), left(3))
            ),
            "2 of 5 messages were replayed; 3 stay in the queue: 00000001, 00000002, 00000003; "
            "see `s3link dlq list`.",
        ),
        (
            Redrive((), (left(1),)),
            "0 of 1 message was replayed; 1 stays in the queue: 00000001; see `s3link dlq list`.",
        ),
        (
            Redrive((), (left(1),), stopped="Stopped: ", is_interrupted=True),
            "Stopped: 0 of 1 message was replayed; 1 stays in the queue: 00000001; "
            "see `s3link dlq list`.",
        ),
        (
            Redrive((), tuple(left(number) for number in range(12))),
            "0 of 12 messages were replayed; 12 stay in the queue: 00000000, 00000001, 00000002, "
            "00000003, 00000004, 00000005, 00000006, 00000007, 00000008, 00000009 and 2 more; "
            "see `s3link dlq list`.",
        ),
        (
            Redrive((), (left(1, "it is nobody's"),)),
            "0 of 1 message was replayed; 1 stays in the queue: 00000001; see `s3link dlq list`, "
            "and take out what can never pass with `s3link dlq drop ID`.",
        ),
        (
            Redrive((ReplayedLetter("a", ""),), (left(1),), stopped="Stopped: ", unread=79_998),
            "Stopped: 1 of about 80,000 messages was replayed; about 79,999 stay in the queue: "
            "00000001 and about 79,998 more; see `s3link dlq list`.",
        ),
    ],
)
def test_the_summary_says_what_stays(done: Redrive, sentence: str) -> None:
    """Some of the ids, for thousands would hide the sentence."""
    assert _summary(done, DEPLOYMENT) == sentence


def test_the_shell_completes_the_commands_of_a_group() -> None:
    """As it does those of s3link itself."""
    asked = {
        "_S3LINK_COMPLETE": "bash_complete",
        "COMP_WORDS": "s3link dlq re",
        "COMP_CWORD": "2",
    }

    ran = subprocess.run(
        [sys.executable, "-c", "from deploy.cli import cli; cli(prog_name='s3link')"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT,
        check=True,
    )

    assert ran.stdout == "plain,redrive\n"

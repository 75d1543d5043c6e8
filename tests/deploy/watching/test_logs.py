"""`s3link logs` as its user sees it."""

from __future__ import annotations

import os
import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.aws.clients import Clients
from tests.deploy.operator import Operator
from tests.tools import started

pytestmark = pytest.mark.slow


@pytest.fixture
def sent(deployed_operator: Operator, tmp_path: Path) -> Operator:
    """A file was sent and its mail has gone."""
    file = tmp_path / "report.pdf"
    file.write_text("A report")
    ran = deployed_operator.s3link("send --wait", file)
    assert ran.exit_code == 0, ran.stderr
    return deployed_operator


def test_one_line_for_each_thing_that_happened(sent: Operator) -> None:
    """Time in UTC, level, and a sentence that names file and recipient; plain off a terminal."""
    ran = sent.s3link("logs")

    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert ran.exit_code == 0, ran.stderr
    assert re.fullmatch(
        rf'{moment}  INFO     Received "report.pdf"\n'
        rf'{moment}  INFO     Mailed "report.pdf" to bob@example.com\n',
        ran.stdout,
    )


def test_logs_for_programs(sent: Operator) -> None:
    """One document, with the ids that tie a record to its mail and its link."""
    [received, mailed] = sent.s3link("logs --output json").document["records"]

    assert (received["file"], received["level"]) == ("report.pdf", "INFO")
    assert mailed["recipient"] == "bob@example.com"
    assert re.fullmatch("[0-9a-f]{32}", mailed["delivery"])
    assert mailed["messageId"]


def test_nothing_to_tell(deployed_operator: Operator) -> None:
    """An empty screen would leave one wondering, and so would an empty time without its begin."""
    earliest = datetime.now(UTC) - timedelta(minutes=11, seconds=1)

    ran = deployed_operator.s3link("logs --since 10m")

    said = re.fullmatch(
        r"Nothing was logged since (.+) UTC; look further back, such as with --since 7d\.\n",
        ran.stdout,
    )
    assert ran.exit_code == 0
    assert said, ran.stdout
    begin = datetime.fromisoformat(f"{said[1]}Z")
    assert earliest <= begin <= datetime.now(UTC) - timedelta(minutes=10)


@pytest.mark.parametrize("since", ["99999d", "999999999d"])
def test_looking_back_further_than_there_were_logs_shows_all(sent: Operator, since: str) -> None:
    """CloudWatch Logs refuses moments before 1970, and Python those before the year 1."""
    ran = sent.s3link(f"logs --since {since}")

    assert ran.exit_code == 0, ran.stderr
    assert 'Received "report.pdf"' in ran.stdout


def test_following_for_programs_is_wrong_usage(embedded_operator: Operator) -> None:
    """One document that never ends would help nobody."""
    ran = embedded_operator.s3link("logs --follow --output json")

    assert (ran.exit_code, ran.error) == (
        2,
        "--output json prints one document and --follow never ends.",
    )


def test_ctrl_c_ends_following_quietly(sent: Operator, embedded_clients: Clients) -> None:
    """It is how one stops reading: exit code 0 and no error."""
    command = [sys.executable, "-m", "deploy", "logs", "--follow", "--config", str(sent.config)]
    with started(command, env={**os.environ, **sent.environment}) as following:
        assert following.stdout and following.stderr
        lines = [following.stdout.readline(), following.stdout.readline()]
        following.send_signal(signal.SIGINT)
        rest, told = following.stdout.read(), following.stderr.read()

    assert lines[1].endswith('Mailed "report.pdf" to bob@example.com\n')
    assert (following.returncode, rest, told) == (0, "", "")


def test_the_portals_log_needs_a_portal(deployed_operator: Operator) -> None:
    """The sentence says how to get one."""
    ran = deployed_operator.s3link("logs --portal")

    assert ran.exit_code == 1
    assert "Stack s3link-generator has no portal" in ran.stderr
    assert "--with portal` adds one." in ran.stderr

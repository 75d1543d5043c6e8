"""`s3link send --wait`: until the ledger says mailed, or the log says why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledger.rows import year_parts

from deploy.aws.polling import Poll
from deploy.deployment import Deployment
from deploy.errors import UploadError
from deploy.local.server import EmbeddedAws
from deploy.sending.sent import Announced, SentFile, SentShare
from deploy.sending.wait import wait_until_mailed
from deploy.watching.deliveries import Ledger
from tests.deploy.log_group import LogGroup, function_line
from tests.deploy.operator import Operator
from tests.deploy.scripted import Clock

pytestmark = pytest.mark.slow

START = datetime(2026, 11, 21, 18, 5, 3, tzinfo=UTC)
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
SENT = SentFile(
    "report.pdf", "report.pdf", "v2", ("Bob@example.com", "dora@example.com"), begun=START
)


class LedgerTable:
    """Answers like DynamoDB with the rows that are in it, all in one part of a year."""

    def __init__(self, *rows: dict[str, dict[str, str]]) -> None:
        self._rows = list(rows)
        self._later: list[dict[str, dict[str, str]]] = []

    def later(self, row: dict[str, dict[str, str]]) -> None:
        """The row is there only after somebody has waited."""
        self._later.append(row)

    def time_passes(self) -> None:
        if self._later:
            self._rows.append(self._later.pop(0))

    def query(self, **request: Any) -> dict[str, Any]:
        part = request["ExpressionAttributeValues"][":part"]["S"]
        return {"Items": self._rows if part == year_parts(START.year)[3] else []}


def row(recipient: str, version: str = "v2", **more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "DeliveryId": {"S": f"{recipient} {version}"},
        "ReceivedAt": {"S": "2026-11-21T18:05:04.000Z"},
        "File": {"S": "report.pdf"},
        "Version": {"S": version},
        "Recipient": {"S": recipient},
        **more,
    }


def mailed(recipient: str, version: str = "v2") -> dict[str, dict[str, str]]:
    return row(recipient, version, MessageId={"S": "m"})


def wait(table: LedgerTable, group: LogGroup, clock: Clock, sent: Announced = SENT) -> None:
    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        table.time_passes()

    ledger = Ledger(table, "ledger", timedelta(days=1))  # type: ignore[arg-type]
    poll = Poll(sleep)
    wait_until_mailed(
        group, DEPLOYMENT, "log", ledger, [sent], START, poll, clock=lambda: clock.now
    )


def failure(table: LedgerTable, group: LogGroup, sent: Announced = SENT) -> str:
    with pytest.raises(UploadError) as failed:
        wait(table, group, Clock(), sent)
    return str(failed.value)


def test_it_ends_when_everybody_was_mailed() -> None:
    """Each recipient of this version, however their address is written."""
    clock = Clock()
    table = LedgerTable(mailed("bob@example.com"), row("dora@example.com"))
    table.later(mailed("dora@example.com"))

    wait(table, LogGroup(), clock)

    assert 0 < clock.now < 2


def test_mails_of_another_version_do_not_count() -> None:
    """Somebody else may have sent a file under the same name."""
    table = LedgerTable(mailed("bob@example.com", "v1"), mailed("dora@example.com", "v1"))

    assert failure(table, LogGroup()) == (
        'All files arrived, but "report.pdf" was not mailed within 120 seconds; LinkGenerator may '
        "still be at it, see `s3link logs`."
    )


def test_the_first_failure_is_told_at_once() -> None:
    """With LinkGenerator's own sentence, which names the file and the reason."""
    group = LogGroup(
        function_line(
            "ERROR",
            '"report.pdf" was not announced: its link could not be made.',
            file="report.pdf",
            version="v2",
            failure="FileNotReadable",
        )
    )

    assert failure(LedgerTable(), group) == (
        'The file arrived, but "report.pdf" was not announced: its link could not be made; '
        "see `s3link logs`."
    )


def test_a_file_that_is_left_out_is_not_waited_for() -> None:
    """Nobody is mailed an empty file that another one has replaced."""
    group = LogGroup(
        function_line(
            "INFO",
            '"report.pdf" was empty, and was replaced or deleted at once',
            file="report.pdf",
            version="v2",
            outcome="replaced",
        )
    )

    assert failure(LedgerTable(), group) == (
        'The file arrived, but "report.pdf" was empty, and was replaced or deleted at once; '
        "see `s3link logs`."
    )


def test_a_share_is_waited_for_by_its_manifest() -> None:
    """Whose row and log are the share's; people know it by its title."""
    file = replace(SENT, key="a.pdf", version_id="v1")
    share = SentShare(
        *("20261130-9f86d081", "report.pdf", "v2", "a.pdf and 1 more file"),
        *(8, SENT.recipients, START, (file, file), True),
    )
    line = function_line(
        *("ERROR", "No file of it was announced: one is gone."),
        **{"file": "report.pdf", "version": "v2", "failure": "InvalidShare"},
    )
    of_a_file = function_line(
        "INFO", "It belongs to a share", file="a.pdf", version="v1", outcome="skipped"
    )

    wait(
        LedgerTable(mailed("bob@example.com"), mailed("dora@example.com")),
        *(LogGroup(of_a_file), Clock(), share),
    )

    assert failure(LedgerTable(), LogGroup(of_a_file, line), share) == (
        "The files arrived, but No file of it was announced: one is gone; see `s3link logs`."
    )
    assert failure(LedgerTable(), LogGroup(), share).startswith(
        'All files arrived, but "a.pdf and 1 more file" was not mailed within 120 seconds; '
    )


def test_send_waits_for_the_mail(deployed_operator: Operator, tmp_path: Path) -> None:
    """From the upload through the function to the ledger."""
    file = tmp_path / "report.pdf"
    file.write_text("A report")

    ran = deployed_operator.s3link("send --wait --to dora@example.com", file)

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == 'Sent "report.pdf"; a link goes to dora@example.com.\n'
    assert ran.stderr.endswith("Every recipient was mailed.\n")


def test_send_tells_what_ses_refused(
    deployed_operator: Operator, embedded_aws: EmbeddedAws, tmp_path: Path
) -> None:
    """The file is there, which is told, and its link is not on its way: exit code 1 and why."""
    embedded_aws.services.stop("ses")
    file = tmp_path / "report.pdf"
    file.write_text("A report")

    ran = deployed_operator.s3link("send --wait --output json", file)

    assert ran.exit_code == 1
    assert [sent["key"] for sent in ran.document["sent"]] == ["report.pdf"]
    assert ran.error.startswith('The file arrived, but "report.pdf" was not mailed to ')
    assert "bob@example.com" in ran.error

"""No token, nonce, signed URL, note or mail of the portal is found in anything that a run leaves.

As tests/e2e/test_no_secret_anywhere.py looks for what direct links could leave.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.server import EmbeddedAws
from tests.e2e.places import (
    SIGNED,
    Places,
    as_written,
    listening,
    places_of,
    search,
    session_secrets,
)
from tests.e2e.portal_run import NOTE, Handed, WithPrograms, everything_happens

pytestmark = pytest.mark.slow

# Words of the portal's mails that stand nowhere else.
MAIL_TEXT = ("whoever has it may be able", "asked for the links to what is shared")
PLANTED = "nonce=" + "5eed" * 10 + "5ee"


@dataclass(frozen=True)
class Run:
    """A deployment after everything has happened to its portal."""

    portal: WithPrograms
    handed: Handed
    said: str

    def places(self) -> Places:
        """All that can be read, by where it stands."""
        return {
            **places_of(self.portal, self.said),
            "links": json.dumps(self.rows("LinksTable")),
            "nonces": json.dumps(self.rows("NoncesTable")),
            "counts": json.dumps(self.rows("RequestCountsTable")),
            "dead letters": self.handed.letters + self.portal.dead_letters("PortalDeadLetterQueue"),
            "access log": "\n".join(self.access_log()),
        }

    def rows(self, table: str) -> list[dict[str, Any]]:
        client = self.portal.account.client("dynamodb")
        return list(client.scan(TableName=self.portal.names[table])["Items"])

    def access_log(self) -> list[str]:
        groups = (self.portal.names[f"{api}LogGroup"] for api in ("PortalApi", "ProgramsApi"))
        return [line for group in groups for line in self.portal.account.log_messages(group)]

    def secrets(self) -> set[str]:
        """What must be nowhere. Half a token opens nothing, and is looked for all the same."""
        tokens = self.handed.tokens
        found = {*SIGNED, NOTE, *MAIL_TEXT, *session_secrets(), *self.handed.signatures, *tokens}
        # The first half of a token is the link's id, which is no secret.
        return as_written(found | {token[22:] for token in tokens})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with listening() as said, EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        parameters = {"NotifyOnDownload": "admin", "ProgramsKeys": "*"}
        portal = WithPrograms(aws, tmp_path_factory.mktemp("operator"), **parameters)
        handed = everything_happens(portal)
        yield Run(portal, handed, "\n".join(said))


def test_everything_happened(run: Run) -> None:
    """The run has links in every state, requests, refusals, faults, dead letters and news."""
    places, log = run.places(), run.places()["logs"]

    assert len(run.handed.tokens) > 12
    assert len(run.handed.signatures) >= 5
    for words in (
        "is downloaded again, as a retry",
        "was refused: UsedUp",
        "was refused: Expired",
        "was refused: Revoked",
        "was refused: Locked",
        "is gone, though a link to it works",
        "from a site that is not on AllowedOrigins was refused",
        "it is not on AuthorizedRecipients",
        "Mailed a reminder",
        "Mailed a link again",
        "The portal could not read a file",
        "The portal could not use its tables",
        "SES did not take the mail",
        "Let a one-time link be followed to",
        "Made a one-time link to",
    ):
        assert words in log, words
    assert "asked for were not mailed" in places["dead letters"]
    assert "Downloaded: once.pdf" in places["mails to the admin"]
    assert {json.loads(line)["route"] for line in run.access_log()} >= {
        "ANY /d/{token}",
        "POST /request-link",
        "GET /access-object",
        "GET /presigned-url",
        "POST /complete-upload",
        "POST /generate-url",
    }
    silent = {place for place, text in places.items() if not text}
    assert silent <= {"this process's log"}


def test_no_secret_of_the_portal_is_found_anywhere(run: Run) -> None:
    """Neither tokens and nonces, whole or half, nor what they led to, nor notes and mails."""
    assert search(run.places(), run.secrets()) == set()


def test_the_tables_have_hashes_of_the_tokens_only(run: Run) -> None:
    """Every token that was handed out is known by its SHA-256 alone."""
    known = {one for row in run.rows("LinksTable") for one in row["TokenHashes"]["SS"]}
    known |= {row["NonceHash"]["S"] for row in run.rows("NoncesTable")}

    assert {hashlib.sha256(token.encode()).hexdigest() for token in run.handed.tokens} <= known


def test_the_table_of_counts_names_nobody(run: Run) -> None:
    """Who asked, and from where, is there as a hash."""
    counts = run.places()["counts"]

    assert run.rows("RequestCountsTable")
    assert "@" not in counts
    assert "127.0.0.1" not in counts


def _in_the_log(run: Run) -> None:
    _write_line(run, "PortalLogGroup")


def _in_the_access_log(run: Run) -> None:
    _write_line(run, "PortalApiLogGroup")


def _write_line(run: Run, group: str) -> None:
    logs, name = run.portal.account.client("logs"), run.portal.names[group]
    logs.create_log_stream(logGroupName=name, logStreamName="planted")
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps({"route": PLANTED})}
    logs.put_log_events(logGroupName=name, logStreamName="planted", logEvents=[event])


def _in_a_table(run: Run, table: str, key: str) -> None:
    item = {key: {"S": "planted"}, "Note": {"S": PLANTED}, "TokenHashes": {"SS": ["x"]}}
    run.portal.account.client("dynamodb").put_item(TableName=run.portal.names[table], Item=item)


def _in_the_queue(run: Run) -> None:
    run.portal.account.client("sqs").send_message(
        QueueUrl=run.portal.names["PortalDeadLetterQueue"], MessageBody=PLANTED
    )


@pytest.mark.parametrize(
    ("place", "plant"),
    [
        ("logs", _in_the_log),
        ("access log", _in_the_access_log),
        ("links", lambda run: _in_a_table(run, "LinksTable", "LinkId")),
        ("nonces", lambda run: _in_a_table(run, "NoncesTable", "NonceHash")),
        ("counts", lambda run: _in_a_table(run, "RequestCountsTable", "CountId")),
        ("dead letters", _in_the_queue),
    ],
)
def test_a_planted_secret_is_found(run: Run, place: str, plant: Callable[[Run], None]) -> None:
    """The search reads each place: a nonce that is put there is found there."""
    nonce = PLANTED.partition("=")[2]
    assert (place, nonce) not in search({place: run.places()[place]}, {nonce})

    plant(run)

    assert search({place: run.places()[place]}, {nonce}) == {(place, nonce)}

"""No link, token, key, note or mail is found in anything that a whole run leaves behind.

A deployment mails, bounces, refuses, dead-letters and replays; then everything that an operator, or
whoever else may read logs, could read is searched. That the search finds what there is, is shown by
planting a signature in each place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.e2e.places import (
    SIGNED,
    Places,
    as_written,
    listening,
    places_of,
    search,
    session_secrets,
)
from tests.e2e.whole_run import NOTE, everything_happens
from tests.mails import link_in
from tests.waiting import until

pytestmark = pytest.mark.slow

# Words of the mail that stand nowhere else.
MAIL_TEXT = ("This link is for you alone", "A file has been shared with you")
PLANTED = "X-Amz-Signature=" + "5eed" * 16


@dataclass(frozen=True)
class Run:
    """A deployment after everything has happened to it, and the links that it mailed."""

    deployed: Deployed
    links: tuple[str, ...]
    # Before they were replayed.
    dead_letters: str
    said: str

    def places(self) -> Places:
        """All that can be read, by where it stands."""
        letters = self.dead_letters + self.deployed.dead_letters()
        return {**places_of(self.deployed, self.said), "dead letters": letters}

    def secrets(self) -> set[str]:
        """What must be nowhere: the parts of each link, each session's keys, words of the mail."""
        found = {*SIGNED, NOTE, *MAIL_TEXT, *session_secrets()}
        for link in self.links:
            query = parse_qs(urlsplit(link).query)
            found |= {query["X-Amz-Signature"][0], query["X-Amz-Security-Token"][0]}
        return as_written(found)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with listening() as said, EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        deployed = Deployed(aws, tmp_path_factory.mktemp("operator"))
        letters = everything_happens(deployed)
        links = tuple(link_in(mail) for mail in deployed.mails())
        yield Run(deployed, links, letters, "\n".join(said))


def test_everything_happened(run: Run) -> None:
    """The run has mails, every kind of fate, refusals, dead letters, alarms and bad news."""
    places = run.places()

    assert len(run.links) == 3  # what bounces, and what is reported as spam, is in no inbox
    assert sorted(set(run.deployed.fates().values())) == ["Bounced", "Complained", "Delivered"]
    for word in ("UnauthorizedRecipient", "InvalidRecipient", "InvalidExpiry", "FileNotReadable"):
        assert word in places["logs"]
    for words in (
        "late.pdf",
        "not on AuthorizedRecipients: eve@evil.example",
        "was not mailed to 1 of its recipients",
        "is not an event that SES publishes",
    ):
        assert words in places["dead letters"]
    assert "Complained" in places["logs"]
    assert "did not get the link to" in places["mails to the admin"]
    assert "bounce@simulator.amazonses.com" in places["terminal"]
    silent = {place for place, text in places.items() if not text}
    assert silent <= {"this process's log"}


def test_no_secret_is_found_anywhere(run: Run) -> None:
    """Neither links and their parts, nor keys and tokens of sessions, nor notes, nor mail text."""
    secrets = run.secrets()

    assert len(secrets) > 12
    assert search(run.places(), secrets) == set()


def _in_the_log(deployed: Deployed) -> None:
    logs, group = deployed.account.client("logs"), deployed.names["FateRecorderLogGroup"]
    logs.create_log_stream(logGroupName=group, logStreamName="planted")
    event = {"timestamp": int(time.time() * 1000), "message": f'{{"message": "{PLANTED}"}}'}
    logs.put_log_events(logGroupName=group, logStreamName="planted", logEvents=[event])


def _in_the_ledger(deployed: Deployed) -> None:
    deployed.account.client("dynamodb").put_item(
        TableName=deployed.names["DeliveriesLedger"],
        Item={
            "DeliveryId": {"S": "planted"},
            "Recipient": {"S": "x"},
            "FateReason": {"S": PLANTED},
        },
    )


def _in_the_queue(deployed: Deployed) -> None:
    deployed.account.client("sqs").send_message(
        QueueUrl=deployed.names["DeadLetterQueue"],
        MessageBody="{}",
        MessageAttributes={"ErrorMessage": {"DataType": "String", "StringValue": PLANTED}},
    )


def _in_a_metric(deployed: Deployed) -> None:
    deployed.account.client("cloudwatch").put_metric_data(
        Namespace="s3link",
        MetricData=[
            {"MetricName": "Mails", "Dimensions": [{"Name": "Link", "Value": PLANTED}], "Value": 1}
        ],
    )


def _in_a_mail_to_the_admin(deployed: Deployed) -> None:
    before = len(deployed.admins_mails)
    deployed.account.client("sns").publish(
        TopicArn=deployed.names["CommonAlarmTopic"], Subject="x", Message=PLANTED
    )
    until(lambda: len(deployed.admins_mails) > before)


def _on_the_terminal(deployed: Deployed) -> None:
    deployed.printed.append(PLANTED)


@pytest.mark.parametrize(
    ("place", "plant"),
    [
        ("logs", _in_the_log),
        ("ledger", _in_the_ledger),
        ("dead letters", _in_the_queue),
        ("metrics", _in_a_metric),
        ("mails to the admin", _in_a_mail_to_the_admin),
        ("terminal", _on_the_terminal),
    ],
)
def test_a_planted_secret_is_found(run: Run, place: str, plant: Callable[[Deployed], None]) -> None:
    """The search reads each place: a signature that is put there is found there."""
    signature = PLANTED.partition("=")[2]
    assert (place, signature) not in search(run.places(), {signature})

    plant(run.deployed)

    assert search({place: run.places()[place]}, {signature}) == {(place, signature)}

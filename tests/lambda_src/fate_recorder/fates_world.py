"""Stands in for what FateRecorder acts on: the ledger after a mail, SES's events, and the admin."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError
from fate_recorder.recording import Services, record_all
from ledger.claims import Claimant, Entry, Ledger
from mail.sending import Reply
from portal_links.store import Links
from tables.service import TableClient

from tests.lambda_src.fakes import EVENTS, NOW
from tests.lambda_src.table import Table

FILE = "bob@example.com/report.pdf"
BOB = "bob@example.com"
DELIVERY = "0123456789abcdef0123456789abcdef"
MESSAGE = "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"
TABLE = "ledger"
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:CommonAlarmTopic"

SesEvent = dict[str, Any]


@cache
def _read(name: str) -> str:
    return (EVENTS / "ses" / name).read_text()


def ses_event(name: str) -> SesEvent:
    """One of the bodies in events/ses/: what SES publishes about DELIVERY, as AWS documents it."""
    body: SesEvent = json.loads(_read(f"{name}.json"))
    return body


def bounce(diagnostic: object) -> SesEvent:
    """A bounce for which the other side's mail server gave this reason."""
    event = ses_event("bounce_permanent")
    event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = diagnostic
    return event


def unknown(event: SesEvent) -> SesEvent:
    """The same about a delivery that the ledger does not know any more."""
    event["mail"]["tags"]["s3link-delivery"] = ["f" * 32]
    return event


def sns_event(*messages: str) -> dict[str, Any]:
    """What Lambda gets when SNS has these messages."""
    envelope: dict[str, Any] = json.loads(_read("as_sns_tells_lambda.json"))
    [record] = envelope["Records"]
    envelope["Records"] = [{**record, "Sns": {**record["Sns"], "Message": m}} for m in messages]
    return envelope


@dataclass(frozen=True)
class AdminMail:
    subject: str
    text: str


class Admin:
    """CommonAlarmTopic and who reads it."""

    def __init__(self) -> None:
        self.mails: list[AdminMail] = []
        self._faults: list[Exception] = []

    def cannot_be_told(self, code: str) -> None:
        """The next publication fails with this code."""
        self._faults.append(ClientError({"Error": {"Code": code}}, "Publish"))

    def cannot_be_reached(self) -> None:
        """The next publication finds nobody."""
        self._faults.append(EndpointConnectionError(endpoint_url="https://sns.example.com"))

    def publish(self, **parameters: str) -> dict[str, str]:
        if self._faults:
            raise self._faults.pop(0)
        assert parameters["TopicArn"] == TOPIC_ARN
        self.mails.append(AdminMail(parameters["Subject"], parameters["Message"]))
        return {"MessageId": "1"}


@dataclass
class FatesWorld:
    """A deployment whose LinkGenerator has just mailed FILE to BOB."""

    table: TableClient = field(default_factory=Table)
    admin: Admin = field(default_factory=Admin)
    now: datetime = NOW + timedelta(minutes=1)
    links: Links | None = None
    file: str = FILE
    name: str = ""

    def __post_init__(self) -> None:
        ledger, claimant = Ledger(self.table, TABLE), Claimant("request-1", "token-1")
        ends = NOW + timedelta(days=91)
        entry = Entry(DELIVERY, "example-files", self.file, "v1", BOB, ends, self.name)
        ledger.claim([entry], claimant, NOW, lambda _: False)
        links_end = NOW + timedelta(hours=5)
        ledger.record(
            {DELIVERY: Reply("Success", MESSAGE)}, claimant, NOW, links_end, lambda _: False
        )

    def hears(self, *events: SesEvent | str) -> None:
        """SES says this, and SNS tells FateRecorder of each by itself."""
        for event in events:
            self.record(sns_event(event if isinstance(event, str) else json.dumps(event)))

    def record(self, event: object) -> None:
        """What FateRecorder does with what Lambda hands it."""
        services = Services(
            self.table, TABLE, self.admin, TOPIC_ARN, lambda: self.now, "files", self.links
        )
        record_all(event, services)

    @property
    def rows(self) -> list[dict[str, Any]]:
        assert isinstance(self.table, Table)
        return self.table.rows

    @property
    def row(self) -> dict[str, Any]:
        [row] = self.rows
        return row

    @property
    def told(self) -> str:
        """The only sentence that the admin got."""
        [mail] = self.admin.mails
        return mail.text

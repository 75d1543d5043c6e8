"""Stands in for what LinkGenerator acts on: a bucket, a mail service, a clock that stands still.

The fakes answer as S3 and SES do, and are told in plain words what shall go wrong.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from function.invocation import Invocation
from ledger.claims import Ledger
from link_generator.announcement import Announced, announce_all
from link_generator.settings import Services, Settings
from portal_links.store import Links
from signing.signer import Signer

from tests.lambda_src.table import Table

EVENTS = Path(__file__).with_name("events")

BUCKET = "example-files"
KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOW = datetime(2026, 11, 21, 13, 5, 30, 250_000, tzinfo=UTC)

ENVIRONMENT = {
    "AccountId": "123456789012",
    "DeploymentName": "files",
    "FileExchangeBucketName": BUCKET,
    "EmailSender": "files@example.com",
    "EmailRecipient": "team@example.com",
    "AuthorizedRecipients": "team@example.com, @example.com",
    "ExchangableObjectsTTL": "1",
    "LinkExpirationPeriod": "18000",
    "ConfigSetName": "s3link-sender-mails",
    "LinkDownloadTemplateName": "s3link-sender-download",
    "LogsTTL": "90",
    "DeliveriesLedgerName": "s3link-generator-DeliveriesLedger-1",
}

# What the generator's environment has more where there is a portal.
PORTAL = {
    "PortalUrl": "https://portal.example.com",
    "LinksTableName": "s3link-portal-LinksTable-1",
    "MaxDownloads": "0",
}

# What every mail is given of a brand, in a zip that has none.
NO_BRAND = dict.fromkeys(
    ("brandName", "brandNameHtml", "brandColor", "brandText", "brandDark", "brandDarkText"), ""
)


def settings(**parameters: str) -> Settings:
    return Settings.from_environment({**ENVIRONMENT, **parameters})


def event(name: str) -> dict[str, Any]:
    """One of the bodies in events/."""
    body: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return body


def arrival_of(*keys: str, version: str | None = None) -> dict[str, Any]:
    """The event that S3 sends for files with these keys; without a version, in a bucket that has
    none."""
    body = event("put_to_unversioned_bucket")
    [record] = body["Records"]
    body["Records"] = [copy.deepcopy(record) for _ in keys]
    for own_record, key in zip(body["Records"], keys, strict=True):
        own_record["s3"]["object"]["key"] = quote_plus(key, safe="/")
        if version:
            own_record["s3"]["object"]["versionId"] = version
    return body


def people(count: int) -> list[str]:
    """So many addresses that may be mailed."""
    return [f"person{number}@example.com" for number in range(count)]


class Bucket:
    """Answers like an S3 client about the files that were put into it."""

    def __init__(self) -> None:
        self._heads: dict[str, dict[str, Any]] = {}
        self._fault: Exception | None = None
        self._refused: dict[str, str] = {}
        self._unreadable: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._contents: dict[str, bytes] = {}
        self.is_missing = False
        self.heads = 0

    def put(
        self,
        key: str,
        *,
        size: int = 5,
        metadata: dict[str, str] | None = None,
        age: timedelta = timedelta(seconds=1),
        disposition: str = "",
        content: bytes = b"",
    ) -> None:
        """A file that arrived a second ago, perhaps with a Content-Disposition of its own.

        Only of one with `content` more than a first byte may be read.
        """
        if content:
            self._contents[key] = content
            size = len(content)
        self._heads[key] = {
            "ContentLength": size,
            "LastModified": NOW.replace(microsecond=0) - age,
            "Metadata": metadata or {},
            **({"ContentDisposition": disposition} if disposition else {}),
        }

    def remove(self, key: str) -> None:
        """The file is gone, or behind a delete marker."""
        del self._heads[key]

    def archive(self, key: str) -> None:
        """The file was put into a class that has to be restored first."""
        self._heads[key]["StorageClass"] = "GLACIER"

    def keeps_metadata_back(self, key: str) -> None:
        """One of the file's metadata cannot stand in a header."""
        self._heads[key]["MissingMeta"] = 1

    def encodes(self, key: str, encoding: str | None) -> None:
        """The file was uploaded with this Content-Encoding, if any."""
        if encoding:
            self._heads[key]["ContentEncoding"] = encoding

    def encrypts(self, key: str, fault: str | None = None) -> None:
        """The file is under a customer's KMS key; reading it ends with this code, if any."""
        self._heads[key]["SSEKMSKeyId"] = KMS_KEY
        if fault:
            self._unreadable[key] = fault

    def suspends_versioning(self) -> None:
        """From now on, S3 calls the version of all that is there "null"."""
        for head in self._heads.values():
            head["VersionId"] = "null"

    def refuses_with(self, fault: Exception) -> None:
        """Every question about a file ends like this."""
        self._fault = fault

    def refuses_nothing(self) -> None:
        self._fault = None
        self._refused.clear()

    def refuses(self, key: str, code: str) -> None:
        """Questions about this file end with this code."""
        self._refused[key] = code

    def hides_absence(self, key: str) -> None:
        """The file is not there, and S3 does not say so: the role may not list the bucket."""
        self.refuses(key, "403")
        self._hidden.add(key)

    def head_object(self, **parameters: str) -> dict[str, Any]:
        self.heads += 1
        if self._fault:
            raise self._fault
        if code := self._refused.get(parameters["Key"]):
            raise ClientError({"Error": {"Code": code}}, "HeadObject")
        try:
            return self._heads[parameters["Key"]]
        except KeyError:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject") from None

    def get_object(self, **parameters: Any) -> Any:
        """Of most files at most a first byte is read, which must be there."""
        if code := self._unreadable.get(parameters["Key"]):
            raise ClientError({"Error": {"Code": code}}, "GetObject")
        head = self.head_object(**parameters)
        if content := self._contents.get(parameters["Key"]):
            return {"Body": BytesIO(content)}
        assert "Range" in parameters or not head["ContentLength"]
        return {}

    def list_objects_v2(self, **parameters: Any) -> dict[str, Any]:
        if self._fault:
            raise self._fault
        found = sorted({*self._heads, *self._refused} - self._hidden)
        return {"Contents": [{"Key": key} for key in found if key.startswith(parameters["Prefix"])]}

    def list_object_versions(self, **parameters: Any) -> dict[str, Any]:
        keys = [one["Key"] for one in self.list_objects_v2(**parameters)["Contents"]]
        # No file here has an older version.
        keys = [key for key in keys if key != parameters.get("KeyMarker")]
        # As the events of tests have it, where a file does not say so itself.
        versions = [(key, self._heads.get(key, {}).get("VersionId", "v1")) for key in keys]
        return {"Versions": [{"Key": key, "VersionId": version} for key, version in versions]}

    def head_bucket(self, **parameters: str) -> dict[str, Any]:
        if self.is_missing:
            raise ClientError({"Error": {"Code": "404"}}, "HeadBucket")
        return {}

    def generate_presigned_url(self, _operation: str, parameters: dict[str, str]) -> str:
        path = quote(parameters["Key"], safe="/~")
        return f"https://{parameters['Bucket']}.s3.eu-west-1.amazonaws.com/{path}?X-Amz-Date=now"


@dataclass(frozen=True)
class Mail:
    to: str
    data: dict[str, str]
    tags: dict[str, str] = field(default_factory=dict)
    size: int = 0  # bytes of its template data
    reply_to: tuple[str, ...] = ()


class Killed(BaseException):
    """The process is gone, as when Lambda ends it: nothing in it catches this."""


class PostOffice:
    """Answers like an SES client and keeps the mails that it accepted."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.group_sizes: list[int] = []
        self._refusals: dict[str, str] = {}
        self._faults: list[Exception | None] = []
        self._down: Exception | None = None
        self._lost_answers: list[Exception] = []
        self._most_at_once: int | None = None
        self._hangs = False
        self.calls = 0
        self.while_sending: Callable[[], None] = lambda: None

    @property
    def recipients(self) -> list[str]:
        return [mail.to for mail in self.mails]

    def refuses(self, recipient: str, status: str) -> None:
        """The call succeeds, the entry of this recipient does not."""
        self._refusals[recipient] = status

    def refuses_nobody(self) -> None:
        self._refusals.clear()

    def fails(self, *codes: str | None) -> None:
        """The next calls fail as a whole with these codes; None is a call that works."""
        self._faults = [
            ClientError({"Error": {"Code": code}}, "SendBulkTemplatedEmail") if code else None
            for code in codes
        ]

    def takes_at_once(self, most: int) -> None:
        """Calls with more destinations fail as a whole, as often as they come."""
        self._most_at_once = most

    def is_unreachable(self) -> None:
        """From now on, until it is reachable again."""
        self._down = EndpointConnectionError(endpoint_url="https://email.example.com")

    def is_reachable(self) -> None:
        self._down = None

    def answer_is_lost(self, error: Exception | None = None) -> None:
        """The next call is done, and then times out, or ends like this."""
        self._lost_answers.append(
            error or ReadTimeoutError(endpoint_url="https://email.example.com")
        )

    def hangs(self) -> None:
        """From now on calls time out, and nothing is taken."""
        self._hangs = True

    def is_well(self) -> None:
        self._hangs = False

    def send_bulk_templated_email(self, **parameters: Any) -> dict[str, Any]:
        self.calls += 1
        if self._hangs:
            raise ReadTimeoutError(endpoint_url="https://email.example.com")
        if self._down:
            raise self._down
        if self._faults and (fault := self._faults.pop(0)):
            raise fault
        destinations = parameters["Destinations"]
        if self._most_at_once and len(destinations) > self._most_at_once:
            raise ClientError({"Error": {"Code": "Throttling"}}, "SendBulkTemplatedEmail")
        self.group_sizes.append(len(destinations))
        self.while_sending()
        reply_to = tuple(parameters.get("ReplyToAddresses", ()))
        entries = [self._accept(destination, reply_to) for destination in destinations]
        if self._lost_answers:
            raise self._lost_answers.pop(0)
        return {"Status": entries}

    def _accept(self, destination: dict[str, Any], reply_to: tuple[str, ...]) -> dict[str, str]:
        [recipient] = destination["Destination"]["ToAddresses"]
        if status := self._refusals.get(recipient):
            return {"Status": status, "Error": "not this one"}
        tags = {tag["Name"]: tag["Value"] for tag in destination.get("ReplacementTags", [])}
        text = destination["ReplacementTemplateData"]
        self.mails.append(Mail(recipient, json.loads(text), tags, len(text.encode()), reply_to))
        return {"Status": "Success", "MessageId": f"message-{len(self.mails)}"}


SIGNER = Signer(
    ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI", "session/token+of=the+role"),
    "eu-west-1",
    ENVIRONMENT["AccountId"],
)


class Clock:
    """Time that passes only while somebody sleeps, or when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.slept: list[float] = []
        self.while_sleeping: Callable[[], object] = lambda: None
        self._oversleeps_by = timedelta(0)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.while_sleeping()
        self.now += timedelta(seconds=seconds) + self._oversleeps_by

    def oversleeps(self, **time: float) -> None:
        """Each sleep from now on takes this much longer than was asked for."""
        self._oversleeps_by = timedelta(**time)

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


# The time that the template gives LinkGenerator.
TIME_LIMIT = timedelta(seconds=540)


@dataclass(frozen=True)
class World:
    """A deployment without AWS."""

    bucket: Bucket = field(default_factory=Bucket)
    post_office: PostOffice = field(default_factory=PostOffice)
    table: Table = field(default_factory=Table)
    links_table: Table = field(default_factory=Table)
    clock: Clock = field(default_factory=Clock)
    now: datetime = NOW
    readers: int = 1

    @property
    def services(self) -> Services:
        ledger = Ledger(self.table, ENVIRONMENT["DeliveriesLedgerName"])
        links, readers = self.links, self.readers
        return Services(
            self.bucket, self.post_office, ledger, lambda: SIGNER, links, readers=readers
        )

    @property
    def links(self) -> Links:
        return Links(self.links_table, PORTAL["LinksTableName"])

    def announce(
        self, body: object, *, request: str = "request-1", **parameters: str
    ) -> list[Announced]:
        """What LinkGenerator does with an event; Lambda's tries of one event are one request."""
        invocation = Invocation(
            request_id=request,
            ends_at=self.clock.now + TIME_LIMIT,
            clock=lambda: self.clock.now,
            sleep=self.clock.sleep,
            random=lambda: 0.5,
        )
        return announce_all(body, settings(**parameters), self.services, invocation)

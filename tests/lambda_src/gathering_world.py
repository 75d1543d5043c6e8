"""A deployment with GatherPeriod, without AWS: a bucket with versions, the table of gathered files,
and EventBridge Scheduler, whose schedules run when the test says so."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError
from function.invocation import Invocation
from ledger.claims import Ledger
from link_generator.announcement import Announced, announce_all
from link_generator.closing import close_group, is_wake_up
from link_generator.gathered_files import GatheredFiles
from link_generator.settings import Gathering, Services, Settings
from link_generator.wake_ups import WakeUps
from portal_links.store import Links

from tests.lambda_src.fakes import (
    BUCKET,
    ENVIRONMENT,
    PORTAL,
    SIGNER,
    TIME_LIMIT,
    Clock,
    PostOffice,
    arrival_of,
    settings,
)
from tests.lambda_src.table import Table, is_true, plain_row

GATHERING = {
    "GatherPeriod": "60",
    "GatheredFilesName": "s3link-generator-GatheredFiles-1",
    "GatheringScheduleGroupName": "s3link-generator-GatheringScheduleGroup-1",
    "GatheringRoleArn": "arn:aws:iam::123456789012:role/s3link-generator-GatheringRole-1",
    "DeadLetterQueueArn": "arn:aws:sqs:eu-west-1:123456789012:letters",
    "AWS_REGION": "eu-west-1",
    "AWS_LAMBDA_FUNCTION_NAME": "s3link-generator-LinkGenerator-1",
}


@dataclass(frozen=True)
class _Version:
    id: str
    content: bytes
    metadata: dict[str, str]
    arrived_at: datetime
    disposition: str = ""


class VersionedBucket:
    """Answers like an S3 client; `while_putting` is told of the key that arrives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._versions: dict[str, list[_Version]] = {}
        self._deleted: set[str] = set()
        self._archived: set[str] = set()
        self.arrived: Callable[[str, str], object] = lambda key, version: None
        self.faults: list[str] = []

    def put(
        self,
        key: str,
        content: bytes = b"bytes",
        disposition: str = "",
        version: str = "",
        **metadata: str,
    ) -> str:
        """The new version's id; a name in the metadata may have underscores."""
        versions = self._versions.setdefault(key, [])
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        version = version or f"v{len(versions) + 1}"
        versions.append(_Version(version, content, named, self._clock.now, disposition))
        self._deleted.discard(key)
        return version

    def delete(self, key: str) -> None:
        self._deleted.add(key)

    def archive(self, key: str) -> None:
        self._archived.add(key)

    @property
    def manifests(self) -> dict[str, dict[str, Any]]:
        return {
            key: json.loads(versions[-1].content)
            for key, versions in self._versions.items()
            if key.startswith(".s3link/")
        }

    def put_object(self, **given: Any) -> dict[str, Any]:
        assert given["Bucket"] == BUCKET
        if self.faults:
            raise ClientError({"Error": {"Code": self.faults.pop(0)}}, "PutObject")
        key = given["Key"]
        if given.get("IfNoneMatch") == "*" and key in self._versions:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        version = self.put(key, given["Body"])
        self.arrived(key, version)
        return {"VersionId": version}

    def head_object(self, **given: Any) -> dict[str, Any]:
        found = self._find(given)
        return {
            "ContentLength": len(found.content),
            "LastModified": found.arrived_at.replace(microsecond=0),
            "Metadata": found.metadata,
            "VersionId": found.id,
            "ETag": f'"{hash(found.content)}"',
            **({"ContentDisposition": found.disposition} if found.disposition else {}),
            **({"StorageClass": "GLACIER"} if given["Key"] in self._archived else {}),
        }

    def get_object(self, **given: Any) -> dict[str, Any]:
        return {"Body": BytesIO(self._find(given).content)}

    def list_object_versions(self, **given: Any) -> dict[str, Any]:
        versions = self._versions.get(given["Prefix"], [])
        marker = given["VersionIdMarker"]
        before = [one for one in versions if int(one.id[1:]) < int(marker[1:])]
        return {
            "Versions": [
                {
                    "Key": given["Prefix"],
                    "VersionId": one.id,
                    "ETag": f'"{hash(one.content)}"',
                    "Size": len(one.content),
                    "LastModified": one.arrived_at,
                }
                for one in reversed(before)
            ]
        }

    def list_objects_v2(self, **given: Any) -> dict[str, Any]:
        raise AssertionError("LinkGenerator may list the bucket, so that S3 tells it what is gone")

    def head_bucket(self, **given: Any) -> dict[str, Any]:
        return {}

    def generate_presigned_url(self, _operation: str, parameters: dict[str, str]) -> str:
        return f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/{parameters['Key']}?X-Amz-Date=now"

    def _find(self, given: Mapping[str, Any]) -> _Version:
        versions, wanted = self._versions.get(given["Key"], []), given.get("VersionId")
        if wanted is None and versions and given["Key"] not in self._deleted:
            return versions[-1]
        found = next((one for one in versions if one.id == wanted), None)
        if found is None:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return found


class GatheredTable:
    """GatheredFiles in memory: rows by their two keys."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.page_rows = 1000
        self.most_writes = 0
        self._faults: Iterator[str | None] = iter(())

    @property
    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {key: plain_row(item) for key, item in self.items.items()}

    @property
    def left(self) -> list[str]:
        """What is yet to be done: the items of groups."""
        return sorted(item.partition("#")[0] for _, item in self.items if item != "file")

    def fails(self, *codes: str | None) -> None:
        """The next calls fail with these codes and write nothing; None is one that works."""
        self._faults = iter(codes)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._begin("TransactWriteItems")
        self.most_writes = max(self.most_writes, len(TransactItems))
        assert len(TransactItems) <= 100
        writes = [next(iter(item.items())) for item in TransactItems]
        keys = [_key(write.get("Key") or write["Item"]) for _, write in writes]
        assert len(set(keys)) == len(keys)
        reasons = [self._reason(key, write) for key, (_, write) in zip(keys, writes, strict=True)]
        if any(reason["Code"] != "None" for reason in reasons):
            answer: Any = {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": reasons,
            }
            raise ClientError(answer, "TransactWriteItems")
        for key, (kind, write) in zip(keys, writes, strict=True):
            self._apply(key, kind, write)
        return {}

    def delete_item(self, **given: Any) -> dict[str, Any]:
        self._begin("DeleteItem")
        self.items.pop(_key(given["Key"]), None)
        return {}

    def query(self, **given: Any) -> dict[str, Any]:
        self._begin("Query")
        assert given["ConsistentRead"]
        [value] = given["ExpressionAttributeValues"].values()
        found = sorted(key for key in self.items if key[0] == value["S"])
        start = given.get("ExclusiveStartKey")
        left = [key for key in found if start is None or key > _key(start)]
        page = left[: self.page_rows]
        last = {"Subject": {"S": page[-1][0]}, "Item": {"S": page[-1][1]}} if page else {}
        more = {"LastEvaluatedKey": last} if len(left) > len(page) else {}
        return {"Items": [copy.deepcopy(self.items[key]) for key in page], **more}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self._begin("BatchGetItem")
        [(table, wanted)] = RequestItems.items()
        assert wanted["ConsistentRead"]
        assert 0 < len(wanted["Keys"]) <= 100
        keys = [_key(key) for key in wanted["Keys"]]
        found = [copy.deepcopy(self.items[key]) for key in keys if key in self.items]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def get_item(self, **given: Any) -> Any:
        raise NotImplementedError

    def put_item(self, **given: Any) -> Any:
        raise NotImplementedError

    def scan(self, **given: Any) -> Any:
        raise NotImplementedError

    def _begin(self, operation: str) -> None:
        if code := next(self._faults, None):
            raise ClientError({"Error": {"Code": code}}, operation)

    def _reason(self, key: tuple[str, str], write: Mapping[str, Any]) -> dict[str, Any]:
        item = self.items.get(key, {})
        if "ConditionExpression" not in write:
            return {"Code": "None"}
        names = {name[1:]: real for name, real in write["ExpressionAttributeNames"].items()}
        values = {
            name[1:]: value
            for name, value in plain_row(write.get("ExpressionAttributeValues", {})).items()
        }
        if is_true(write["ConditionExpression"], names, values, plain_row(item)):
            return {"Code": "None"}
        told = {"Item": copy.deepcopy(item)} if item else {}
        return {"Code": "ConditionalCheckFailed", **told}

    def _apply(self, key: tuple[str, str], kind: str, write: Mapping[str, Any]) -> None:
        if kind == "Put":
            self.items[key] = copy.deepcopy(write["Item"])
        elif kind == "Delete":
            self.items.pop(key, None)
        else:
            item = self.items.setdefault(key, dict(write["Key"]))
            names, values = write["ExpressionAttributeNames"], write["ExpressionAttributeValues"]
            verb, _, body = write["UpdateExpression"].partition(" ")
            for part in body.split(", "):
                if verb == "SET":
                    name, value = part.split(" = ")
                    item[names[name]] = values[value]
                    continue
                assert verb == "ADD"
                name, value = part.split(" ")
                before, more = item.get(names[name]), values[value]
                if "SS" in more:
                    item[names[name]] = {"SS": sorted({*(before or more)["SS"], *more["SS"]})}
                else:
                    item[names[name]] = {"N": str(int((before or {"N": 0})["N"]) + int(more["N"]))}


class Scheduler:
    """Answers like an EventBridge Scheduler client, and keeps what was made until it has run."""

    def __init__(self) -> None:
        self.made: dict[str, tuple[datetime, Any]] = {}
        self.calls = 0
        self.faults: list[str] = []
        self.given: dict[str, Any] = {}

    def create_schedule(self, **given: Any) -> dict[str, Any]:
        self.calls += 1
        if self.faults:
            raise ClientError({"Error": {"Code": self.faults.pop(0)}}, "CreateSchedule")
        if given["Name"] in self.made:
            raise ClientError({"Error": {"Code": "ConflictException"}}, "CreateSchedule")
        self.given = given
        moment = datetime.strptime(given["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)")
        self.made[given["Name"]] = moment.replace(tzinfo=UTC), json.loads(given["Target"]["Input"])
        return {}

    def due(self, now: datetime) -> list[Any]:
        """The events of those whose time has come, which are gone then."""
        due = sorted(name for name, (moment, _) in self.made.items() if moment <= now)
        return [self.made.pop(name)[1] for name in due]

    def run_next(self, clock: Clock) -> Any:
        """The event of the first one, when its time has come."""
        name = min(self.made, key=lambda name: self.made[name][0])
        moment, event = self.made.pop(name)
        clock.now = max(clock.now, moment)
        return event


@dataclass
class GatheringWorld:
    """A deployment without AWS; what S3 tells of is in `events` until the test runs it."""

    clock: Clock = field(default_factory=Clock)
    post_office: PostOffice = field(default_factory=PostOffice)
    table: Table = field(default_factory=Table)
    links_table: Table = field(default_factory=Table)
    gathered: GatheredTable = field(default_factory=GatheredTable)
    scheduler: Scheduler = field(default_factory=Scheduler)
    events: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=lambda: {**PORTAL, **GATHERING})

    def __post_init__(self) -> None:
        self.bucket = VersionedBucket(self.clock)
        self.bucket.arrived = lambda key, version: self.events.append(
            arrival_of(key, version=version)
        )

    @property
    def settings(self) -> Settings:
        return settings(**self.parameters)

    def services(self, over: Callable[[str, Any], Any] = lambda _, client: client) -> Services:
        """As a new container has them; calls go `over` something, if they shall fail."""
        configured = self.settings
        store, gathering = over("s3", self.bucket), None
        if configured.gathering:
            gathering = Gathering(
                GatheredFiles(over("dynamodb", self.gathered), configured.gathering.table),
                WakeUps(
                    lambda: over("scheduler", self.scheduler),  # type: ignore[no-any-return]
                    configured.gathering.target,
                ),
                store,
            )
        links = Links(over("dynamodb", self.links_table), PORTAL["LinksTableName"])
        return Services(
            store=store,
            mail=over("ses", self.post_office),
            ledger=Ledger(over("dynamodb", self.table), ENVIRONMENT["DeliveriesLedgerName"]),
            signer=lambda: SIGNER,
            links=links if configured.portal else None,
            gathering=gathering,
        )

    def run(
        self, event: Any, request: str = "request-1", services: Services | None = None
    ) -> list[Announced]:
        """What LinkGenerator does with an event."""
        invocation = Invocation(
            request_id=request,
            ends_at=self.clock.now + TIME_LIMIT,
            clock=lambda: self.clock.now,
            sleep=self.clock.sleep,
            random=lambda: 0.5,
        )
        work = close_group if is_wake_up(event) else announce_all
        return work(event, self.settings, services or self.services(), invocation)

    def arrives(self, *keys: str, **metadata: str) -> list[str]:
        """Files come one after the other; how it ended with the event of each."""
        outcomes = []
        for key in keys:
            version = self.bucket.put(key, **metadata)
            [announced] = self.run(arrival_of(key, version=version))
            outcomes.append(str(announced.outcome))
            self.clock.passes(seconds=0.1)
        return outcomes

    def time_passes(self) -> None:
        """All wake-ups run, each in its time, and what comes of them."""
        while self.scheduler.made:
            self.run(self.scheduler.run_next(self.clock))
            self.hears_of_all()

    def hears_of_all(self) -> None:
        while self.events:
            self.run(self.events.pop(0))

    @property
    def mailed(self) -> list[tuple[str, list[str]]]:
        """To whom, and which names, mail by mail."""
        return [
            (mail.to, [one["name"] for one in _listed(mail.data)] or [mail.data["fileName"]])
            for mail in self.post_office.mails
        ]


def _listed(data: Mapping[str, Any]) -> list[dict[str, str]]:
    return list(data.get("files") or [])


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["Subject"]["S"], item["Item"]["S"]

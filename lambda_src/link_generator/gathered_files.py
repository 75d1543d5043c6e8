"""GatheredFiles: which files wait to be mailed together, and which share each has come into.

A file has one row for good, (its id, "file"), and waits by another, (its group, "pending#ID").
A share of its group is "open" while files come into it, one at a time, and "sealed#SHARE" until it
is announced. A file comes into a share and stops to wait in one transaction, and only while that
share is open: so each comes into one share, whatever runs twice, side by side, or dies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from files.uploads import Upload
from tables.rows import Rows, RowsClient
from tables.service import (
    from_dynamodb_row,
    moment_text,
    named_errors,
    to_dynamodb_row,
)
from tables.writes import Write, Writes, WritesClient

SUBJECT, ITEM = "Subject", "Item"
GROUP, SHARE = "Group", "Share"
KEY, VERSION, SIZE, NAME = "Key", "Version", "Size", "Name"
RECIPIENTS = "Recipients"
ARRIVED_AT, OPENED_AT = "ArrivedAt", "OpenedAt"
FILES, COUNT = "Files", "Count"
FAILURES, FAILED_IN = "Failures", "FailedIn"
EXPIRES_AT = "ExpiresAt"  # DynamoDB's time to live, epoch seconds

_FILE, _OPEN = "file", "open"
_PENDING, _SEALED = "pending#", "sealed#"

# TransactWriteItems takes 100 writes: the share's own, and two of each file.
FILES_AT_ONCE = 45
_KEYS_AT_ONCE = 100  # BatchGetItem takes no more

_ID_DIGITS = 32
_NEW = f"attribute_not_exists(#{SUBJECT})"
_THERE = f"attribute_exists(#{SUBJECT})"
# A file that is known, and in no share.
_FREE = f"{_THERE} AND attribute_not_exists(#{SHARE})"
_THIS_SHARE = f"#{SHARE} = :{SHARE}"
# Files are only ever added, so that as many are the same.
_THESE_FILES = f"#{COUNT} = :{COUNT}"


class GatheredClient(RowsClient, WritesClient, Protocol):
    """The part of a DynamoDB client that is used here."""


@dataclass(frozen=True)
class GatheredFile:
    """A file that waits, or waited, for others of its group; `share` once it came into one."""

    id: str
    group: str
    key: str
    version: str
    size: int
    name: str
    recipients: tuple[str, ...]
    share: str = ""


@dataclass(frozen=True)
class Pending:
    """That a file waits, and since when."""

    id: str
    arrived_at: datetime
    key: str


@dataclass(frozen=True)
class Share:
    """Files that are to be mailed together, by their ids; `opened_at` while more may come.

    So many runs have failed at it, the last one of them with the event of the id `failed_in`.
    """

    id: str
    files: frozenset[str]
    opened_at: datetime | None = None
    failures: int = 0
    failed_in: str = ""


@dataclass(frozen=True)
class Group:
    """How it stands with one group."""

    pending: tuple[Pending, ...] = ()
    open: Share | None = None
    sealed: tuple[Share, ...] = ()


def file_id(upload: Upload) -> str:
    """The same for every event of this version."""
    parts = (upload.bucket, upload.key, str(upload.version))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_ID_DIGITS]


@dataclass(frozen=True)
class GatheredFiles:
    """The table. All methods raise TableError when DynamoDB does not do it."""

    client: GatheredClient
    name: str

    def add(self, file: GatheredFile, now: datetime, ends_at: datetime) -> GatheredFile:
        """Let the file wait, unless it is known; gives it as it is known then."""
        row = {
            GROUP: file.group,
            KEY: file.key,
            VERSION: file.version,
            SIZE: file.size,
            RECIPIENTS: list(file.recipients),
            **({NAME: file.name} if file.name else {}),
        }
        ends = {EXPIRES_AT: int(ends_at.timestamp())}
        waits = {ARRIVED_AT: moment_text(now), KEY: file.key}
        refused = self._writes.write_all(
            [
                self._writes.put({**_row(file.id, _FILE), **row, **ends}, _NEW),
                self._writes.put({**_row(file.group, f"{_PENDING}{file.id}"), **waits, **ends}),
            ]
        )
        return _file_of(refused[0]) if refused else file

    def group(self, group: str) -> Group:
        """All that waits, or is to be announced, as it is now."""
        query: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": f"#{SUBJECT} = :{SUBJECT}",
            "ExpressionAttributeNames": {f"#{SUBJECT}": SUBJECT},
            "ExpressionAttributeValues": to_dynamodb_row({f":{SUBJECT}": group}),
        }
        found: list[Mapping[str, Any]] = []
        while True:
            with named_errors():
                answer = self.client.query(**query)
            found += map(from_dynamodb_row, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return _group_of(found)
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def files(self, ids: Iterable[str]) -> list[GatheredFile]:
        """Those that are known, in no order."""
        rows = Rows(self.client, self.name)
        found: list[GatheredFile] = []
        left = iter(sorted(ids))
        while some := [_row(one, _FILE) for one in islice(left, _KEYS_AT_ONCE)]:
            found += map(_file_of, rows.read_all(some))
        return found

    def open(
        self, group: str, share: str, files: Sequence[str], now: datetime, ends_at: datetime
    ) -> bool:
        """Begin a share with at most FILES_AT_ONCE that wait; False when it may not begin."""
        begun = {
            SHARE: share,
            OPENED_AT: moment_text(now),
            FILES: set(files),
            COUNT: len(files),
            EXPIRES_AT: int(ends_at.timestamp()),
        }
        return self._take(
            group, self._writes.put({**_row(group, _OPEN), **begun}, _NEW), share, files
        )

    def extend(self, group: str, share: str, files: Sequence[str]) -> bool:
        """As many more into the open share; False when it is not open any more."""
        extending = self._writes.update(
            _row(group, _OPEN),
            f"ADD #{FILES} :{FILES}, #{COUNT} :{COUNT}",
            _THIS_SHARE,
            {SHARE: share, FILES: set(files), COUNT: len(files)},
        )
        return self._take(group, extending, share, files)

    def seal(self, group: str, share: Share, ends_at: datetime) -> bool:
        """Let nothing more come into it; False when it is not open, or not as it was."""
        sealed = {FILES: set(share.files), EXPIRES_AT: int(ends_at.timestamp())}
        closing = self._writes.delete(
            _row(group, _OPEN),
            f"{_THIS_SHARE} AND {_THESE_FILES}",
            {SHARE: share.id, COUNT: len(share.files)},
        )
        putting = self._writes.put({**_row(group, f"{_SEALED}{share.id}"), **sealed})
        return not self._writes.write_all([closing, putting])

    def failed(self, group: str, share: Share, event: str) -> None:
        """A run of this event has failed at a sealed share; nothing if it was announced since."""
        failures = {FAILURES: share.failures + 1, FAILED_IN: event}
        change = f"SET #{FAILURES} = :{FAILURES}, #{FAILED_IN} = :{FAILED_IN}"
        sealed = _row(group, f"{_SEALED}{share.id}")
        self._writes.write_all([self._writes.update(sealed, change, _THERE, failures)])

    def forget(self, group: str, share: Share) -> None:
        """It has been announced."""
        self._writes.remove(_row(group, f"{_SEALED}{share.id}"))

    def _take(self, group: str, opening: Write, share: str, files: Sequence[str]) -> bool:
        """Write the share, and that these files wait no longer, for they are in it."""
        writes = [opening]
        for one in files:
            waiting, file = _row(group, f"{_PENDING}{one}"), _row(one, _FILE)
            writes.append(self._writes.delete(waiting, _THERE))
            writes.append(self._writes.update(file, f"SET {_THIS_SHARE}", _FREE, {SHARE: share}))
        refused = self._writes.write_all(writes)
        for number, row in refused.items():
            if number and number % 2 == 0 and not row:
                # Its time was over, and DynamoDB removed the file's row, but not yet the other.
                self._writes.remove(_row(group, f"{_PENDING}{files[number // 2 - 1]}"))
        return not refused

    @property
    def _writes(self) -> Writes:
        return Writes(self.client, self.name)


def _row(subject: str, item: str) -> dict[str, str]:
    """The key of a row."""
    return {SUBJECT: subject, ITEM: item}


def _file_of(row: Mapping[str, Any]) -> GatheredFile:
    return GatheredFile(
        id=str(row[SUBJECT]),
        group=str(row[GROUP]),
        key=str(row[KEY]),
        version=str(row[VERSION]),
        size=int(row[SIZE]),
        name=str(row.get(NAME, "")),
        recipients=tuple(map(str, row[RECIPIENTS])),
        share=str(row.get(SHARE, "")),
    )


def _group_of(rows: Sequence[Mapping[str, Any]]) -> Group:
    pending, opened, sealed = [], None, []
    for row in rows:
        item = str(row[ITEM])
        if item.startswith(_PENDING):
            identifier = item.removeprefix(_PENDING)
            pending.append(Pending(identifier, _moment(row[ARRIVED_AT]), str(row[KEY])))
        elif item.startswith(_SEALED):
            share = Share(item.removeprefix(_SEALED), frozenset(row[FILES]))
            failures, failed_in = int(row.get(FAILURES, 0)), str(row.get(FAILED_IN, ""))
            sealed.append(replace(share, failures=failures, failed_in=failed_in))
        elif item == _OPEN:
            files = frozenset(row[FILES])
            opened = Share(str(row[SHARE]), files, _moment(row[OPENED_AT]))
    pending.sort(key=lambda one: (one.arrived_at, one.id))
    return Group(tuple(pending), opened, tuple(sealed))


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)

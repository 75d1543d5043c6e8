"""What an S3 event says: which object versions arrived; and how it ended with each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from function.text import quoted

from files.errors import EventError

_UNREADABLE = (
    "A record of the event does not say in S3's way which object arrived; nothing was announced "
    "for it. Upload the file again."
)


@dataclass(frozen=True)
class Upload:
    """One object version that arrived. `version` is None when the event and the bucket have none.

    `sequencer` is S3's mark of the event, which its duplicates share. S3 calls it a copy or not;
    `known_as` is the version as which recipients know what was copied onto itself. As a string an
    upload is the key, quoted for a sentence.
    """

    bucket: str
    key: str
    version: str | None
    sequencer: str | None = None
    is_copy: bool = False
    known_as: str | None = None

    def __str__(self) -> str:
        return quoted(self.key)

    def with_version(self, version: str | None) -> Upload:
        return replace(self, version=version)


class Outcome(StrEnum):
    """How it ended with one upload, in LinkGenerator's answer, which a redrive reads."""

    MAILED = "mailed"
    ALREADY_MAILED = "already mailed"
    IN_PROGRESS = "in progress"
    GONE = "gone"
    SKIPPED = "skipped"
    REPLACED = "replaced"
    GATHERED = "gathered"


def records_of(event: object) -> list[Any]:
    """The event's records; none for a body without them, such as that of `s3:TestEvent`."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return records if isinstance(records, list) else []


def is_arrival(record: Any) -> bool:
    """Whether the record is about a created object. Event versions move on and are not read.

    Raises EventError for a record that does not say what happened.
    """
    name = record.get("eventName") if isinstance(record, Mapping) else None
    if not isinstance(name, str):
        raise EventError(_UNREADABLE)
    return name.removeprefix("s3:").startswith("ObjectCreated:")


def upload_of(record: Any, bucket: str) -> Upload:
    """Raises EventError for a record that names no file in `bucket`."""
    try:
        stated_bucket = record["s3"]["bucket"]["name"]
        # Keys arrive encoded as in a query string, a space as "+" (S3 event message structure).
        key = unquote_plus(record["s3"]["object"]["key"], errors="strict")
        key.encode()  # half of a character pair can be in JSON, but not in a key
        version = _text(record["s3"]["object"].get("versionId"))
        sequencer = _text(record["s3"]["object"].get("sequencer"))
    except (AttributeError, KeyError, TypeError, UnicodeError) as exc:
        raise EventError(_UNREADABLE) from exc
    if not key:
        raise EventError(_UNREADABLE)
    if stated_bucket != bucket:
        raise EventError(
            f"{quoted(key)} was not announced: it is in bucket {quoted(str(stated_bucket))}, "
            f"but LinkGenerator serves {quoted(bucket)} only."
        )
    is_copy = record["eventName"].endswith("ObjectCreated:Copy")
    return Upload(bucket, key, version, sequencer, is_copy)


def _text(value: object) -> str | None:
    """An optional value of S3's. Raises TypeError or UnicodeError for what S3 never sends."""
    if value is not None and not isinstance(value, str):
        raise TypeError
    if value:
        value.encode()
    return value or None

"""What a message of a dead-letter queue says: which event failed, why, and when. Pure.

Nothing of a mail is ever shown but its recipients and what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from deploy.lambda_packages import EventError, Upload, is_arrival, quoted, records_of, upload_of
from deploy.patterns import share_of

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef


class LetterKind(StrEnum):
    """Whose event it is."""

    UPLOAD = "upload"
    GATHERING = "gathering"
    MAIL_EVENT = "mail event"
    PORTAL = "portal"
    UNREADABLE = "unreadable"


_KNOWN_BY_ID = {LetterKind.PORTAL, LetterKind.GATHERING}


@dataclass(frozen=True)
class DeadLetter:
    """One message. `about` says in a few words what cannot be told by `uploads`.

    `event` is what its function gets when it is replayed.
    """

    id: str
    event: str
    kind: LetterKind
    uploads: tuple[Upload, ...]
    about: str
    error: str
    error_code: str
    first_attempt: datetime | None
    last_attempt: datetime

    @property
    def title(self) -> str:
        """The files or shares, or what else it is about; harmless on a terminal."""
        return ", ".join(map(_called, self.uploads)) or self.about


def _called(upload: Upload) -> str:
    share = share_of(upload.key)
    return f"share {share}" if share else f"{upload}"


def read_letter(message: MessageTypeDef, bucket: str) -> DeadLetter:
    """The message; one that makes no sense is of the kind UNREADABLE, and `about` says why."""
    kind, uploads, about, begun = _contents(message["Body"], bucket)
    said: Mapping[str, Any] = message.get("MessageAttributes", {})
    return DeadLetter(
        id=message["MessageId"],
        event=_with_id(message) if kind in _KNOWN_BY_ID else message["Body"],
        kind=kind,
        uploads=uploads,
        about=about,
        error=said.get("ErrorMessage", {}).get("StringValue", "").strip(),
        error_code=said.get("ErrorCode", {}).get("StringValue", ""),
        first_attempt=begun,
        # Lambda puts a message here when it gives an event up.
        last_attempt=datetime.fromtimestamp(
            int(message["Attributes"]["SentTimestamp"]) / 1000, UTC
        ),
    )


def _with_id(message: MessageTypeDef) -> str:
    """An event that has no id of its own gets one that is the same in every replay.

    By it LinkMailer knows a task that it has done, and LinkGenerator what it failed at: the tries
    of one event share Lambda's id of it.
    """
    said: Mapping[str, Any] = message.get("MessageAttributes", {})
    request_id = said.get("RequestID", {}).get("StringValue")
    return json.dumps({"id": request_id or message["MessageId"]} | json.loads(message["Body"]))


_Contents = tuple[LetterKind, tuple[Upload, ...], str, datetime | None]


def _contents(body: str, bucket: str) -> _Contents:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return _unreadable("it is not JSON")
    if isinstance(event, dict) and "task" in event:
        return _task(event)
    if isinstance(event, dict) and "gathered" in event:
        return _gathering(event)
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        return _unreadable("it holds no event")
    match [record.get("eventSource") or record.get("EventSource") for record in records]:
        case ["aws:s3", *_]:
            return _upload(event, bucket)
        case ["aws:sns"]:
            return _mail_event(records[0])
    return _unreadable("it holds no event of S3 or SES")


def _unreadable(why: str) -> _Contents:
    return LetterKind.UNREADABLE, (), f"cannot be read, because {why}", None


def _upload(event: Mapping[str, Any], bucket: str) -> _Contents:
    uploads = _uploads_in(event, bucket)
    if not uploads:
        return _unreadable("it names no file that arrived in this deployment's bucket")
    moments = [moment for record in event["Records"] if (moment := _moment(record, "eventTime"))]
    return LetterKind.UPLOAD, uploads, "", min(moments, default=None)


def _uploads_in(event: Mapping[str, Any], bucket: str) -> tuple[Upload, ...]:
    """The files that an S3 event says have arrived, without what LinkGenerator cannot read."""
    found = []
    for record in records_of(event):
        with suppress(EventError):
            if is_arrival(record):
                found.append(upload_of(record, bucket))
    return tuple(found)


def _task(event: Mapping[str, Any]) -> _Contents:
    """What LinkMailer was to do; its events say nothing of when."""
    match event:
        case {"task": "request", "address": str(address)}:
            file = event.get("file")
            what = f"to {quoted(file)}" if isinstance(file, str) else "to all their files"
            about = f"{quoted(address)[1:-1]} asked for links {what}"
        case {"task": "first-download", "linkId": str(link)}:
            about = f"telling of the first download of link {quoted(link)[1:-1]}"
        case {"task": "remind"}:
            about = "reminders that were due"
        case {"task": "resend", "linkIds": [*links]}:
            about = f"mailing again {', '.join(quoted(str(link))[1:-1] for link in links)}"
        case _:
            return _unreadable("it holds no task that LinkMailer knows")
    return LetterKind.PORTAL, (), about, None


def _gathering(event: Mapping[str, Any]) -> _Contents:
    """Which files wait is in the table of gathered files; the event names their group only."""
    match event["gathered"]:
        case str(group):
            about = f"files of group {quoted(group)[1:-1]} that wait to be mailed together"
            return LetterKind.GATHERING, (), about, None
    return _unreadable("it names no group of files that wait")


def _mail_event(record: Mapping[str, Any]) -> _Contents:
    try:
        event = json.loads(record["Sns"]["Message"])
        what = event.get("eventType") or event["notificationType"]
        recipients = [str(address) for address in event["mail"]["destination"]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return _unreadable("it holds no event of S3 or SES")
    about = quoted(f"{what} for {', '.join(recipients)}")[1:-1]
    return LetterKind.MAIL_EVENT, (), about, _moment(record["Sns"], "Timestamp")


def _moment(record: Mapping[str, Any], name: str) -> datetime | None:
    """A moment as AWS writes it, 2026-11-25T06:58:01.123Z."""
    try:
        moment = datetime.fromisoformat(record[name])
    except (LookupError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_order_of_arrival(letters: Iterator[DeadLetter]) -> list[DeadLetter]:
    """SQS gives messages in no order at all."""
    return sorted(letters, key=lambda letter: (letter.last_attempt, letter.id))

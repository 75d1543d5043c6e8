"""Reads a function's log, as records rather than lines. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from deploy.aws.polling import PATIENT, Poll
from deploy.lambda_packages import moment_text, quoted
from deploy.wording import moment

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import FilteredLogEventTypeDef

    from deploy.aws.clients import Clients

# CloudWatch Logs takes some seconds to show a line, and shows the streams' lines in any order.
_LATENESS = timedelta(seconds=60)


@dataclass(frozen=True)
class Record:
    """One line of the log; `fields` is what it carries beside the message."""

    event_id: str
    time: datetime
    level: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The record for reading: time, level, message, and the file and recipient it is about."""
        names = [
            quoted(str(self.fields[name])) for name in ("file", "recipient") if name in self.fields
        ]
        about = [name for name in names if name[1:-1] not in self.message]
        text = quoted(" ".join([self.message, *about]))[1:-1]
        return f"{moment(self.time, exact=True)}  {self.level:<7}  {text}"

    @property
    def raised(self) -> tuple[Any, Any]:
        """Of which run it tells the error: Lambda repeats what the function has logged itself."""
        return self.fields.get("requestId"), self.fields.get("errorMessage")

    def as_dict(self) -> dict[str, Any]:
        known = {"time": moment_text(self.time), "level": self.level, "message": self.message}
        return {**self.fields, **known}


def read_log(clients: Clients, group: str, since: datetime) -> list[Record]:
    """The records since a moment, oldest first, each once: without Lambda's own bookkeeping."""
    pages = clients.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since.timestamp() * 1000)
    )
    found = (_record(event) for page in pages for event in page["events"])
    records = sorted((record for record in found if record), key=lambda record: record.time)
    said = {(record.fields.get("requestId"), record.message) for record in records}
    return [record for record in records if record.raised not in said]


def follow_log(
    clients: Clients, group: str, since: datetime, poll: Poll = PATIENT
) -> Iterator[Record]:
    """The records since a moment and then each new one as it comes, without end.

    Each is given once, also if it comes late; throttled calls are repeated.
    """
    seen: set[str] = set()

    def fresh_records() -> list[Record] | None:
        nonlocal seen
        found = read_log(clients, group, since)
        fresh = [record for record in found if record.event_id not in seen]
        seen = {record.event_id for record in found}
        return fresh or None

    while True:
        fresh = poll.until(fresh_records)
        yield from fresh
        since = max(since, fresh[-1].time - _LATENESS)


def _record(event: FilteredLogEventTypeDef) -> Record | None:
    """One log event; None for Lambda's own bookkeeping. What is not JSON is passed as it is."""
    # CloudWatch Logs promises no eventId; without it, stream, time and text tell lines apart.
    event_id = event.get("eventId") or json.dumps(event, sort_keys=True)
    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    text = event["message"].rstrip()
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        return Record(event_id, time, "", text)
    if "type" in line:
        return _platform_record(event_id, time, line)
    return _function_record(event_id, time, line)


def _function_record(event_id: str, time: datetime, line: dict[str, Any]) -> Record:
    """A line of the function's logger, or the one Lambda writes when the function raised."""
    line.pop("timestamp", None)
    line.pop("stackTrace", None)
    level = str(line.pop("level", None) or line.pop("log_level", ""))
    raised = f"{line.get('errorType', 'Error')}: {line.get('errorMessage', '')}"
    message = str(line.pop("message", raised))
    return Record(event_id, time, level, message, line)


def _platform_record(event_id: str, time: datetime, line: dict[str, Any]) -> Record | None:
    """What Lambda says of a run: told only when nobody else could, as with a timeout."""
    details = line.get("record") or {}
    status = details.get("status", "success")
    if status in ("success", "error"):
        return None
    seconds = details.get("metrics", {}).get("durationMs", 0) / 1000
    message = f"The function ended with {status} after {seconds:.1f} s"
    return Record(event_id, time, "ERROR", message, {"requestId": details.get("requestId")})

"""A log group in CloudWatch Logs whose lines and faults come when a test says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 21, 18, 5, 3, tzinfo=UTC)


def function_line(level: str, message: str, **fields: object) -> str:
    """A line as Lambda's runtime writes what the function logs."""
    return json.dumps(
        {
            "timestamp": "2026-11-21T18:05:03Z",
            "level": level,
            "message": message,
            "logger": "link_generator",
            "requestId": "5b44b3ea",
            **fields,
        }
    )


class LogGroup:
    """Stands for the clients of an account that has this log group only."""

    def __init__(self, *lines: str, has_event_ids: bool = True) -> None:
        self._has_event_ids = has_event_ids
        self.faults: list[Exception] = []
        self._events: list[dict[str, Any]] = []
        self._later: list[tuple[str, datetime]] = []
        for second, line in enumerate(lines):
            self.arrives(line, START + timedelta(seconds=second))

    def arrives(self, line: str, at: datetime = START) -> None:
        moment = int(at.timestamp() * 1000)
        event = {"timestamp": moment, "message": line}
        named = {"eventId": str(len(self._events))} if self._has_event_ids else {}
        self._events.append({**named, **event})

    def later(self, line: str, at: datetime = START) -> None:
        """The line can be read only after somebody has waited."""
        self._later.append((line, at))

    def time_passes(self) -> None:
        if self._later:
            self.arrives(*self._later.pop(0))

    # What the tool calls.

    @property
    def logs(self) -> LogGroup:
        return self

    def get_paginator(self, operation: str) -> LogGroup:
        assert operation == "filter_log_events"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """One event on each page, and empty pages in between, as CloudWatch Logs does."""
        if self.faults:
            raise self.faults.pop(0)
        for event in self._events:
            yield {"events": []}
            if event["timestamp"] >= request["startTime"]:
                yield {"events": [event]}

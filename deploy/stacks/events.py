"""Follows a stack while CloudFormation works on it, and finds the first real failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from deploy.aws.polling import Poll

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackEventTypeDef

    from deploy.aws.clients import Clients

# What CloudFormation says of resources it gave up because another one failed.
_CANCELLED = ("creation cancelled", "update cancelled", "deletion cancelled", "create cancelled")
# A stack's own event with one of these opens an operation.
_OPENING = frozenset(
    {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
)
# A stack's own event with one of these gives the operation up.
_GIVING_UP = frozenset(
    {"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_IN_PROGRESS"}
)
# Reasons that only repeat that something failed, or that somebody asked for it.
_NO_CAUSES = ("The following resource(s) failed", "User Initiated")


@dataclass(frozen=True)
class Event:
    """One line of a stack's history."""

    event_id: str
    time: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    of_stack: bool

    @property
    def is_failure(self) -> bool:
        """A failure of its own, not one that followed from another."""
        cancelled = any(word in self.reason.lower() for word in _CANCELLED)
        return self.status.endswith("_FAILED") and not cancelled

    @property
    def is_cause(self) -> bool:
        """Whether an operation can have failed because of this: a resource, or the stack's own."""
        if not self.of_stack:
            return self.is_failure
        gives_up = self.is_failure or self.status in _GIVING_UP
        return gives_up and bool(self.reason) and not self.reason.startswith(_NO_CAUSES)

    @property
    def is_echo(self) -> bool:
        """Whether it only says that what was begun a moment ago has its physical id now."""
        return self.reason == "Resource creation Initiated"

    @property
    def ends_operation(self) -> bool:
        return self.of_stack and not self.status.endswith("_IN_PROGRESS")

    @property
    def opens_operation(self) -> bool:
        return self.of_stack and self.status in _OPENING


@dataclass(frozen=True)
class History:
    """All events of an operation that is over, and the one that ended it."""

    events: tuple[Event, ...]
    end: Event

    @property
    def cause(self) -> Event | None:
        """The first failure that did not follow from another."""
        return next((event for event in self.events if event.is_cause), None)


def latest_event_id(clients: Clients, stack: str) -> str | None:
    """The id of the newest event of a stack; what comes later is news."""
    newest = next(_newest_first(clients, stack), None)
    return newest.event_id if newest else None


def event_id_before_operation(clients: Clients, stack: str) -> str | None:
    """The id of the event before the operation that is now going on."""
    opened = False
    for event in _newest_first(clients, stack):
        if opened:
            return event.event_id
        opened = event.opens_operation
    return None


def follow_events(
    clients: Clients,
    stack_id: str,
    last_seen: str | None,
    show: Callable[[Event], None],
    poll: Poll,
) -> History:
    """Show every event after `last_seen` as it comes; return them once the operation has ended.

    The end is the stack's own last event, not its status: right after a change set is executed
    the status may still be the one from before.
    """
    seen: dict[str, Event] = {}

    def operation_end() -> Event | None:
        # From the start each time: an event may be listed late, and then before others.
        for event in _after(clients, stack_id, last_seen):
            if event.event_id not in seen:
                seen[event.event_id] = event
                show(event)
        return _end_of(seen.values())

    end = poll.until(operation_end)
    return History(tuple(seen.values()), end)


def _end_of(seen: Iterable[Event]) -> Event | None:
    """The stack's own newest event, if it is an end; those of one time come in any order."""
    own = [event for event in seen if event.of_stack]
    newest = max((event.time for event in own), default=None)
    return next((event for event in own if event.time == newest and event.ends_operation), None)


def _after(clients: Clients, stack: str, last_seen: str | None) -> list[Event]:
    """The events after `last_seen`, oldest first."""
    newer: list[Event] = []
    for event in _newest_first(clients, stack):
        if event.event_id == last_seen:
            break
        newer.append(event)
    return newer[::-1]


def _newest_first(clients: Clients, stack: str) -> Iterator[Event]:
    """A stack's events as CloudFormation lists them; further pages are read only if wanted."""
    pages = clients.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    for page in pages:
        for event in page["StackEvents"]:
            yield _event(event)


def _event(event: StackEventTypeDef) -> Event:
    return Event(
        event_id=event["EventId"],
        time=event["Timestamp"],
        logical_id=event.get("LogicalResourceId", ""),
        physical_id=event.get("PhysicalResourceId", ""),
        type=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""),
        reason=event.get("ResourceStatusReason", ""),
        of_stack=event.get("PhysicalResourceId") == event["StackId"],
    )

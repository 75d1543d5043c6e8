"""Has EventBridge Scheduler invoke LinkGenerator again, once the files of a group may be complete.

Each file has a wake-up after it came, which it may share with others: so none is forgotten. One too
many does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.invocation import Pause

# What the event of a wake-up has, and no other event: the group.
GATHERED = "gathered"
# What a redrive adds: Lambda's id of the event that failed.
EVENT_ID = "id"

# EventBridge Scheduler's own precision is a minute; so files that come at once share a wake-up.
_SLOT = timedelta(seconds=10)
# Beyond what clocks of AWS may differ by.
_MARGIN = timedelta(seconds=2)
_MOST_REMEMBERED = 1000

_THERE_ALREADY = "ConflictException"


class WakeUpError(Exception):
    """EventBridge Scheduler did not take it; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SchedulerClient(Protocol):
    """The part of an EventBridge Scheduler client that is used here."""

    def create_schedule(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Target:
    """Whom to invoke: a function and the role to do so, by their ARNs; where schedules of it are
    kept, and the ARN of the queue for what could not be handed over."""

    function: str
    role: str
    schedule_group: str
    dead_letters: str


@dataclass(frozen=True)
class WakeUps:
    """`client` is called when there is something to make, for most runs make nothing."""

    client: Callable[[], SchedulerClient]
    target: Target
    _made: set[str] = field(default_factory=set)

    def make(self, group: str, moment: datetime, pause: Pause) -> None:
        """Let the group be looked at, not before that moment. Raises WakeUpError."""
        slot = _slot_after(moment)
        name = f"{group}-{slot:%Y%m%dT%H%M%S}"
        if name in self._made:
            return
        tries = 0
        while code := self._create(name, slot, group):
            if not pause(tries):
                raise WakeUpError(code)
            tries += 1
        if len(self._made) >= _MOST_REMEMBERED:
            self._made.clear()
        self._made.add(name)

    def _create(self, name: str, slot: datetime, group: str) -> str:
        """Make the schedule, unless it is there; why not, in AWS's word, if it could not be."""
        try:
            self.client().create_schedule(
                Name=name,
                GroupName=self.target.schedule_group,
                ScheduleExpression=f"at({slot:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self.target.function,
                    "RoleArn": self.target.role,
                    "Input": json.dumps({GATHERED: group}),
                    "DeadLetterConfig": {"Arn": self.target.dead_letters},
                },
            )
        except (ClientError, BotoCoreError) as exc:
            code = code_of(exc)
            return "" if code == _THERE_ALREADY else code
        return ""


def _slot_after(moment: datetime) -> datetime:
    """The first full slot that surely comes after it."""
    after = (moment + _MARGIN).astimezone(UTC)
    seconds = _SLOT.total_seconds()
    return datetime.fromtimestamp((after.timestamp() // seconds + 1) * seconds, UTC)

"""Lambda's queue of events, each of which is tried three times, and the dead letters behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from function.errors import FunctionError
from hypothesis import strategies as st

from tests.lambda_src.fakes import Clock, Killed
from tests.lambda_src.histories.faults import FAULTS, Plan, Wire

# AWS Lambda, "Retry behavior": one minute before the second try, two before the third.
_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
_MOST_ROUNDS = 40


def plans_of(most_calls: int) -> st.SearchStrategy[Plan]:
    """Of runs that make about so many calls."""
    return st.dictionaries(st.integers(0, most_calls), st.sampled_from(FAULTS), max_size=3)


plans = plans_of(8)


@dataclass(frozen=True)
class Event:
    """An event that has yet to be done; `tries` were made, the next not before then."""

    request: str
    body: Any
    at: datetime
    tries: int = 0


@dataclass
class Queue:
    """`function` runs an event over a wire, and raises or says whether nobody else is at it."""

    function: Callable[[Event, Wire], bool]
    clock: Clock
    waiting: list[Event] = field(default_factory=list)
    letters: list[Any] = field(default_factory=list)
    letter: Callable[[Event], Any] = lambda event: event.body  # what its redrive sends
    _requests: count[int] = field(default_factory=count)

    def send(self, body: Any) -> None:
        """Once more, if it came before: then it is another request."""
        self.waiting.append(Event(self._request(), body, self.clock.now))

    def run(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        """Run one of those that wait, when its time has come."""
        event = self.waiting.pop(index % len(self.waiting))
        self.clock.now = max(self.clock.now, event.at)
        if self._outcome(event, plan, twins_plan) is not None:
            return
        if event.tries < len(_DELAYS):
            at = self.clock.now + _DELAYS[event.tries]
            self.waiting.append(replace(event, at=at, tries=event.tries + 1))
        else:
            self.letters.append(self.letter(event))

    def redrive(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        """As `s3link dlq redrive`: what is not done stays."""
        body = self.letters[index % len(self.letters)]
        if self._outcome(Event(self._request(), body, self.clock.now), plan, twins_plan):
            self.letters.remove(body)

    def run_all(self) -> None:
        """Nothing goes wrong any more; what is left is run, and what is dead replayed."""
        for _ in range(_MOST_ROUNDS):
            if not self.waiting and not self.letters:
                return
            self.clock.passes(minutes=1)
            while self.waiting:
                self.run(0, {}, {})
            if self.letters:
                self.redrive(0, {}, {})
        raise AssertionError("it does not come to an end")

    def _outcome(self, event: Event, plan: Plan, twins_plan: Plan) -> bool | None:
        """What the function says; None if it failed. A twin is the same event, or another."""

        def twin() -> None:
            others = [n for n, one in enumerate(self.waiting) if one.at <= self.clock.now]
            if others:
                self.run(others[0], twins_plan, {})
            else:
                self._outcome(event, twins_plan, {})

        try:
            return self.function(event, Wire(self.clock, plan, twin))
        except (FunctionError, Killed):
            return None

    def _request(self) -> str:
        return f"request-{next(self._requests)}"

"""How an upload's event reaches the function, as AWS documents it.

LambdaQueue  S3 invokes the function: Lambda's own queue, "How Lambda handles errors and retries
             with asynchronous invocation"
SqsQueue     S3 writes to an SQS queue that Lambda reads: "Configuring scaling behavior for SQS
             event source mappings"

AWS does not say how Lambda spreads its tries, nor that a free place calls the next event; so here
each throttled event waits for its own time to come.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.simulated.clock import Clock

TIME_LIMIT = 540.0  # seconds, the template's Timeout
COLD_START = (0.3, 0.6)  # seconds
HOUR = 3600.0  # seconds

EVENT_LIVES = 6 * HOUR
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 300.0  # seconds
BACKOFF_SPREAD = (0.5, 1.0)
WAITS_AFTER_ERRORS = (60.0, 120.0)  # seconds

FIRST_POLLERS, POLLERS_PER_MINUTE = 5, 300
POLL_TAKES = 0.02  # seconds
MESSAGE_HIDDEN = 6 * TIME_LIMIT  # AWS: at least six times the function's time limit
MESSAGE_TRIES = 5  # AWS: maxReceiveCount of at least 5
MESSAGE_LIVES = 14 * 24 * HOUR


@dataclass
class Event:
    """One message about an upload; duplicates are events of their own."""

    number: int
    request_id: str
    received_at: float = 0.0
    errors: int = 0
    throttles: int = 0


# Handles the event in the time that is left for it; says whether it ended without an error.
Handler = Callable[[Event], bool]


@dataclass
class Function:
    """LinkGenerator's execution environments: at most `concurrency` are busy at once."""

    clock: Clock
    rng: random.Random
    concurrency: int
    handler: Handler
    busy: int = 0
    runs: int = 0
    cold_starts: int = 0
    busy_seconds: float = 0.0
    _warm: int = 0

    def invoke(self, event: Event, done: Callable[[Event, bool], None]) -> bool:
        """False, at once, when all of its concurrency is used."""
        if self.busy >= self.concurrency:
            return False
        self.busy += 1
        self.runs += 1
        starts_in = 0.0
        if self._warm:
            self._warm -= 1
        else:
            self.cold_starts += 1
            starts_in = self.rng.uniform(*COLD_START)
        self.clock.at(self.clock.now + starts_in, lambda: self._begin(event, done))
        return True

    def _begin(self, event: Event, done: Callable[[Event, bool], None]) -> None:
        began_at = self.clock.now

        def work() -> None:
            well = self.handler(event)
            self.busy -= 1
            self._warm += 1
            self.busy_seconds += self.clock.now - began_at
            done(event, well)

        self.clock.start(work, TIME_LIMIT)


@dataclass
class LambdaQueue:
    """S3 → Lambda. `dead` are the events in DeadLetterQueue."""

    function: Function
    dead: list[Event] = field(default_factory=list)
    throttles: int = 0

    def receive(self, event: Event) -> None:
        event.received_at = self._clock.now
        self._try(event)

    @property
    def _clock(self) -> Clock:
        return self.function.clock

    def _try(self, event: Event) -> None:
        if self.function.invoke(event, self._done):
            return
        self.throttles += 1
        backoff = min(FIRST_BACKOFF * 2.0 ** min(event.throttles, 20), LONGEST_BACKOFF)
        event.throttles += 1
        self._again(event, backoff * self.function.rng.uniform(*BACKOFF_SPREAD))

    def _done(self, event: Event, well: bool) -> None:
        if well:
            return
        if event.errors == len(WAITS_AFTER_ERRORS):
            self.dead.append(event)
            return
        event.errors += 1
        event.throttles = 0
        self._again(event, WAITS_AFTER_ERRORS[event.errors - 1])

    def _again(self, event: Event, seconds: float) -> None:
        moment, end = self._clock.now + seconds, event.received_at + EVENT_LIVES
        if moment < end:
            self._clock.at(moment, lambda: self._try(event))
        else:
            self._clock.at(max(end, self._clock.now), lambda: self.dead.append(event))


@dataclass
class SqsQueue:
    """S3 → SQS → Lambda with maximum concurrency and batches of one message."""

    function: Function
    dead: list[Event] = field(default_factory=list)
    throttles: int = 0
    _waiting: deque[Event] = field(default_factory=deque)
    _began_at: float | None = None

    def receive(self, event: Event) -> None:
        event.received_at = self._clock.now
        if self._began_at is None:
            self._began_at = self._clock.now
            self._grow()
        self._arrive(event)

    @property
    def _clock(self) -> Clock:
        return self.function.clock

    def _arrive(self, event: Event) -> None:
        self._waiting.append(event)
        self._clock.at(self._clock.now + POLL_TAKES, self._poll)

    def _poll(self) -> None:
        """A free poller takes the next message; with none free, the next that is free does."""
        while self._waiting and self.function.busy < self._pollers():
            event = self._waiting.popleft()
            # Each time that Lambda receives a message it is a request of its own.
            event.request_id += "'"
            self.function.invoke(event, self._done)

    def _pollers(self) -> int:
        minutes = (self._clock.now - (self._began_at or 0.0)) / 60
        return min(self.function.concurrency, int(FIRST_POLLERS + POLLERS_PER_MINUTE * minutes))

    def _grow(self) -> None:
        self._poll()
        if self._pollers() < self.function.concurrency:
            self._clock.at(self._clock.now + 1.0, self._grow)

    def _done(self, event: Event, well: bool) -> None:
        self._clock.at(self._clock.now + POLL_TAKES, self._poll)
        if well:
            return
        event.errors += 1
        hidden_until = self._clock.now + MESSAGE_HIDDEN
        if event.errors == MESSAGE_TRIES or hidden_until > event.received_at + MESSAGE_LIVES:
            self.dead.append(event)
        else:
            self._clock.at(hidden_until, lambda: self._arrive(event))

"""One invocation: its id, its clock and its end. Waiting happens here and nowhere else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

# Full jitter: a random part of a limit that doubles with each try (AWS Architecture Blog,
# "Exponential Backoff And Jitter"). It stays short, for SES gives out its rate second by second:
# in simulation (benchmarks/simulated, seed 1) 1,000 uploads at 200 mails a second took 1.15 × the
# ideal time with at most 2 s, 1.45 × with 5 s and 1.84 × with 10 s, which ask SES less often.
_FIRST_LIMIT = 0.25  # seconds
_LAST_LIMIT = 2.0  # seconds

# What one more try may take: a claim, a call to SES and a record, each with a slow answer.
_ONE_TRY = timedelta(seconds=45)

_FEW_TRIES = 4

# Waits before another try, after so many; says whether there was time left to do so.
Pause = Callable[[int], bool]


class Context(Protocol):
    """What Lambda says about one invocation."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


@dataclass(frozen=True)
class Invocation:
    """`ends_at` is when Lambda stops the function; `random` gives numbers from 0 to 1."""

    request_id: str
    ends_at: datetime
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    random: Callable[[], float]

    @property
    def has_time(self) -> bool:
        """Whether one more try would be done before the end."""
        return self.clock() + _ONE_TRY <= self.ends_at

    def wait_until(self, moment: datetime) -> None:
        """Wait, unless too little time would be left for what is to be done then."""
        if moment + _ONE_TRY <= self.ends_at:
            self.sleep(max((moment - self.clock()).total_seconds(), 0))

    def pause_a_few_times(self, tries: int) -> bool:
        """As `pause`, where nothing is lost by giving up soon: what failed is tried again later."""
        return tries + 1 < _FEW_TRIES and self.pause(tries)

    def pause(self, tries: int) -> bool:
        """Wait before another try, after so many; False, without waiting, when time is short."""
        if not self.has_time:
            return False
        limit = min(_FIRST_LIMIT * 2 ** min(tries, 10), _LAST_LIMIT)
        self.sleep(self.random() * limit)
        return True


def invocation_of(context: Context) -> Invocation:
    """The invocation in hand, with the real clock."""
    return Invocation(
        request_id=context.aws_request_id,
        ends_at=utc_now() + timedelta(milliseconds=context.get_remaining_time_in_millis()),
        clock=utc_now,
        sleep=time.sleep,
        random=random.random,
    )


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)

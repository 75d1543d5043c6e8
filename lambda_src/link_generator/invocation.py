"""One invocation: its id, its clock and its end. Waiting happens here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Full jitter: a random part of a limit that doubles with each try (AWS Architecture Blog,
# "Exponential Backoff And Jitter"). It stays short, for SES gives out its rate second by second,
# and the same for all who have waited long, so that each has the same chance. With 5 s or 10 s in
# place of 2 s, bursts of 100 and 1,000 uploads miss 1.1 × the ideal time (benchmarks/burst.py).
_FIRST_LIMIT = 0.25  # seconds
_LAST_LIMIT = 2.0  # seconds

# What one more try may take: a claim, a call to SES and a record, each with a slow answer.
_ONE_TRY = timedelta(seconds=45)


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

    def pause(self, tries: int) -> bool:
        """Wait before another try, after so many; False, without waiting, when time is short."""
        if not self.has_time:
            return False
        limit = min(_FIRST_LIMIT * 2 ** min(tries, 10), _LAST_LIMIT)
        self.sleep(self.random() * limit)
        return True

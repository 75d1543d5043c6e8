"""Asks AWS the same question until it has an answer, at a pace that AWS can bear."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_code, is_transient

Answer = TypeVar("Answer")

# Short enough that the end of a deployment is noticed within a second.
PACE_SECONDS = 0.6
# While AWS throttles or the network is away, the wait doubles up to this.
_LONGEST_WAIT_SECONDS = 15.0
# Failed tries in a row after which we give up: about ten minutes of outage.
_MOST_FAILURES = 45
# One or two happen; from so many on, whoever waits wants to know why.
_TOLD_FAILURES = 3


@dataclass(frozen=True)
class Poll:
    """How to wait between questions, and whom to tell that AWS cannot answer for longer."""

    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    tell: Callable[[Exception], None] = lambda exc: None

    def until(self, ask: Callable[[], Answer | None]) -> Answer:
        """Ask until the answer is not None, and again while AWS cannot answer."""
        while (answer := self.retry(ask)) is None:
            self.sleep(PACE_SECONDS)
        return answer

    def retry(self, ask: Callable[[], Answer]) -> Answer:
        """Ask once, and again only while AWS cannot answer.

        A throttled call or a blip of the network is not an answer: AWS goes on with its work, so we
        ask again. Any other error passes, as does one that does not end.
        """
        failures = 0
        while True:
            try:
                return ask()
            except (ClientError, BotoCoreError) as exc:
                failures += 1
                if not is_transient(exc) or failures > _MOST_FAILURES:
                    raise
                if failures == _TOLD_FAILURES:
                    self.tell(exc)
            self.sleep(self._wait_after(failures))

    def _wait_after(self, failures: int) -> float:
        longest = min(_LONGEST_WAIT_SECONDS, PACE_SECONDS * 2.0 ** min(failures, 10))
        return longest * (0.5 + self.random() / 2)


PATIENT = Poll()


def telling(poll: Poll, say: Callable[[str], None]) -> Poll:
    """The same, but it says once that AWS cannot answer, however many questions wait for it."""
    told = Event()

    def tell(exc: Exception) -> None:
        if not told.is_set():
            told.set()
            cause = error_code(exc) if isinstance(exc, ClientError) else type(exc).__name__
            say(f"AWS cannot answer ({cause}); trying again, for up to ten minutes.")

    return replace(poll, tell=tell)

"""Holds answers back, and counts how many had to be waited for one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """How many calls there were, and how many of them the longest chain has."""

    calls: int
    chain: int


class Rounds:
    """Answers nobody before all have asked who can: a call that comes later needed an answer.

    So the number of rounds is the length of the longest chain of calls, whatever the machine's
    speed, as long as it takes no `quiet` seconds to make a call that waits for none.
    """

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._changed = threading.Condition()
        self._waiting = self._calls = self._round = 0
        self._came_at = 0.0
        self._is_over = False

    def enter(self) -> None:
        """Come back when it is time to answer."""
        with self._changed:
            mine = self._round
            self._calls += 1
            self._waiting += 1
            self._came_at = time.monotonic()
            self._changed.wait_for(lambda: self._round > mine or self._is_over)

    def counted(self) -> Counted:
        return Counted(self._calls, self._round)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let rounds end, as long as the block lasts; all go through afterwards."""
        thread = threading.Thread(target=self._end_rounds, daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()
            thread.join()

    def _end_rounds(self) -> None:
        while not self._is_over:
            time.sleep(self._quiet / 10)
            with self._changed:
                if self._waiting and time.monotonic() - self._came_at > self._quiet:
                    self._waiting = 0
                    self._round += 1
                    self._changed.notify_all()


class Delay:
    """Each answer takes so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def enter(self) -> None:
        time.sleep(self._seconds)

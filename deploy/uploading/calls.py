"""Runs calls of S3 side by side, for as long as anybody wants them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Calls:
    """The calls of all uploads of a command, in one pool.

    Once `stopped`, no call is begun any more, and of a file nothing more is read. A call whose
    body was read to its end is waited for: what it sent may arrive. `no_more_files` is milder:
    those under way go on.
    """

    running: ThreadPoolExecutor
    stopped: Event = field(default_factory=Event)
    no_more_files: Event = field(default_factory=Event)

    def begin(self, call: Callable[[], Answer]) -> Future[Answer]:
        """Have it made as soon as it is its turn."""

        def unless_stopped() -> Answer:
            self.go_on()
            return call()

        return self.running.submit(unless_stopped)

    def go_on(self) -> None:
        """Raise KeyboardInterrupt once it was pressed; botocore lets it pass and tries no more."""
        if self.stopped.is_set():
            raise KeyboardInterrupt

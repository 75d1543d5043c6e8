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
    """The calls of all uploads of a command, in one pool, and in another those that send parts.

    Parts come in the order of the files, and none keeps a file from its end whose parts are there.
    Once `stopped`, no call is begun any more, and of a file nothing more is read. A call whose
    body was read to its end is waited for: what it sent may arrive. `no_more_files` is milder:
    those under way go on.
    """

    running: ThreadPoolExecutor
    running_parts: ThreadPoolExecutor
    stopped: Event = field(default_factory=Event)
    no_more_files: Event = field(default_factory=Event)

    def begin(self, call: Callable[[], Answer]) -> Future[Answer]:
        """Have it made as soon as it is its turn."""
        return self.running.submit(self._unless_stopped, call)

    def begin_part(self, call: Callable[[], Answer]) -> Future[Answer]:
        """The same, for one that sends a part or reads one from the disk."""
        return self.running_parts.submit(self._unless_stopped, call)

    def _unless_stopped(self, call: Callable[[], Answer]) -> Answer:
        self.go_on()
        return call()

    def go_on(self) -> None:
        """Raise KeyboardInterrupt once it was pressed; botocore lets it pass and tries no more."""
        if self.stopped.is_set():
            raise KeyboardInterrupt

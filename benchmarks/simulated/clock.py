"""Simulated time for code that calls `sleep` and blocks.

Each handler that is under way has a thread, but only one thread runs at a time: whoever waits
looks up what happens next, does it, and hands over to the handler whose turn it is. What happens
depends on the seed alone, never on the machine's scheduler. Threads are used again and again.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class TimeLimitReached(BaseException):
    """Lambda stops the function where it is; no code of it may catch this."""


class Clock:
    """Seconds since the first upload, and what is going to happen when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.task: Task | None = None
        self._happenings: list[tuple[float, int, Any]] = []
        self._count = 0
        self._idle: list[_Worker] = []
        self._workers: list[_Worker] = []
        self._over = threading.Event()
        self._failure: BaseException | None = None

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Let `action` happen then. It must not wait."""
        self._add(moment, action)

    def start(self, work: Callable[[], None], seconds: float) -> None:
        """Let `work`, which may wait, begin now; it is stopped after so many seconds."""
        self._add(self.now, Task(work, self.now + seconds))

    def run(self) -> None:
        """Let everything happen, until nothing is left to happen."""
        first = self._new_worker()
        first.turn.release()
        self._over.wait()
        for worker in self._workers:
            worker.turn.release()
        for worker in self._workers:
            worker.thread.join()
        if self._failure:
            raise self._failure

    # For the task that is under way.

    def passes(self, seconds: float) -> None:
        """The task is busy for so long. Others get their turn when it next meets them."""
        assert self.task  # noqa: S101 - only tasks call this
        self.task.behind += seconds

    def meet(self) -> None:
        """Bring the task's time and everybody's together, before it touches what others share."""
        task = self.task
        assert task  # noqa: S101 - only tasks call this
        moment = self.now + task.behind
        late = moment > task.ends_at
        moment = min(moment, task.ends_at)
        task.behind = 0.0
        if self._happenings and self._happenings[0][0] <= moment:
            self._add(moment, task)
            worker = task.worker
            assert worker  # noqa: S101 - a task under way has one
            self._go_on(worker)
            if self._failure:
                raise TimeLimitReached
            self.task = task
        else:
            self.now = moment
        if late:
            raise TimeLimitReached

    def date(self) -> datetime:
        """The task's time as handlers read it."""
        behind = self.task.behind if self.task else 0.0
        return START + timedelta(seconds=self.now + behind)

    # How threads take turns.

    def _add(self, moment: float, what: Any) -> None:
        self._count += 1
        heapq.heappush(self._happenings, (moment, self._count, what))

    def _go_on(self, me: _Worker) -> None:
        """Let things happen until it is `me`'s turn again, or the end has come."""
        while self._happenings and not self._failure:
            self.now, _, what = heapq.heappop(self._happenings)
            if not isinstance(what, Task):
                what()
                continue
            worker = what.worker
            if worker is None:
                worker = me if me.task is None else self._idle_worker()
                worker.task, what.worker = what, worker
            if worker is not me:
                if me.task is None:
                    self._idle.append(me)
                worker.turn.release()
                me.turn.acquire()
            return
        self._over.set()
        me.turn.acquire()

    def _idle_worker(self) -> _Worker:
        return self._idle.pop() if self._idle else self._new_worker()

    def _new_worker(self) -> _Worker:
        worker = _Worker(self)
        self._workers.append(worker)
        worker.thread.start()
        return worker


class Task:
    """Work that is under way: when it must end, and how far it is ahead of everybody's time."""

    def __init__(self, work: Callable[[], None], ends_at: float) -> None:
        self.work = work
        self.ends_at = ends_at
        self.behind = 0.0
        self.worker: _Worker | None = None


class _Worker:
    """A thread that does one task after another, whenever it is its turn."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.task: Task | None = None
        self.turn = threading.Lock()
        self.turn.acquire()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        clock = self.clock
        self.turn.acquire()
        try:
            while not clock._over.is_set():
                if self.task:
                    clock.task = self.task
                    self.task.work()
                    clock.task = self.task = None
                clock._go_on(self)
        except BaseException as exc:
            clock._failure = clock._failure or exc
            clock._over.set()

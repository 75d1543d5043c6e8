"""Calls that need not wait for one another run side by side: people wait for the slowest only.

Whoever stops the program waits for no call that only reads, but for those that change something.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

Answer = TypeVar("Answer")
Given = ParamSpec("Given")

# As many connections as botocore keeps to one host.
AT_ONCE = 10
# S3 takes 3,500 files a second below one prefix; a file that is small is mostly waited for.
WHOLE_FILES_AT_ONCE = 24
# Each part under way takes 5 MB of memory. More are not faster: one processor signs them all.
PARTS_AT_ONCE = 6


def pool(at_once: int = AT_ONCE) -> ThreadPoolExecutor:
    """Where calls run that change something; the end of its block waits for all of them."""
    return ThreadPoolExecutor(at_once, "calls")


class Readers(Executor):
    """Where calls run that only read; the end of its block waits for all of them, unless it ends
    by an error or by Ctrl-C: then the rest of them is of no use to anybody."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._threads: list[Thread] = []
        self._left: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def submit(
        self, call: Callable[Given, Answer], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Answer]:
        answer: Future[Answer] = Future()
        self._left.put(partial(_answer, answer, partial(call, *args, **kwargs)))
        if len(self._threads) < self._at_once:
            # Python waits for all threads at its end, but for daemons.
            self._threads.append(Thread(target=self._run, daemon=True))
            self._threads[-1].start()
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            with suppress(Empty):
                while True:
                    self._left.get_nowait()
        for _ in self._threads:
            self._left.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)

    def _run(self) -> None:
        while (call := self._left.get()) is not None:
            call()


def _answer(answer: Future[Answer], call: Callable[[], Answer]) -> None:
    try:
        answer.set_result(call())
    except BaseException as exc:
        answer.set_exception(exc)


def side_by_side(calls: Iterable[Callable[[], Answer]], at_once: int = AT_ONCE) -> list[Answer]:
    """The answers to calls that only read, in their order; a fault is raised as soon as it is
    known.

    More may run `at_once` where they go to many services.
    """
    with Readers(at_once) as running:
        answers = [running.submit(call) for call in calls]
        await_all(answers)
        return [answer.result() for answer in answers]


def await_all(answers: Iterable[Future[Any]]) -> None:
    """Wait for all answers, or for a fault, which is raised."""
    for answer in wait(answers, return_when=FIRST_EXCEPTION).done:
        answer.result()


def in_turn(calls: Iterable[Callable[[], Answer]], at_once: int = AT_ONCE) -> Iterator[Answer]:
    """The answers to calls that only read, in their order, each as soon as it is known; few calls
    are ahead."""
    left = iter(calls)
    with Readers(at_once) as running:
        coming = deque(running.submit(call) for call in islice(left, at_once))
        while coming:
            answer = coming.popleft().result()
            coming += [running.submit(call) for call in islice(left, 1)]
            yield answer


def ahead(call: Callable[[], Answer]) -> Future[Answer]:
    """Have a call made meanwhile that only reads: whoever stops the program waits for no answer."""
    running = Readers(1)
    answer = running.submit(call)
    running.shutdown(wait=False)
    return answer


def begun(pages: Iterator[Answer], running: Executor) -> Iterator[Answer]:
    """The same pages; the first is being read now, and each other one while its forerunner is
    looked at."""
    first = running.submit(next, pages, None)

    def all_of_them() -> Iterator[Answer]:
        coming: Future[Answer | None] = first
        while (page := coming.result()) is not None:
            coming = running.submit(next, pages, None)
            yield page

    return all_of_them()

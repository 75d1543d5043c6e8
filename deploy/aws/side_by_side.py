"""Calls that need not wait for one another run side by side: people wait for the slowest only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")

# As many connections as botocore keeps to one host.
AT_ONCE = 10
# S3 takes 3,500 files a second below one prefix; a file that is small is mostly waited for.
WHOLE_FILES_AT_ONCE = 24
# Each part under way takes 5 MB of memory. More are not faster: one processor signs them all.
PARTS_AT_ONCE = 6


def pool(at_once: int = AT_ONCE) -> ThreadPoolExecutor:
    """Where calls run; the end of its block waits for all of them."""
    return ThreadPoolExecutor(at_once, "calls")


def side_by_side(calls: Iterable[Callable[[], Answer]], at_once: int = AT_ONCE) -> list[Answer]:
    """The answers, in the order of the calls; of several faults the first is raised.

    More may run `at_once` where they go to many services.
    """
    with pool(at_once) as running:
        answers = [running.submit(call) for call in calls]
    return [answer.result() for answer in answers]


def in_turn(calls: Iterable[Callable[[], Answer]], at_once: int = AT_ONCE) -> Iterator[Answer]:
    """The answers in the order of the calls, each as soon as it is known; few calls are ahead."""
    left = iter(calls)
    with pool(at_once) as running:
        coming = deque(running.submit(call) for call in islice(left, at_once))
        while coming:
            answer = coming.popleft().result()
            coming += [running.submit(call) for call in islice(left, 1)]
            yield answer


def ahead(call: Callable[[], Answer]) -> Future[Answer]:
    """Have a call made meanwhile that only reads: whoever stops the program waits for no answer."""
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as exc:
            answer.set_exception(exc)

    Thread(target=run, daemon=True).start()
    return answer


def begun(pages: Iterator[Answer], running: ThreadPoolExecutor) -> Iterator[Answer]:
    """The same pages; the first is being read now, and each other one while its forerunner is
    looked at."""
    first = running.submit(next, pages, None)

    def all_of_them() -> Iterator[Answer]:
        coming: Future[Answer | None] = first
        while (page := coming.result()) is not None:
            coming = running.submit(next, pages, None)
            yield page

    return all_of_them()

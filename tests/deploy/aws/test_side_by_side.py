"""Calls side by side: in which order their answers come, and who waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event, current_thread

import pytest

from deploy.aws.side_by_side import Readers, ahead, in_turn, side_by_side

LIMIT = 60.0  # seconds; only a fault makes anybody wait so long


def test_answers_come_in_the_order_of_their_calls() -> None:
    """The first call ends last."""
    second = Event()

    def first_call() -> str:
        assert second.wait(LIMIT)
        return "first"

    def second_call() -> str:
        second.set()
        return "second"

    assert side_by_side([first_call, second_call]) == ["first", "second"]


def test_a_fault_is_told_while_others_are_under_way() -> None:
    """Whoever may not make a call need not wait for one that is not answered."""
    go_on, ended = Event(), Event()

    def endless() -> None:
        go_on.wait(LIMIT)
        ended.set()

    def fails() -> None:
        raise ValueError("the second")

    with pytest.raises(ValueError, match="the second"):
        side_by_side([endless, fails])

    assert not ended.is_set()
    go_on.set()
    assert ended.wait(LIMIT)


def test_few_calls_are_ahead() -> None:
    """Who has read one answer has caused no more calls than run at once, and the next."""
    begun: list[int] = []

    def calls() -> Iterator[partial[int]]:
        for number in range(100):
            begun.append(number)
            yield partial(int, number)

    answers = in_turn(calls(), at_once=3)

    assert next(answers) == 0
    assert len(begun) == 4
    assert list(answers) == list(range(1, 100))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_who_stops_waits_for_nobody(error: type[BaseException]) -> None:
    """What is under way goes on by itself, and what has not begun never does."""
    go_on, begun = Event(), Event()

    def endless() -> None:
        begun.set()
        go_on.wait(LIMIT)

    running = Readers(1)
    with pytest.raises(error), running:
        first = running.submit(endless)
        second = running.submit(begun.clear)
        assert begun.wait(LIMIT)
        raise error

    assert not first.done()
    go_on.set()
    first.result(LIMIT)
    assert begun.is_set()
    assert not second.done()


def test_python_waits_for_no_reader() -> None:
    """At its end it waits for all threads that are no daemons."""
    assert ahead(current_thread).result(LIMIT).daemon

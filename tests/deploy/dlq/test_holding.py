"""Messages are hidden while they are worked on, and nothing is lost by it."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError

from deploy.dlq.held import HeldMessages
from deploy.dlq.holding import HeldInQueues, hold_messages
from tests.deploy.dlq.account import Clock, Queue, refusal


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> Queue:
    queue = Queue(clock)
    for number in range(25):
        queue.put(f"{number}")
    return queue


def test_all_are_taken_and_given_back(queue: Queue, clock: Clock) -> None:
    """SQS gives ten at most in one answer."""
    with hold_messages(queue, ["url"], 60, print, clock) as held:
        taken = held.receive_all()

        assert len(taken) == 25
        assert queue.visible == []

    assert len(queue.visible) == 25


def test_each_is_taken_once_although_sqs_gives_some_twice(queue: Queue, clock: Clock) -> None:
    """The newest handle is kept: with an older one SQS would not delete."""
    queue.gives_each_twice = True

    with hold_messages(queue, ["url"], 60, print, clock) as held:
        ids = [message["MessageId"] for message in held.receive_all()]
        for message_id in ids:
            held.delete(message_id)

    assert len(ids) == len(set(ids)) == 25
    assert queue.messages == {}


def test_an_empty_answer_is_not_the_end_while_messages_are_counted(
    queue: Queue, clock: Clock
) -> None:
    """SQS asks some of its servers at times."""
    queue.empty_answers = 3

    with hold_messages(queue, ["url"], 60, print, clock) as held:
        assert len(held.receive_all()) == 25


def test_a_count_that_lags_behind_does_not_hold_us_for_ever(queue: Queue, clock: Clock) -> None:
    """After some answers without news we believe them."""
    queue.empty_answers = 1_000

    with hold_messages(queue, ["url"], 60, print, clock) as held:
        assert held.receive_all() == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_all_are_given_back_however_the_work_ends(
    queue: Queue, clock: Clock, error: type[BaseException]
) -> None:
    """Ctrl-C too."""
    with pytest.raises(error), hold_messages(queue, ["url"], 60, print, clock) as held:
        held.receive_all()
        raise error

    assert len(queue.visible) == 25


def test_a_failure_to_give_back_hides_no_other(queue: Queue, clock: Clock) -> None:
    """What could not be given back comes back by itself."""
    with (
        pytest.raises(ValueError, match="first"),
        hold_messages(queue, ["url"], 60, print, clock) as held,
    ):
        held.receive_all()
        queue.refuses_to_hide = EndpointConnectionError(endpoint_url="https://sqs")
        raise ValueError("first")

    clock.sleep(62)
    assert len(queue.visible) == 25


def test_what_is_kept_stays_hidden(queue: Queue, clock: Clock) -> None:
    """It is renewed before it lapses, as often as needed."""
    held = HeldMessages(queue, "url", 60, clock)
    ids = [message["MessageId"] for message in held.receive_all()]

    for _ in range(10):
        held.hold_longer(ids, 30)
        clock.sleep(29)
        assert queue.visible == []


def test_what_somebody_else_has_got_is_let_go(queue: Queue, clock: Clock) -> None:
    """Two may work at the same queue; each message is in the hands of one."""
    held = HeldMessages(queue, "url", 60, clock)
    taken = held.receive_all()
    theirs = taken[0]["MessageId"]
    queue.is_taken_by_somebody_else(theirs)

    held.hold_longer([message["MessageId"] for message in taken], 61)
    held.give_back_all()

    assert theirs not in held
    assert len(queue.visible) == 24


def test_throttling_passes(queue: Queue, clock: Clock) -> None:
    """Whoever calls decides whether to try again."""
    held = HeldMessages(queue, "url", 60, clock)
    [first, *_] = held.receive_all()
    queue.refuses_to_hide = refusal("RequestThrottled", "ChangeMessageVisibilityBatch")

    with pytest.raises(Exception, match="RequestThrottled"):
        held.hold_longer([first["MessageId"]], 70)

    assert first["MessageId"] in held


def test_a_lot_is_taken_and_then_the_next(queue: Queue, clock: Clock) -> None:
    """Nothing of it twice, though the first ones can be seen again by then."""
    held = HeldMessages(queue, "url", 60, clock)

    lots = [len(held.receive(10)), len(held.receive(10))]
    clock.sleep(61)
    lots += [len(held.receive(10)), len(held.receive(10))]

    assert lots == [10, 10, 5, 0]
    assert queue.visible == []


def test_messages_that_come_back_as_fast_as_they_are_hidden(queue: Queue, clock: Clock) -> None:
    """On a line so slow that a hold does not last, reading ends, and says how much is unread."""
    queue.call_seconds = 61
    held = HeldMessages(queue, "url", 60, clock)

    assert len(held.receive(100)) == 10
    assert held.unread() == 25


def test_what_has_lapsed_is_not_given_back(queue: Queue, clock: Clock) -> None:
    """It may be in other hands by now, for whom it must stay hidden."""
    held = HeldMessages(queue, "url", 60, clock)
    taken = [message["MessageId"] for message in held.receive(100)]
    clock.sleep(61)
    theirs = HeldMessages(queue, "url", 60, clock)
    theirs.receive(100)

    held.give_back(taken)

    assert queue.visible == []


def test_a_count_that_lags_behind_what_we_hold(queue: Queue, clock: Clock) -> None:
    """SQS may still count as visible what it has just given away."""
    queue.counts_are_of = len(queue.messages), 0
    held = HeldMessages(queue, "url", 60, clock)

    assert held.unread() == 25
    assert len(held.receive_all()) == 25
    assert held.unread() == 0


def test_messages_of_two_queues_are_held_together(clock: Clock) -> None:
    """Each is given back to, or deleted from, the queue that it came from."""
    queues = [Queue(clock), Queue(clock)]
    first = queues[0].put("0", name="first")
    second, third = queues[1].put("1", name="second"), queues[1].put("2", name="third")
    held = HeldInQueues([HeldMessages(queue, "url", 60, clock) for queue in queues])

    taken = [message["MessageId"] for message in held.receive_all()]
    held.delete(second)
    held.give_back([first])

    assert sorted(taken) == [first, second, third]
    assert (first in held, third in held) == (False, True)
    assert (queues[0].visible, queues[1].visible, list(queues[1].messages)) == (
        [first],
        [],
        [third],
    )
    held.give_back_all()
    assert queues[1].visible == [third]

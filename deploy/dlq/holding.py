"""Messages of several queues, held for as long as they are worked on, and then given back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.dlq.held import HeldMessages

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef


class HeldInQueues:
    """The messages that we hold in several queues; no two messages share an id."""

    def __init__(self, queues: Sequence[HeldMessages]) -> None:
        self._queues = queues
        self._left = list(queues)

    def __contains__(self, message_id: str) -> bool:
        return any(message_id in queue for queue in self._queues)

    def receive(self, most: int) -> list[MessageTypeDef]:
        """So many new messages of one queue; none when all queues are at their end."""
        while self._left:
            if taken := self._left[0].receive(most):
                return taken
            del self._left[0]
        return []

    def receive_all(self) -> list[MessageTypeDef]:
        """Every message that can be seen, all held until the last one is read."""
        taken: list[MessageTypeDef] = []
        for number, queue in enumerate(self._queues):
            taken += queue.receive_all(sum(later.unread() for later in self._queues[number + 1 :]))
        return taken

    def unread(self) -> int:
        return sum(queue.unread() for queue in self._queues)

    def held_by_others(self) -> int:
        return sum(queue.held_by_others() for queue in self._queues)

    def hold_longer(self, message_ids: Collection[str], least_seconds: int) -> None:
        for queue in self._queues:
            queue.hold_longer(message_ids, least_seconds)

    def delete(self, message_id: str) -> None:
        for queue in self._queues:
            if message_id in queue:
                queue.delete(message_id)

    def give_back(self, message_ids: Collection[str]) -> None:
        for queue in self._queues:
            queue.give_back(message_ids)

    @property
    def still_hidden(self) -> str:
        """How long nobody sees what SQS did not take back, and why; else empty."""
        return " ".join(queue.still_hidden for queue in self._queues if queue.still_hidden)

    def give_back_all(self) -> None:
        for queue in self._queues:
            queue.give_back_all()


@contextmanager
def hold_messages(
    sqs: SQSClient,
    urls: Sequence[str],
    seconds: int,
    warn: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[HeldInQueues]:
    """Hold messages for `seconds` at a time; at the end, what is left is given back.

    However it ends, `warn` is told what stays hidden.
    """
    held = HeldInQueues([HeldMessages(sqs, url, seconds, clock) for url in urls])
    try:
        yield held
    finally:
        held.give_back_all()
        if held.still_hidden:
            warn(held.still_hidden)

"""Messages of queues, kept out of everybody else's sight while they are worked on.

Whoever takes a message out of an SQS queue has only hidden it for a while. All that is not deleted
is given back at once, however the work ends; if the program is killed, SQS gives it back in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.interruption import deferring_interrupts

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

# SQS: "MaxNumberOfMessages … 1 to 10", and as many entries in a batch.
_BATCH = 10
# With a wait, however short, SQS asks all of its servers; else an empty answer means little.
_RECEIVE_WAIT_SECONDS = 1
# The count of messages lags behind, by a minute at times: so often nothing new means the end.
_IDLE_RECEIVES = 4


class HeldMessages:
    """The messages that we hold, by their ids, and until when SQS hides them for us."""

    def __init__(
        self, sqs: SQSClient, url: str, seconds: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sqs = sqs
        self._url = url
        self._seconds = seconds
        self._clock = clock
        self._messages: dict[str, MessageTypeDef] = {}
        self._until: dict[str, float] = {}

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._messages

    def receive_all(self) -> list[MessageTypeDef]:
        """Every message that can be seen, each once although SQS may give one twice."""
        idle = 0
        while idle < _IDLE_RECEIVES:
            if self._receive():
                idle = 0
            elif not self._count("ApproximateNumberOfMessages"):
                break
            else:
                idle += 1
        return list(self._messages.values())

    def held_by_others(self) -> int:
        """About how many messages cannot be seen because somebody works on them."""
        hidden = self._count("ApproximateNumberOfMessagesNotVisible")
        return max(hidden - len(self._messages), 0)

    def hold_longer(self, least_seconds: int) -> None:
        """See to it that everything stays ours for at least so long.

        A message that is ours no longer, because SQS has given it to somebody else or because
        they have deleted it, is let go.
        """
        soon = self._clock() + least_seconds
        lapsing = [one for one in self._messages if self._until[one] < soon]
        until = self._clock() + self._seconds
        kept = self._hide(lapsing, self._seconds)
        for one in lapsing:
            if one in kept:
                self._until[one] = until
            else:
                del self._messages[one]

    def delete(self, message_id: str) -> None:
        message = self._messages[message_id]
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        del self._messages[message_id]

    def give_back(self, message_ids: Collection[str]) -> None:
        """Let everybody see these again; what cannot be given back now comes back by itself."""
        ours = [one for one in message_ids if one in self._messages]
        with deferring_interrupts(), suppress(ClientError, BotoCoreError):
            self._hide(ours, 0)
        for one in ours:
            del self._messages[one]

    def give_back_all(self) -> None:
        self.give_back(tuple(self._messages))

    def _receive(self) -> bool:
        """Take up to ten messages; whether there was a new one."""
        with deferring_interrupts():  # what we do not know of cannot be given back
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=self._seconds,
                WaitTimeSeconds=_RECEIVE_WAIT_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            is_news = any(message["MessageId"] not in self._messages for message in messages)
            for message in messages:
                # The latest handle is the one that SQS listens to.
                self._messages[message["MessageId"]] = message
                self._until[message["MessageId"]] = self._clock() + self._seconds
        return is_news

    def _hide(self, message_ids: Sequence[str], seconds: int) -> set[str]:
        """Hide the messages for so long from now; gives the ids for which that worked."""
        done: set[str] = set()
        for start in range(0, len(message_ids), _BATCH):
            batch = message_ids[start : start + _BATCH]
            answer = self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": self._messages[one]["ReceiptHandle"],
                        "VisibilityTimeout": seconds,
                    }
                    for number, one in enumerate(batch)
                ],
            )
            done |= {batch[int(entry["Id"])] for entry in answer.get("Successful", [])}
        return done

    def _count(self, which: str) -> int:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=[which],  # type: ignore[list-item]  # one of two literals
        )
        return int(answer["Attributes"][which])  # type: ignore[index]


class HeldInQueues:
    """The messages that we hold in several queues; no two messages share an id."""

    def __init__(self, queues: Sequence[HeldMessages]) -> None:
        self._queues = queues

    def __contains__(self, message_id: str) -> bool:
        return any(message_id in queue for queue in self._queues)

    def receive_all(self) -> list[MessageTypeDef]:
        return [message for queue in self._queues for message in queue.receive_all()]

    def held_by_others(self) -> int:
        return sum(queue.held_by_others() for queue in self._queues)

    def hold_longer(self, least_seconds: int) -> None:
        for queue in self._queues:
            queue.hold_longer(least_seconds)

    def delete(self, message_id: str) -> None:
        for queue in self._queues:
            if message_id in queue:
                queue.delete(message_id)

    def give_back(self, message_ids: Collection[str]) -> None:
        for queue in self._queues:
            queue.give_back(message_ids)

    def give_back_all(self) -> None:
        for queue in self._queues:
            queue.give_back_all()


@contextmanager
def hold_messages(
    sqs: SQSClient, urls: Sequence[str], seconds: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[HeldInQueues]:
    """Hold messages for `seconds` at a time; at the end, what is left is given back."""
    held = HeldInQueues([HeldMessages(sqs, url, seconds, clock) for url in urls])
    try:
        yield held
    finally:
        held.give_back_all()

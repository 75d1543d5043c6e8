"""Messages of a queue, kept out of everybody else's sight while they are worked on.

Whoever takes a message out of an SQS queue has only hidden it for a while. All that is not deleted
is given back at once, however the work ends; if the program is killed, SQS gives it back in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from math import ceil
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.interruption import deferring_interrupts
from deploy.wording import counted

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

# SQS: "MaxNumberOfMessages … 1 to 10", and as many entries in a batch.
_BATCH = 10
# With a wait, however short, SQS asks all of its servers; else an empty answer means little. It is
# also what keeps SQS from an error when 120,000 messages are hidden, its limit.
_RECEIVE_WAIT_SECONDS = 1
# The count of messages lags behind, by a minute at times: so often nothing at all means the end.
_IDLE_RECEIVES = 10
# SQS: "VisibilityTimeout … 0 to 43,200".
_LONGEST_HOLD_SECONDS = 43_200
# Whoever reads a whole queue measures how long a message takes, and starts with this.
_FIRST_GUESS_SECONDS = 0.02
_READ_AT_ONCE = 100


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
        self._known: set[str] = set()
        # Messages that SQS did not take back, until when nobody sees them, and why.
        self._still_hidden: dict[str, float] = {}
        self._why_hidden = "."

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._messages

    def receive(self, most: int, seconds: int | None = None) -> list[MessageTypeDef]:
        """So many messages that were not received before, fewer or none at the end of the queue.

        Those that we have had already, because SQS gives some twice or because their hold has
        lapsed, are hidden once more and left out. See `unread` for whether it is really the end.
        """
        taken: list[MessageTypeDef] = []
        idle = known = 0
        while len(taken) < most:
            answer = self._ask(most - len(taken), seconds or self._seconds)
            news = [one for one in answer if one["MessageId"] not in self._known]
            self._known |= {one["MessageId"] for one in news}
            taken += news
            if news:
                idle = known = 0
            elif answer:
                known += len(answer)
                if known > 2 * len(self._known):  # they come back as fast as they are hidden
                    break
            elif idle == _IDLE_RECEIVES or not self.unread():
                break
            else:
                idle += 1
        return taken

    def receive_all(self, behind: int = 0) -> list[MessageTypeDef]:
        """Every message that can be seen, all held until the last one is read.

        `behind` is how many of other queues are read after these.
        """
        begun, expected, pace = self._clock(), self.unread() + behind, _FIRST_GUESS_SECONDS
        taken: list[MessageTypeDef] = []
        while True:
            still = 2 * pace * max(expected - len(taken), 0)
            hold = min(self._seconds + int(still), _LONGEST_HOLD_SECONDS)
            lot = self.receive(_READ_AT_ONCE, hold)
            if not lot:
                return taken
            taken += lot
            pace = (self._clock() - begun) / len(taken)

    def unread(self) -> int:
        """About how many messages anybody could see now."""
        visible, hidden = self._counts()
        # SQS may still count as visible what it has just given us; all together it counts sooner.
        return max(min(visible, visible + hidden - self._hidden_by_us), 0)

    def held_by_others(self) -> int:
        """About how many messages cannot be seen because somebody works on them."""
        return max(self._counts()[1] - self._hidden_by_us, 0)

    def hold_longer(self, message_ids: Collection[str], least_seconds: int) -> None:
        """See to it that these stay ours for at least so long.

        A message that is ours no longer, because SQS has given it to somebody else or because
        they have deleted it, is let go.
        """
        soon = self._clock() + least_seconds
        lapsing = [one for one in message_ids if one in self and self._until[one] < soon]
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
        ours = [one for one in message_ids if one in self]
        # The others have come back already, and may be in other hands.
        hidden = [one for one in ours if self._until[one] > self._clock()]
        left = {one: self._until[one] for one in hidden}
        with deferring_interrupts():
            try:
                for start in range(0, len(hidden), _BATCH):
                    for one in self._hide(hidden[start : start + _BATCH], 0):
                        del left[one]
            except (ClientError, BotoCoreError) as exc:
                self._why_hidden = f": {explain(exc) or exc}"
        self._still_hidden |= left
        for one in ours:
            del self._messages[one]

    @property
    def still_hidden(self) -> str:
        """How long nobody sees what SQS did not take back, and why; empty where there is none."""
        seconds = [until - self._clock() for until in self._still_hidden.values()]
        hidden = [one for one in seconds if one > 0]
        if not hidden:
            return ""
        return (
            f"For {counted(ceil(max(hidden) / 60), 'minute')} nobody sees "
            f"{counted(len(hidden), 'message')} of {self._url.rpartition('/')[2]}, since SQS did "
            f"not take back what had been read{self._why_hidden}"
        )

    def give_back_all(self) -> None:
        self.give_back(tuple(self._messages))

    def _ask(self, most: int, seconds: int) -> list[MessageTypeDef]:
        """Up to ten messages, each once."""
        until = self._clock() + seconds
        with deferring_interrupts():  # what we do not know of cannot be given back
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(most, _BATCH),
                VisibilityTimeout=seconds,
                WaitTimeSeconds=_RECEIVE_WAIT_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            # The latest handle is the one that SQS listens to.
            messages = {one["MessageId"]: one for one in answer.get("Messages", [])}
            self._messages |= messages
            self._until |= dict.fromkeys(messages, until)
        return list(messages.values())

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

    @property
    def _hidden_by_us(self) -> int:
        now = self._clock()
        return sum(self._until[one] > now for one in self._messages)

    def _counts(self) -> tuple[int, int]:
        """About how many messages can be seen, and how many are hidden."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )
        counts = answer["Attributes"]
        return (
            int(counts["ApproximateNumberOfMessages"]),
            int(counts["ApproximateNumberOfMessagesNotVisible"]),
        )

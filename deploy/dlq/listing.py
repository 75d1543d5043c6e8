"""Every message of the dead-letter queues with its files and who would get them. Changes nothing.

To read a message is to hide it from others for a moment; all are given back before anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.dlq.audience import Audience, audience_of
from deploy.dlq.holding import hold_messages
from deploy.dlq.letters import DeadLetter, in_order_of_arrival, read_letter
from deploy.dlq.pace import Timing
from deploy.dlq.sources import Sources, find_sources
from deploy.lambda_packages import Upload

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment

# And as long as the rest of the queue takes; short enough that nobody misses a message for long
# when a listing is killed.
_HOLD_SECONDS = 60


@dataclass(frozen=True)
class ListedLetter:
    """A message, and for each of its files whom a redrive would mail."""

    letter: DeadLetter
    files: tuple[tuple[Upload, Audience], ...]


@dataclass(frozen=True)
class Listing:
    """The messages, oldest first.

    About `held_by_others` more are in somebody else's hands; about `unread` more could be seen,
    but were not read.
    """

    letters: tuple[ListedLetter, ...]
    held_by_others: int
    unread: int = 0


def list_letters(clients: Clients, deployment: Deployment, timing: Timing | None = None) -> Listing:
    """All messages that wait; raises StackError when nothing is deployed."""
    clock = (timing or Timing()).clock
    sources = find_sources(clients, deployment)
    with hold_messages(clients.sqs, sources.queue_urls, _HOLD_SECONDS, clock) as held:
        held_by_others = held.held_by_others()
        letters = in_order_of_arrival(
            read_letter(one, sources.bucket) for one in held.receive_all()
        )
        unread = held.unread()
    return Listing(
        tuple(listed(letter, clients, sources) for letter in letters), held_by_others, unread
    )


def listed(letter: DeadLetter, clients: Clients, sources: Sources) -> ListedLetter:
    """The message with whom each of its files is for."""
    return ListedLetter(
        letter,
        tuple(
            (upload, audience_of(upload, clients.s3, sources.generator))
            for upload in letter.uploads
        ),
    )

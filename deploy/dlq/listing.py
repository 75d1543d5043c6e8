"""Every message of the dead-letter queues with its files and who would get them. Changes nothing.

To read a message is to hide it from others for a moment; all are given back before anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.dlq.audience import Audience, audience_of
from deploy.dlq.holding import hold_messages
from deploy.dlq.letters import DeadLetter, in_order_of_arrival, read_letter
from deploy.dlq.sources import find_sources
from deploy.lambda_packages import Upload

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment

# Long enough to read a large queue, short enough that nobody misses a message of a killed listing.
_HOLD_SECONDS = 60


@dataclass(frozen=True)
class ListedLetter:
    """A message, and for each of its files whom a redrive would mail."""

    letter: DeadLetter
    files: tuple[tuple[Upload, Audience], ...]


@dataclass(frozen=True)
class Listing:
    """The messages, oldest first; about `held_by_others` more are in somebody else's hands."""

    letters: tuple[ListedLetter, ...]
    held_by_others: int


def list_letters(clients: Clients, deployment: Deployment) -> Listing:
    """All messages that wait; raises StackError when nothing is deployed."""
    sources = find_sources(clients, deployment)
    with hold_messages(clients.sqs, sources.queue_urls, _HOLD_SECONDS) as held:
        held_by_others = held.held_by_others()
        letters = in_order_of_arrival(
            read_letter(one, sources.bucket) for one in held.receive_all()
        )
    listed = (
        ListedLetter(
            letter,
            tuple(
                (upload, audience_of(upload, clients.s3, sources.generator))
                for upload in letter.uploads
            ),
        )
        for letter in letters
    )
    return Listing(tuple(listed), held_by_others)

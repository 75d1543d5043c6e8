"""Every message of the dead-letter queues with its files and who would get them. Changes nothing.

To read a message is to hide it from others for a moment; all are given back before anything else.
Who would get a file is asked file by file, side by side, while the first messages are printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from deploy.aws.side_by_side import in_turn
from deploy.dlq.audience import Audience, audience_of
from deploy.dlq.holding import hold_messages
from deploy.dlq.letters import DeadLetter, in_order_of_arrival, read_letter
from deploy.dlq.pace import Timing
from deploy.dlq.sources import Sources, find_sources
from deploy.lambda_packages import Upload

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
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
    """The messages, oldest first, as their recipients become known; `number` of them.

    About `held_by_others` more are in somebody else's hands; about `unread` more could be seen,
    but were not read. `still_hidden` says how long SQS shows some to nobody now, and why.
    """

    letters: Iterator[ListedLetter]
    number: int
    held_by_others: int
    unread: int = 0
    still_hidden: str = ""


def list_letters(
    clients: Clients, deployment: Deployment, console: Console, timing: Timing | None = None
) -> Listing:
    """All messages that wait; raises StackError when nothing is deployed."""
    clock = (timing or Timing()).clock
    sources = find_sources(clients, deployment)
    urls = sources.queue_urls
    with hold_messages(clients.sqs, urls, _HOLD_SECONDS, console.warn, clock) as held:
        held_by_others = held.held_by_others()
        letters = in_order_of_arrival(
            read_letter(one, sources.bucket) for one in held.receive_all()
        )
        unread = held.unread()
    return Listing(
        with_audiences(letters, clients, sources),
        len(letters),
        held_by_others,
        unread,
        held.still_hidden,
    )


def with_audiences(
    letters: Sequence[DeadLetter], clients: Clients, sources: Sources
) -> Iterator[ListedLetter]:
    """The messages, each with whom its files are for."""
    audiences = in_turn(
        partial(audience_of, upload, clients.s3, sources.generator)
        for letter in letters
        for upload in letter.uploads
    )
    for letter in letters:
        yield ListedLetter(letter, tuple((upload, next(audiences)) for upload in letter.uploads))

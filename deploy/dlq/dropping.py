"""Takes messages out of the dead-letter queues that can never be replayed. Nobody is mailed.

What a message was about is told before it is deleted: nothing else knows of it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.dlq.choosing import hold_chosen
from deploy.dlq.holding import HeldInQueues, hold_messages
from deploy.dlq.listing import ListedLetter, with_audiences
from deploy.dlq.pace import Timing
from deploy.dlq.sources import find_sources
from deploy.errors import DeadLetterError
from deploy.interruption import deferring_interrupts

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment

# So long the operator may think it over.
_HOLD_SECONDS = 15 * 60
# SQS tries of one deletion take no longer.
_DELETE_SECONDS = 60


@dataclass(frozen=True)
class KeptLetter:
    """A message that is still in the queue; without a reason its turn never came."""

    letter: ListedLetter
    reason: str = ""


@dataclass(frozen=True)
class Drop:
    """What came of it. `stopped` begins the sentence if it ended early.

    `still_hidden` says how long SQS shows some messages to nobody now, and why.
    """

    dropped: tuple[ListedLetter, ...]
    kept: tuple[KeptLetter, ...]
    stopped: str = ""
    is_interrupted: bool = False
    still_hidden: str = ""


def drop(
    clients: Clients,
    deployment: Deployment,
    ids: Sequence[str],
    consent: Callable[[Sequence[ListedLetter]], bool],
    console: Console,
    timing: Timing | None = None,
) -> Drop:
    """Delete the messages with these ids, if `consent` says so of all of them.

    Raises DeadLetterError, with nothing deleted, for an unknown id or without consent.
    """
    timing = timing or Timing()
    sources = find_sources(clients, deployment)
    urls = sources.queue_urls
    with hold_messages(clients.sqs, urls, _HOLD_SECONDS, console.warn, timing.clock) as held:
        chosen = hold_chosen(held, sources.bucket, ids, "dropped", deployment)
        letters = list(with_audiences(chosen, clients, sources))
        held.hold_longer([letter.id for letter in chosen], _HOLD_SECONDS)
        if not consent(letters):
            raise DeadLetterError("Nothing was dropped.")
        done = _delete_all(letters, held, timing)
    return replace(done, still_hidden=held.still_hidden)


def _delete_all(letters: Sequence[ListedLetter], held: HeldInQueues, timing: Timing) -> Drop:
    kept = {one.letter.id: KeptLetter(one) for one in letters}
    dropped: list[ListedLetter] = []
    stopped, is_interrupted = "", False
    try:
        for one in letters:
            with deferring_interrupts():
                kept[one.letter.id] = KeptLetter(one, "whether SQS has deleted it is not known")
                if timing.poll.retry(partial(_delete, one.letter.id, held)):
                    dropped.append(one)
                    del kept[one.letter.id]
                else:
                    kept[one.letter.id] = KeptLetter(
                        one, "it is not held any more, and somebody else may have it; try again"
                    )
    except KeyboardInterrupt:
        stopped, is_interrupted = "Stopped: ", True
    except (ClientError, BotoCoreError) as exc:
        stopped = f"{explain(exc) or exc} "
    return Drop(tuple(dropped), tuple(kept.values()), stopped, is_interrupted)


def _delete(message_id: str, held: HeldInQueues) -> bool:
    """Whether the message is gone; False when it is in other hands."""
    held.hold_longer([message_id], _DELETE_SECONDS)
    if message_id not in held:
        return False
    held.delete(message_id)
    return True

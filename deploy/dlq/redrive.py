"""Replays messages of the dead-letter queues, one after the other, in order of their arrival.

It may be stopped at any point and run again, also twice at once: what was not done stays in the
queue for all to see, and the ledger keeps anyone from being mailed twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.aws.polling import PATIENT, Poll
from deploy.aws.ses import read_quota
from deploy.dlq.audience import audience_of
from deploy.dlq.holding import HeldInQueues, hold_messages
from deploy.dlq.letters import DeadLetter, LetterKind, in_order_of_arrival, read_letter
from deploy.dlq.pace import DailyQuotaSpentError, Pace
from deploy.dlq.replaying import RUN_SECONDS, NotReplayedError, Replayer
from deploy.dlq.sources import Sources, find_sources
from deploy.errors import DeadLetterError
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment

# What waits for its turn is kept with a longer hold than a run takes, so that it is seldom renewed.
_HOLD_SECONDS = RUN_SECONDS + 5 * 60


@dataclass(frozen=True)
class ReplayedLetter:
    """A message that is done and gone, and what its function said of it."""

    id: str
    outcome: str


@dataclass(frozen=True)
class RemainingLetter:
    """A message that stays in the queue; without a reason its turn never came."""

    id: str
    title: str
    reason: str = ""


@dataclass(frozen=True)
class Redrive:
    """What came of it. `stopped` begins the sentence if it ended early."""

    replayed: tuple[ReplayedLetter, ...]
    left: tuple[RemainingLetter, ...]
    held_by_others: int = 0
    stopped: str = ""
    is_interrupted: bool = False


@dataclass(frozen=True)
class Timing:
    """How time passes; arguments, so that a test need not wait."""

    poll: Poll = PATIENT
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def redrive(
    clients: Clients,
    deployment: Deployment,
    ids: Sequence[str] | None,
    console: Console,
    timing: Timing | None = None,
) -> Redrive:
    """Replay the messages with these ids, or all. Raises DeadLetterError for an unknown id."""
    timing = timing or Timing()
    sources = find_sources(clients, deployment)
    with hold_messages(clients.sqs, sources.queue_urls, _HOLD_SECONDS, timing.clock) as held:
        held_by_others = held.held_by_others()
        letters = in_order_of_arrival(
            read_letter(one, sources.bucket) for one in held.receive_all()
        )
        chosen = (
            letters if ids is None else choose_letters(letters, ids, held_by_others, deployment)
        )
        held.give_back({letter.id for letter in letters} - {letter.id for letter in chosen})
        if not chosen:
            return Redrive((), (), held_by_others)
        run = _RedriveRun(clients, sources, held, timing)
        return run.replay_all(chosen, console)


def choose_letters(
    letters: Sequence[DeadLetter], ids: Sequence[str], held_by_others: int, deployment: Deployment
) -> list[DeadLetter]:
    """The messages that are meant, each once, still in order of arrival."""
    meant: set[str] = set()
    for given in ids:
        found = [letter.id for letter in letters if letter.id.startswith(given.lower())]
        if len(found) > 1:
            raise DeadLetterError(
                f'Nothing was replayed: "{given}" could be any of {", ".join(found)}; '
                "type more of the id."
            )
        if not found:
            others = (
                f" ({counted(held_by_others, 'message')} cannot be seen now: "
                "somebody works on them)"
                if held_by_others
                else ""
            )
            raise DeadLetterError(
                f'Nothing was replayed: no message in the dead-letter queue has the id "{given}"'
                f"{others}; see `{deployment.command('dlq list')}`."
            )
        meant |= set(found)
    return [letter for letter in letters if letter.id in meant]


class _RedriveRun:
    """One redrive under way."""

    def __init__(
        self, clients: Clients, sources: Sources, held: HeldInQueues, timing: Timing
    ) -> None:
        self._clients = clients
        self._generator = sources.generator
        self._held = held
        self._pace = Pace(lambda: read_quota(clients), timing.clock, timing.sleep)
        self._replayer = Replayer(clients, sources, held, timing.poll)

    def replay_all(self, letters: Sequence[DeadLetter], console: Console) -> Redrive:
        """Replay each; one that fails is given back and does not stop the others."""
        replayed: list[ReplayedLetter] = []
        failed: dict[str, str] = {}
        stopped, is_interrupted = "", False
        try:
            with console.bar(
                f"Replaying {counted(len(letters), 'message')}", len(letters)
            ) as advance:
                for letter in letters:
                    try:
                        replayed.append(ReplayedLetter(letter.id, self._replay(letter)))
                    except NotReplayedError as exc:
                        failed[letter.id] = str(exc)
                        self._held.give_back([letter.id])
                    advance(1)
        except KeyboardInterrupt:
            stopped, is_interrupted = "Stopped: ", True
        except DailyQuotaSpentError as exc:
            stopped = f"{exc}. "
        except (ClientError, BotoCoreError) as exc:
            explained = explain(exc)
            if explained is None:
                raise
            stopped = f"{explained} "
        done = {one.id for one in replayed}
        left = tuple(
            RemainingLetter(letter.id, letter.title, failed.get(letter.id, ""))
            for letter in letters
            if letter.id not in done
        )
        return Redrive(tuple(replayed), left, 0, stopped, is_interrupted)

    def _replay(self, letter: DeadLetter) -> str:
        self._held.hold_longer(RUN_SECONDS)
        self._pace.wait_for(self._mails(letter), letter.title)
        return self._replayer.replay(letter)

    def _mails(self, letter: DeadLetter) -> int:
        """How many mails it could become; those that went out before are counted, too.

        The portal's functions do not say beforehand; they, too, are told when SES takes no more.
        """
        if letter.kind is LetterKind.PORTAL:
            return 1
        audiences = (
            audience_of(upload, self._clients.s3, self._generator) for upload in letter.uploads
        )
        return sum(len(audience.recipients) for audience in audiences)

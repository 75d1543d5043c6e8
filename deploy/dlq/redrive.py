"""Replays messages of the dead-letter queues, one after the other, a lot at a time.

However many there are, no more are held than can be worked on while they are ours. It may be
stopped at any point and run again, also twice at once: what was not done stays in the queue for all
to see, and the ledger keeps anyone from being mailed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.aws.ses import read_quota
from deploy.dlq.audience import audience_of
from deploy.dlq.choosing import hold_chosen
from deploy.dlq.holding import HeldInQueues, hold_messages
from deploy.dlq.letters import DeadLetter, LetterKind, in_order_of_arrival, read_letter
from deploy.dlq.pace import DailyQuotaSpentError, Pace, Timing
from deploy.dlq.replaying import RUN_SECONDS, NotDeletedError, NotReplayedError, Replayer
from deploy.dlq.sources import Sources, find_sources
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment

# A run may take long, but most take a second: a lot is done while its hold lasts, which is longer
# than any run. Where it is not, ten calls renew all of it.
_LOT = 100
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
    """What came of it. `stopped` begins the sentence if it ended early.

    About `unread` more messages, which were there from the start, were not even looked at.
    `still_hidden` says how long SQS shows some to nobody now, and why.
    """

    replayed: tuple[ReplayedLetter, ...]
    left: tuple[RemainingLetter, ...]
    held_by_others: int = 0
    stopped: str = ""
    is_interrupted: bool = False
    unread: int = 0
    still_hidden: str = ""


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
    urls = sources.queue_urls
    with hold_messages(clients.sqs, urls, _HOLD_SECONDS, console.warn, timing.clock) as held:
        run = _RedriveRun(clients, sources, held, timing)
        if ids is None:
            done = _replay_all(run, held, sources.bucket, console)
        else:
            chosen = hold_chosen(held, sources.bucket, ids, "replayed", deployment)
            done = run.replay_lots([chosen], len(chosen), console)
    return replace(done, still_hidden=held.still_hidden)


def _replay_all(run: _RedriveRun, held: HeldInQueues, bucket: str, console: Console) -> Redrive:
    held_by_others, expected = held.held_by_others(), held.unread()
    lots = _lots(held, bucket)
    first = next(lots, [])
    if not first:
        return Redrive((), (), held_by_others, unread=held.unread())
    return run.replay_lots(chain([first], lots), max(expected, len(first)), console)


def _lots(held: HeldInQueues, bucket: str) -> Iterator[list[DeadLetter]]:
    """All that is in the queues; each lot in order of arrival, for SQS knows none."""
    while messages := held.receive(_LOT):
        yield in_order_of_arrival(read_letter(one, bucket) for one in messages)


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
        self._replayed: list[ReplayedLetter] = []
        self._left: dict[str, RemainingLetter] = {}
        self._seen = 0

    def replay_lots(
        self, lots: Iterable[list[DeadLetter]], expected: int, console: Console
    ) -> Redrive:
        """Replay lot by lot; `expected` is about how many messages there are in all."""
        stopped, is_interrupted = "", False
        try:
            with console.bar(f"Replaying {counted(expected, 'message')}", expected) as advance:
                for lot in lots:
                    self._replay_lot(lot, advance)
        except KeyboardInterrupt:
            stopped, is_interrupted = "Stopped: ", True
        except DailyQuotaSpentError as exc:
            stopped = f"{exc}. "
        except NotDeletedError:
            stopped = "SQS does not delete messages now. "
        except (ClientError, BotoCoreError) as exc:
            stopped = f"{explain(exc) or exc} "
        return Redrive(
            tuple(self._replayed),
            tuple(self._left.values()),
            stopped=stopped,
            is_interrupted=is_interrupted,
            unread=self._unread(expected),
        )

    def _replay_lot(self, lot: Sequence[DeadLetter], advance: Callable[[int], None]) -> None:
        """Replay each; one that fails stays hidden until the end, and does not stop the others."""
        self._seen += len(lot)
        self._left |= {letter.id: RemainingLetter(letter.id, letter.title) for letter in lot}
        for number, letter in enumerate(lot):
            self._held.hold_longer([one.id for one in lot[number:]], RUN_SECONDS)
            try:
                self._pace.wait_for(self._mails(letter), letter.title)
                self._replayed.append(ReplayedLetter(letter.id, self._replayer.replay(letter)))
                del self._left[letter.id]
            except (NotReplayedError, NotDeletedError) as exc:
                self._left[letter.id] = RemainingLetter(letter.id, letter.title, str(exc))
                if isinstance(exc, NotDeletedError):
                    raise
            advance(1)

    def _unread(self, expected: int) -> int:
        unseen = max(expected - self._seen, 0)
        if unseen:
            # What has ended the redrive may keep SQS from counting, too.
            with suppress(ClientError, BotoCoreError):
                return min(self._held.unread(), unseen)
        return unseen

    def _mails(self, letter: DeadLetter) -> int:
        """How many mails it could become; those that went out before are counted, too.

        The portal's functions do not say beforehand, nor does a group of files; they, too, are told
        when SES takes no more.
        """
        if letter.kind in (LetterKind.PORTAL, LetterKind.GATHERING):
            return 1
        audiences = (
            audience_of(upload, self._clients.s3, self._generator) for upload in letter.uploads
        )
        return sum(len(audience.recipients) for audience in audiences)

"""A wake-up: files of a group that wait become a share, once none came for as long as it takes.

A share with several files is announced by its manifest, whose own event comes next; one with a
single file as if that had come alone. Whatever a run leaves, by an error or because it died, the
next one finds in the table and ends: Lambda's next try, another wake-up, or a redrive. A share that
an event has failed at for good is left to the redrive of that event, which may be dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import EventError, FileNotReadable
from files.expiry import DEAD_LETTERS_LAST
from files.manifest import MOST_DIRECT_FILES, MOST_FILES, Manifest, SharedFile, manifest_key
from files.store import StoredFile, is_refused, look_up
from files.uploads import Outcome, Upload
from function.errors import FunctionError, code_of
from function.invocation import Invocation
from function.log import place_of
from mail.addresses import parse_address
from tables.service import TableError, write_patiently

from link_generator import log
from link_generator.announcement import Announced, announce
from link_generator.errors import NotGathered, SeveralFailures, UnexpectedFailure
from link_generator.faults import manifest_not_put, not_gathered, not_woken
from link_generator.gathered_files import FILES_AT_ONCE, GatheredFile, Group, Pending, Share
from link_generator.gathering import gathered_id, is_group, new_share_id, share_of_one
from link_generator.settings import Gathering, Services, Settings
from link_generator.side_by_side import side_by_side
from link_generator.wake_ups import EVENT_ID, GATHERED, WakeUpError

# Files that never cease to come are mailed all the same.
_LONGEST_WAIT = timedelta(hours=1)
# A run waits for so little; what is due later has a wake-up of its own.
_SHORT = timedelta(seconds=15)
# After which nobody is at a share any more that has neither grown nor been sealed.
_OPEN_FOR = timedelta(seconds=30)
# Without a portal: bytes of the keys in one mail. In its data, whose size SES limits, each takes up
# to six characters in links and twelve in names.
_MOST_DIRECT_KEYS = 8_000
# As often Lambda runs an event before it is a dead letter.
_FAILED_FOR_GOOD = 3
# S3's code for If-None-Match where there is an object.
_PUT_BEFORE = {"PreconditionFailed", "412"}

_Answer = TypeVar("_Answer")

_WHAT = "What waits to be mailed together"


def is_wake_up(event: object) -> bool:
    return isinstance(event, Mapping) and GATHERED in event


def close_group(
    event: Mapping[str, object], settings: Settings, services: Services, invocation: Invocation
) -> list[Announced]:
    """Mail the files of the event's group together, if they are complete. Raises FunctionError."""
    group, gathering = event[GATHERED], services.gathering
    if not is_group(group):
        raise EventError("An event names no group of files that wait; nothing was done for it.")
    if gathering is None or settings.gathering is None:
        raise NotGathered(
            "Files that waited to be mailed together were not announced, for GatherPeriod is 0 by "
            f"now; mail each with `{settings.command('send')}`."
        )
    period = settings.gathering.period
    # The tries of one event share an id; its redrive says it.
    event_id = str(event.get(EVENT_ID) or invocation.request_id)
    run = _Closing(str(group), event_id, period, gathering, settings, services, invocation)
    try:
        run.close_what_is_complete()
        return run.announce_what_is_closed()
    except TableError as exc:
        raise not_gathered(_WHAT, exc) from exc
    except WakeUpError as exc:
        raise not_woken(_WHAT, exc) from exc


@dataclass
class _Closing:
    """One run for one group."""

    group: str
    event_id: str
    period: timedelta
    gathering: Gathering
    settings: Settings
    services: Services
    invocation: Invocation
    _own: set[str] = field(default_factory=set)

    def close_what_is_complete(self) -> None:
        """Take what waits into shares. Only one is open at a time, so others wait for its end."""
        tries, has_waited = 0, False
        while True:
            now, state = self.invocation.clock(), self._group()
            if not self.invocation.has_time:
                self._wake_up(now)
                return
            if share := state.open:
                is_left = share.opened_at and now >= share.opened_at + _OPEN_FOR
                if is_left or share.id in self._own:
                    self._seal(share)
                else:
                    self.invocation.pause(tries)
                    tries += 1
                continue
            if not state.pending:
                return
            due = self._due(state.pending)
            if now >= due:
                self._open(state.pending)
            elif has_waited or due - now > _SHORT:
                # The last that came has a wake-up of its own, but for a GatherPeriod that has been
                # made longer since.
                self._wake_up(due)
                log.still_gathering(self.group, len(state.pending))
                return
            else:
                self.invocation.wait_until(due)
                has_waited = True

    def announce_what_is_closed(self) -> list[Announced]:
        """Also what another run left; one that fails does not stop the others."""
        announced: list[Announced] = []
        failures: list[FunctionError] = []
        found = self._group().sealed
        sealed = [one for one in found if not self._is_left_alone(one)]
        if len(found) > len(sealed):
            log.left_to_redrive(self.group, len(found) - len(sealed))
        elif not sealed:
            log.nothing_gathered(self.group)
        # First those that no other event takes.
        for share in sorted(sealed, key=_has_failed_for_good, reverse=True):
            if not self.invocation.has_time:
                if _has_failed_for_good(share):
                    failures.append(_not_yet())
                self._wake_up(self.invocation.clock())
                break
            try:
                announced += self._announce(share)
            except FunctionError as exc:
                failures.append(exc)
            except TableError as exc:
                failures.append(not_gathered(_WHAT, exc))
            except Exception as exc:
                failures.append(_unexpected(exc))
            else:
                continue
            self._note_failure(share)
        for failure in failures:
            log.failed(failure, None)
        if len(failures) > 1:
            raise SeveralFailures(failures)
        if failures:
            raise failures[0]
        return announced

    def _is_left_alone(self, share: Share) -> bool:
        """Whether it is in the dead letter, or in the hands, of another event."""
        return _has_failed_for_good(share) and share.failed_in != self.event_id

    def _note_failure(self, share: Share) -> None:
        """Only runs that fail note it: so the event noted last is tried again, or a dead letter."""
        # What could not be noted is anybody's, as before.
        with suppress(TableError):
            self._patiently(lambda: self.gathering.files.failed(self.group, share, self.event_id))

    def _due(self, pending: Sequence[Pending]) -> datetime:
        """When nothing came for long enough, or what came first has waited too long."""
        quiet = pending[-1].arrived_at + self.period
        return min(quiet, pending[0].arrived_at + _LONGEST_WAIT)

    def _open(self, pending: Sequence[Pending]) -> None:
        """Begin a share with those that came first, and take in as many as it has room for."""
        share, now = new_share_id(self.services.random_bytes(8)), self.invocation.clock()
        self._own.add(share)
        taken = self._room(pending)
        first = [one.id for one in taken[:FILES_AT_ONCE]]
        if self._patiently(
            lambda: self.gathering.files.open(self.group, share, first, now, self._ends_at)
        ):
            self._fill(Share(share, frozenset(first)), taken[FILES_AT_ONCE:])

    def _fill(self, share: Share, pending: Sequence[Pending]) -> None:
        """Take in these, too, and seal it; what did not come about, the next look at it shows."""
        files = share.files
        for start in range(0, len(pending), FILES_AT_ONCE):
            more = [one.id for one in pending[start : start + FILES_AT_ONCE]]
            if not self._patiently(
                partial(self.gathering.files.extend, self.group, share.id, more)
            ):
                return
            files |= set(more)
        self._seal(replace(share, files=files))

    def _seal(self, share: Share) -> None:
        self._patiently(lambda: self.gathering.files.seal(self.group, share, self._ends_at))

    def _room(self, pending: Sequence[Pending]) -> Sequence[Pending]:
        """Those of the first that come into one mail, or onto one page; of what was replaced while
        it waited, each version into one of its own."""
        first = list({one.key: one for one in reversed(pending)}.values())[::-1]
        if self.settings.portal:
            return first[:MOST_FILES]
        sizes = accumulate(len(one.key.encode()) for one in first[:MOST_DIRECT_FILES])
        return first[: max(sum(size <= _MOST_DIRECT_KEYS for size in sizes), 1)]

    def _announce(self, share: Share) -> list[Announced]:
        """Announce a sealed share, and forget that it was to be. Raises FunctionError."""
        files = self.gathering.files.files(share.files)
        announced = self._alone(files[0]) if len(share.files) == 1 and files else []
        if len(share.files) > 1:
            self._put_manifest(share, files)
        # What another run is mailing at this moment, it has to find again if it dies.
        if all(one.outcome is not Outcome.IN_PROGRESS for one in announced):
            self._patiently(lambda: self.gathering.files.forget(self.group, share))
        elif _has_failed_for_good(share):
            # No other event would find it.
            raise _not_yet()
        return announced

    def _alone(self, file: GatheredFile) -> list[Announced]:
        services = replace(self.services, gathering=None)
        return [announce(self._upload(file), self.settings, services, self.invocation)]

    def _put_manifest(self, share: Share, files: Sequence[GatheredFile]) -> None:
        """Make the share's manifest, unless it was made before.

        Raises FileNotReadable, NotGathered.
        """
        files = sorted(files, key=lambda one: one.key)
        found = side_by_side(self._found, files, self.services.readers)
        there = [(file, one) for file, one in zip(files, found, strict=True) if one is not None]
        if not there:
            return
        key = manifest_key(gathered_id(self.group, share.id))
        manifest = self._manifest(there)
        try:
            self.gathering.manifests.put_object(
                Bucket=self.settings.bucket,
                Key=key,
                Body=manifest.text,
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except (ClientError, BotoCoreError) as exc:
            if code_of(exc) not in _PUT_BEFORE:
                raise manifest_not_put(_WHAT, code_of(exc)) from exc
        log.share_made(key, len(manifest.files))

    def _found(self, file: GatheredFile) -> StoredFile | FileNotReadable | None:
        """The file, or why it cannot be read, which is said when the share is announced; None when
        it is gone."""
        try:
            found = look_up(self._upload(file), self.services.store)
        except FileNotReadable as exc:
            if is_refused(exc):
                return exc
            raise
        if found is None or found.upload.version != file.version:
            log.gone_while_gathered(self._upload(file))
            return None
        return found

    def _manifest(
        self, there: Sequence[tuple[GatheredFile, StoredFile | FileNotReadable]]
    ) -> Manifest:
        """All say the same but for their names. Raises the error of one that cannot be read, when
        none can."""
        files = tuple(SharedFile(one.key, one.version, one.size, one.name) for one, _ in there)
        for file, found in there:
            if isinstance(found, StoredFile):
                said = share_of_one(found, [parse_address(one) for one in file.recipients])
                if said is None:
                    raise UnexpectedFailure(f"{found.upload} was gathered, but fits no manifest.")
                return replace(said, files=files)
        [error, *_] = (found for _, found in there if isinstance(found, FileNotReadable))
        raise error

    def _upload(self, file: GatheredFile) -> Upload:
        return Upload(self.settings.bucket, file.key, file.version)

    def _group(self) -> Group:
        return self._patiently(lambda: self.gathering.files.group(self.group))

    def _wake_up(self, moment: datetime) -> None:
        self.gathering.wake_ups.make(self.group, moment, self.invocation.pause_a_few_times)

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        return write_patiently(ask, self.invocation.pause_a_few_times)

    @property
    def _ends_at(self) -> datetime:
        """When DynamoDB may remove a share that nobody could announce: long after its files."""
        days = timedelta(days=self.settings.days_to_live)
        return self.invocation.clock() + days + DEAD_LETTERS_LAST


def _has_failed_for_good(share: Share) -> bool:
    return share.failures >= _FAILED_FOR_GOOD


def _not_yet() -> NotGathered:
    return NotGathered(
        f"{_WHAT} was not announced yet, for there was no time, or another run is at it; Lambda "
        "tries again, then dead-letters the event."
    )


def _unexpected(exc: Exception) -> UnexpectedFailure:
    return UnexpectedFailure(
        f"{_WHAT} was not announced: {place_of(exc)}. This is a defect of LinkGenerator; please "
        "report it."
    )

"""Keeps a file for its links: a copy inside S3 begins its time anew, and its links move to it.

Nobody is mailed about the copy, and the old version goes by the bucket's lifecycle. Each step may
be repeated: stopped before the links have moved, they lead to the old version, which stays as long
as S3 keeps old versions, and the next command copies it once more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code, explain
from deploy.interruption import deferring_interrupts
from deploy.lambda_packages import (
    COPY_OF,
    Family,
    FileArchived,
    FileNotReadable,
    Link,
    NewVersion,
    StoredFile,
    Upload,
    copy_mark,
    family_of,
    file_ends,
    file_size,
    is_prolonged,
    look_up,
    move_links,
    prolong_deliveries,
    quoted,
    row_ends,
)
from deploy.links.copying import NotCopied, Original, Pieces, copy_onto_itself
from deploy.links.portal import PortalLinks, explained_table_errors
from deploy.links.reading import ALL_LINKS, read_links
from deploy.uploading.upload import Place, is_not_new
from deploy.wording import counted, moment

# A copy that brings less than this part of a file's time is not worth it, to whoever asked for
# more than a copy can bring.
_WORTHWHILE = 1 / 10
# A click at the same moment keeps the links from being moved; it is over at once.
_MOST_TRIES, _PAUSE_SECONDS = 5, 0.2

# How S3 answers who asks for a file under its sender's own key, without that key.
_UNDER_ANOTHERS_KEY = {"400", "BadRequest"}
_SSE_C = "its file is under its sender's own key; send it again without SSE-C"
_GONE = "its file is gone; send the file again"
_NEWER = "its file has a newer version, which a copy of this one would hide; send that one instead"


class NotProlonged(Exception):  # noqa: N818 - says what happened
    """Why the file of a link cannot be kept for longer."""


class TooOld(NotProlonged):
    """MaxExtension lets links to the file end sooner, where it is prolonged."""


@dataclass(frozen=True)
class Prolonging:
    """What one command does about the files of the links that it extends."""

    portal: PortalLinks
    now: datetime
    tell: Callable[[str], None]
    pieces: Pieces = field(default_factory=Pieces)
    _made: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def as_it_is(self, link: Link) -> Link:
        """The link, which this command may have moved since it was read."""
        if (link.key, link.version) not in self._made:
            return link
        with explained_table_errors():
            return self.portal.store.of_id(link.id) or link

    def has_made(self, link: Link) -> bool:
        """Whether this command has copied the file to which the link leads."""
        return link.version in self._made.values()

    def is_worthwhile(self, wanted: datetime, ends: datetime) -> bool:
        """Whether a copy lets a link work longer whose file ends then."""
        if not self.now < ends < wanted or not self.portal.max_extension:
            return False
        least = self._stays * _WORTHWHILE if wanted > self._reach else timedelta()
        return min(wanted, self._reach) > ends + least

    def prolong(self, link: Link, wanted: datetime) -> Link:
        """Copy the link's file, and move all of the file's links. Raises NotProlonged."""
        file = self._looked_up(link.upload)
        self._newest(file)
        family = self._family(file)
        self._check_limit(family, min(wanted, self._reach))
        links = self._links_to(link)
        name = f"{quoted(link.key)} ({file_size(file.size)})"
        by_id = {one.id: one for one in [*links, link]}
        self._remember(file, by_id)
        self.tell(f"Copying {name} inside S3, so that it stays until {moment(self._reach)}.")
        copy = self._copy(file, family)
        with deferring_interrupts(), explained_table_errors():
            self._move(by_id.values(), copy)
            moved = self.portal.store.of_id(link.id)
        if moved is None or moved.version != copy.upload.version:
            raise NotProlonged("it was changed at the same moment; run the command again")
        self._made[link.key, link.version] = copy.upload.version or ""
        return moved

    def _newest(self, file: StoredFile) -> StoredFile:
        """The newest version of its key, which a copy of the file may hide: itself, or a copy."""
        newest = self._looked_up(file.upload.with_version(None))
        if newest.upload.version in (None, "null"):
            raise NotProlonged("its bucket keeps no versions, so that a copy would replace it")
        if newest.upload.version == file.upload.version:
            return newest
        # Links may be left behind: the command was stopped before it had moved them, another
        # operator's ran beside it, or they were made later, by a redrive.
        with _explained():
            is_copy = is_prolonged(newest, self.portal.clients.s3)
        if not (is_copy and self._family(newest).root == self._family(file).root):
            raise NotProlonged(_NEWER)
        return newest

    def _looked_up(self, upload: Upload) -> StoredFile:
        with _explained():
            file = look_up(upload, self.portal.clients.s3)
        if file is None:
            raise NotProlonged(_GONE)
        return file

    def check_limit(self, link: Link, end: datetime) -> None:
        """Of a link to a prolonged file; what stays of that may be more. Raises NotProlonged."""
        self._check_limit(self._family(self._looked_up(link.upload)), end)

    def _check_limit(self, family: Family, end: datetime) -> None:
        most = timedelta(days=self.portal.longest_extension)
        if end > (limit := family.arrived_at + most):
            deploy = self.portal.deployment.command("deploy --set MaxExtension=DAYS")
            raise TooOld(
                f"its file came on {moment(family.arrived_at)}, and MaxExtension ends links to "
                f"prolonged files after {counted(most.days, 'day')}, on {moment(limit)}; ask for "
                f"an earlier --until, raise that with `{deploy}`, or send the file again"
            )

    def _family(self, file: StoredFile) -> Family:
        with _explained():
            return family_of(file, self.portal.clients.s3)

    def _copy(self, file: StoredFile, family: Family) -> StoredFile:
        clients, upload = self.portal.clients, file.upload
        version = str(upload.version)
        original = Original(upload.key, version, lambda: self._newest(file).etag)
        mark = copy_mark(version, datetime.now(UTC), family)
        place = Place(clients.s3, upload.bucket, clients.account)
        try:
            copy = copy_onto_itself(place, original, mark, self.pieces)
        except NotCopied as exc:
            raise NotProlonged(f"{exc}; send the file again") from exc
        except ClientError as exc:
            if is_not_new(exc):
                return self._made_before(upload, mark, exc)
            why = str(explain(exc) or f"{error_code(exc)}: {exc}").rstrip(".")
            raise NotProlonged(f"its file was not copied ({why})") from exc
        return self._looked_up(upload.with_version(copy))

    def _made_before(self, upload: Upload, mark: str, exc: ClientError) -> StoredFile:
        """The copy that S3 had made when its answer was lost: the second try finds it there."""
        newest = self._looked_up(upload.with_version(None))
        if newest.metadata.get(COPY_OF) != mark:
            raise NotProlonged(_NEWER) from exc
        return newest

    def _remember(self, file: StoredFile, deliveries: Iterable[str]) -> None:
        """No row of the ledger goes before its link. Whoever may not write there is told so before
        anything is copied."""
        portal = self.portal
        until = row_ends(replace(file, last_modified=self.now), portal)
        ledger = portal.generator.outputs["DeliveriesLedgerName"]
        with explained_table_errors():
            prolong_deliveries(portal.clients.dynamodb, ledger, deliveries, until, _pause)

    def _move(self, links: Iterable[Link], copy: StoredFile) -> None:
        portal, version = self.portal, str(copy.upload.version)
        ends, removed_at = file_ends(copy, portal), row_ends(copy, portal)
        new = NewVersion(version, copy.last_modified, ends, removed_at)
        move_links(portal.store, links, new, _pause)

    def _links_to(self, link: Link) -> list[Link]:
        """All of its file, as they are now: a copy before may have moved them."""
        links = read_links(self.portal, ALL_LINKS, self.now)
        return [one for one in links if (one.key, one.version) == (link.key, link.version)]

    @property
    def _stays(self) -> timedelta:
        return timedelta(days=self.portal.days_to_live)

    @property
    def _reach(self) -> datetime:
        """Until when a copy stays that is made now."""
        return self.now + self._stays


@contextmanager
def _explained() -> Iterator[None]:
    """What S3 does not tell of a file, as why it is not prolonged."""
    try:
        yield
    except FileArchived as exc:
        raise NotProlonged("its file is archived; send it again in class STANDARD") from exc
    except FileNotReadable as exc:
        cause = exc.__cause__
        if isinstance(cause, ClientError) and error_code(cause) in _UNDER_ANOTHERS_KEY:
            raise NotProlonged(_SSE_C) from exc
        why = (explain(cause) or cause) if cause else exc
        raise NotProlonged(f"its file cannot be read ({str(why).rstrip('.')})") from exc


def _pause(tries: int) -> bool:
    time.sleep(_PAUSE_SECONDS)
    return tries + 1 < _MOST_TRIES

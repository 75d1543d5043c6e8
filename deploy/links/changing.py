"""Revokes links, and lets them work longer or more often. It writes to LinksTable; what keeps a
file for them is `prolonging`.

Each write has its condition, so that a click or another operator at the same moment loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.lambda_packages import COPY_OF, FileNotReadable, Link, look_up_as_it_was
from deploy.links.portal import PortalLinks, explained_table_errors
from deploy.links.prolonging import NotProlonged, Prolonging, TooOld
from deploy.wording import moment

_GONE = "its row is gone from the table"
_REVOKED = "it is revoked, and that cannot be undone; send the file again"


@dataclass(frozen=True)
class LinkChange:
    """What became of a link. `problem` says why it is as it was before, though it should not be.

    `is_done` says that there was nothing left to change; `ends_with_file` that it was asked to
    outlive its file, which none does, `is_prolonged` that its file was copied for it.
    """

    link: Link
    problem: str = ""
    is_done: bool = False
    ends_with_file: bool = False
    is_prolonged: bool = False


@dataclass(frozen=True)
class Extension:
    """What a link is to have: a longer time, more downloads from now on (0: any number), or both.

    `by` counts from the link's end, or from now once it has ended; downloads are of each file.
    """

    by: timedelta | None = None
    until: datetime | None = None
    downloads: int | None = None

    def end(self, link: Link, now: datetime) -> datetime | None:
        if self.by is not None:
            return max(link.expires_at, now) + self.by
        return self.until

    def most_downloads(self, link: Link, usual: int) -> int | None:
        """So many more than now, whatever was used of them; None leaves it."""
        if not self.downloads:
            return self.downloads
        most = link.most_downloads(usual)
        # A share's are counted file by file, and the row says of all together only.
        used = 0 if link.file_count else link.downloads
        return max(most, used) + self.downloads if most else None


def is_changeable(link: Link, now: datetime) -> bool:
    """Whether it works, or could be made to work again."""
    return not link.revoked_at and link.file_ends_at > now


def revoke(portal: PortalLinks, link: Link, now: datetime) -> LinkChange:
    """Revoke a link, whichever mails it is in. This cannot be undone."""
    if link.revoked_at:
        return LinkChange(link, is_done=True)
    with explained_table_errors():
        revoked = portal.store.revoke(link.id, now)
    return LinkChange(revoked) if revoked else LinkChange(link, _GONE)


def extend(
    portal: PortalLinks, link: Link, extension: Extension, now: datetime, files: Prolonging
) -> LinkChange:
    """Let a link work longer, or more often. Its file is prolonged where it ends before the link
    is to; the link works up to the end of its file at most."""
    link = files.as_it_is(link)
    asked = extension.end(link, now)
    most = extension.most_downloads(link, portal.usual_downloads)
    file = _file(portal, link)
    if file is None:
        return LinkChange(link, "its file is gone; send the file again")
    if asked and not link.revoked_at:
        try:
            link = _prolonged(link, file, asked, files)
        except NotProlonged as exc:
            return LinkChange(link, f"{exc}{_how_far(link, file, exc)}")
    file_ends = max(file.ends_at, link.file_ends_at)
    end = min(asked, file_ends) if asked else None
    problem = _why_not_extendable(link, end, file_ends, now)
    problem = problem or _why_no_more_downloads(extension, most, end)
    if problem:
        return LinkChange(link, problem)
    is_cut = asked != end
    is_prolonged = files.has_made(link)
    if is_cut and end == link.expires_at and most is None:
        return LinkChange(link, is_done=True, ends_with_file=True, is_prolonged=is_prolonged)
    moved = file_ends if file_ends > link.file_ends_at else None
    with explained_table_errors():
        extended = portal.store.extend(link.id, now, end, most, moved)
        if extended:
            return LinkChange(extended, ends_with_file=is_cut, is_prolonged=is_prolonged)
        found = portal.store.of_id(link.id)
    return LinkChange(found, _REVOKED) if found else LinkChange(link, _GONE)


@dataclass(frozen=True)
class _File:
    """When a link's file goes, and whether it is one that was prolonged."""

    ends_at: datetime
    is_copy: bool


def _prolonged(link: Link, file: _File, asked: datetime, files: Prolonging) -> Link:
    """The link, moved to a copy where it needs one to work until then. Raises NotProlonged."""
    if link.file_count and files.is_worthwhile(asked, file.ends_at):
        raise NotProlonged("the files of a share cannot be kept for longer; send them again")
    if files.is_worthwhile(asked, file.ends_at):
        return files.prolong(link, asked)
    end = min(asked, file.ends_at)
    # What is no longer than now was granted before.
    if file.is_copy and end > max(link.expires_at, files.now):
        files.check_limit(link, end)
    return link


def _how_far(link: Link, file: _File, why: NotProlonged) -> str:
    """Until when the link could work whose file cannot be prolonged, if that is longer than now."""
    if file.ends_at <= link.expires_at or (file.is_copy and isinstance(why, TooOld)):
        return ""
    return f". Until its end on {moment(file.ends_at)} the link can be extended"


def _file(portal: PortalLinks, link: Link) -> _File | None:
    """When it goes, by ExchangableObjectsTTL of today; None when it is gone.

    That may be later than the link knows: what cannot be read ends when the link says, and so does
    a share, whose manifest is younger than its files.
    """
    try:
        file = look_up_as_it_was(link.upload, link.modified_at, portal.clients.s3)
    except FileNotReadable:
        return _File(link.file_ends_at, is_copy=False)
    if file is None:
        return None
    if link.file_count:
        return _File(link.file_ends_at, is_copy=False)
    ends = max(link.file_ends_at, file.last_modified + timedelta(days=portal.days_to_live))
    return _File(ends, is_copy=COPY_OF in file.metadata)


def _why_no_more_downloads(extension: Extension, most: int | None, end: datetime | None) -> str:
    """Why a link gets no more downloads, though it was asked for."""
    if extension.downloads is None:
        return ""
    if most is None and end is None:
        return "it may be downloaded any number of times already"
    return ""


def _why_not_extendable(
    link: Link, end: datetime | None, file_ends: datetime, now: datetime
) -> str:
    """Why a link cannot be extended."""
    if link.revoked_at:
        return _REVOKED
    if file_ends <= now:
        return f"its file was removed on {moment(file_ends)}; send the file again"
    if end is None:
        return ""
    if end < link.expires_at:
        return f"it works until {moment(link.expires_at)} already, which is later"
    return ""

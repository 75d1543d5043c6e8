"""Revokes links, and lets them work longer or oftener. It writes to LinksTable only.

Each write has its condition, so that a click or another operator at the same moment loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.links.reading import PortalLinks, told
from deploy.links.wording import moment
from deploy.shared import Link

_GONE = "its row is gone from the table"
_REVOKED = "it is revoked, and that cannot be undone; send the file again"


@dataclass(frozen=True)
class Changed:
    """What became of a link. `problem` says why it is as it was before."""

    link: Link
    problem: str = ""


@dataclass(frozen=True)
class Extension:
    """What a link is to have: a longer time, more downloads from now on (0: any number), or both.

    `by` counts from the link's end, or from now once it has ended.
    """

    by: timedelta | None = None
    until: datetime | None = None
    downloads: int | None = None

    def end(self, link: Link, now: datetime) -> datetime | None:
        if self.by is not None:
            return max(link.expires_at, now) + self.by
        return self.until

    def most_downloads(self, link: Link) -> int | None:
        return link.downloads + self.downloads if self.downloads else self.downloads


def is_changeable(link: Link, now: datetime) -> bool:
    """Whether it works, or could be made to work again."""
    return not link.revoked_at and link.file_ends_at > now


def revoke(portal: PortalLinks, link: Link, now: datetime) -> Changed:
    """Let a link work no more, whichever mail it stands in. There is no way back."""
    if link.revoked_at:
        return Changed(link, "it was revoked before")
    with told():
        revoked = portal.store.revoke(link.id, now)
    return Changed(revoked) if revoked else Changed(link, _GONE)


def extend(portal: PortalLinks, link: Link, extension: Extension, now: datetime) -> Changed:
    """Let a link work longer or oftener, but never longer than its file stays."""
    end = extension.end(link, now)
    problem = _obstacle(link, end, now)
    if problem:
        return Changed(link, problem)
    with told():
        extended = portal.store.extend(link.id, end, extension.most_downloads(link))
        if extended:
            return Changed(extended)
        found = portal.store.of_id(link.id)
    return Changed(found, _REVOKED) if found else Changed(link, _GONE)


def _obstacle(link: Link, end: datetime | None, now: datetime) -> str:
    """Why a link cannot be extended."""
    if link.revoked_at:
        return _REVOKED
    if link.file_ends_at <= now:
        return f"its file was removed on {moment(link.file_ends_at)}; send the file again"
    if end is None:
        return ""
    if end > link.file_ends_at:
        return (
            f"its file is removed on {moment(link.file_ends_at)}, and no link outlives its file; "
            "send the file again if that is too soon"
        )
    if end < link.expires_at:
        return f"it works until {moment(link.expires_at)} already, which is later"
    return ""

"""Revokes links, and lets them work longer or oftener. It writes to LinksTable only.

Each write has its condition, so that a click or another operator at the same moment loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.links.reading import PortalLinks, told
from deploy.links.wording import moment
from deploy.shared import MAIL, Link

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectRequestTypeDef

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

    def most_downloads(self, link: Link, usual: int) -> int | None:
        """So many more than now, whatever was used of them; None leaves it."""
        if not self.downloads:
            return self.downloads
        most = link.most_downloads(usual)
        return max(most, link.downloads) + self.downloads if most else None


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
    most = extension.most_downloads(link, portal.usual_downloads)
    file_ends = link.file_ends_at
    if (end and end > file_ends) or file_ends <= now:
        file_ends = max(file_ends, _file_ends(portal, link) or file_ends)
    problem = _obstacle(link, end, file_ends, now) or _no_more_downloads(link, extension, most, end)
    if problem:
        return Changed(link, problem)
    moved = file_ends if file_ends > link.file_ends_at else None
    with told():
        extended = portal.store.extend(link.id, now, end, most, moved)
        if extended:
            return Changed(extended)
        found = portal.store.of_id(link.id)
    return Changed(found, _REVOKED) if found else Changed(link, _GONE)


def _file_ends(portal: PortalLinks, link: Link) -> datetime | None:
    """By ExchangableObjectsTTL of today, which may be more than when the link was made."""
    file: HeadObjectRequestTypeDef = {"Bucket": link.bucket, "Key": link.key}
    if link.version:
        file["VersionId"] = link.version
    try:
        head = portal.clients.s3.head_object(**file)
    except ClientError:
        return None
    return head["LastModified"] + timedelta(days=portal.days_to_live)


def _no_more_downloads(
    link: Link, extension: Extension, most: int | None, end: datetime | None
) -> str:
    """Why a link gets no more downloads, though it was asked for."""
    if extension.downloads is None:
        return ""
    if link.kind != MAIL:
        return "it was made for a program and works once; make another one"
    if most is None and end is None:
        return "it may be downloaded any number of times already"
    return ""


def _obstacle(link: Link, end: datetime | None, file_ends: datetime, now: datetime) -> str:
    """Why a link cannot be extended."""
    if link.revoked_at:
        return _REVOKED
    if file_ends <= now:
        return f"its file was removed on {moment(file_ends)}; send the file again"
    if end is None:
        return ""
    if end > file_ends:
        return (
            f"its file is removed on {moment(file_ends)}, and no link outlives its file; "
            "send the file again if that is too soon"
        )
    if end < link.expires_at:
        return f"it works until {moment(link.expires_at)} already, which is later"
    return ""

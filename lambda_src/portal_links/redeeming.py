"""A click: whether it may download, decided and counted by one conditional update.

Of any number of clicks at the same moment one is counted; the others find the link in its grace
window, in which a download that broke off may be tried again, or used up. In a share this holds
for each of its files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tables.service import NotWritten, Update, moment_text

from portal_links import rows
from portal_links.file_counts import FileCounts
from portal_links.guessing import NOT_LOCKED
from portal_links.links import WORKING, Link
from portal_links.store import KNOWN, NOT_REVOKED, Links, seconds

# A click is counted if all of this holds: the link is known, it is not revoked, and …
_NOT_EXPIRED = f"#{rows.EXPIRES_AT} > :now"
# … the last download has had its time for retries, which are not counted, …
_OUT_OF_GRACE = "(attribute_not_exists({grace}) OR {grace} <= :now)"
# … and a download is left: by the link's own limit, or by the portal's if it has none. …
_OWN_LIMIT = f"(#{rows.MAX_DOWNLOADS} = :zero OR {{count}} < #{rows.MAX_DOWNLOADS})"
_NO_OWN_LIMIT = f"attribute_not_exists(#{rows.MAX_DOWNLOADS})"
_USUAL_LIMIT = f"({_NO_OWN_LIMIT} AND {{count}} < :usual)"
# … A file of a share that was never downloaded has no count, and one left by any limit.
_NEVER_YET = "attribute_not_exists({count})"
_IS_A_SHARE_WITH_IT = f"#{rows.FILE_COUNT} > :position"
_IS_NO_SHARE = f"attribute_not_exists(#{rows.FILE_COUNT})"


@dataclass(frozen=True)
class Limits:
    """What holds for every link: how many downloads (0 is any number), how long for retries."""

    usual_downloads: int
    grace: timedelta


@dataclass(frozen=True)
class Redeemed:
    """A click that may download; `counted` when it is not a retry. `counts` are a share's."""

    link: Link
    counted: bool
    counts: FileCounts = field(default_factory=FileCounts)

    @property
    def is_first(self) -> bool:
        """Of a share, the first of all its files."""
        return self.counted and self.link.downloads == 1


@dataclass(frozen=True)
class Refused:
    """A click that may not, and the link as it is; its state says why."""

    link: Link
    counts: FileCounts = field(default_factory=FileCounts)


def redeem(
    links: Links, link_id: str, now: datetime, limits: Limits, position: int | None = None
) -> Redeemed | Refused | None:
    """Take one download off a link that was found by its token; None when it is gone.

    `position` is that of a file in a share, and None for a link to a single file. Raises
    TableError.
    """
    written = links.table.write(_download(link_id, now, limits, position))
    if not isinstance(written, NotWritten):
        return Redeemed(Link.of_row(written), counted=True, counts=FileCounts.of_row(written))
    if not written.row:
        return None
    link, counts = Link.of_row(written.row), FileCounts.of_row(written.row)
    usual = limits.usual_downloads
    if position is None:
        may_retry = link.is_in_grace(now) and link.state(now, usual) in WORKING
    else:
        state = counts.state(position, link, now, usual)
        may_retry = counts.is_in_grace(position, now) and state in WORKING
    return Redeemed(link, counted=False, counts=counts) if may_retry else Refused(link, counts)


def _download(link_id: str, now: datetime, limits: Limits, position: int | None) -> Update:
    """One download of a file, under the condition that it is given."""
    until = seconds(now + limits.grace)
    values: dict[str, Any] = {rows.LAST_DOWNLOAD_AT: moment_text(now), rows.GRACE_UNTIL: until}
    operands = {"now": seconds(now), "zero": 0}
    count, grace = rows.DOWNLOADS, rows.GRACE_UNTIL
    total: Mapping[str, int] = {}
    left, what = [_OWN_LIMIT], _IS_NO_SHARE
    if position is not None:
        count, grace = f"{rows.FILE_DOWNLOADS}.{position}", f"{rows.FILE_GRACE}.{position}"
        values[grace], total = until, {rows.DOWNLOADS: 1}
        operands["position"] = position
        left, what = [_NEVER_YET, _OWN_LIMIT], _IS_A_SHARE_WITH_IT
    left.append(_USUAL_LIMIT if limits.usual_downloads else _NO_OWN_LIMIT)
    if limits.usual_downloads:
        operands["usual"] = limits.usual_downloads
    paths = {"count": f"#{count}".replace(".", ".#"), "grace": f"#{grace}".replace(".", ".#")}
    conditions = (
        *(KNOWN, NOT_REVOKED, _NOT_EXPIRED, NOT_LOCKED, what),
        *(_OUT_OF_GRACE, f"({' OR '.join(left)})"),
    )
    return Update(
        link_id,
        set=values,
        kept={rows.FIRST_DOWNLOAD_AT: moment_text(now)},
        removed=(rows.REMINDER, rows.WRONG_ANSWERS),
        counted=count,
        added=total,
        condition=" AND ".join(conditions).format(**paths),
        operands=operands,
    )

"""A click: whether it may download, decided and counted by one conditional update.

Of any number of clicks at the same moment one is counted; the others find the link in its grace
window, in which a download that broke off may be tried again, or used up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tables.service import NotWritten, Update, moment_text

from portal_links import rows
from portal_links.guessing import NOT_LOCKED
from portal_links.links import WORKING, Link
from portal_links.store import KNOWN, NOT_REVOKED, Links, seconds

# A click is counted if all of this holds: the link is known, it is not revoked, and …
_NOT_EXPIRED = f"#{rows.EXPIRES_AT} > :now"
# … the last download has had its time for retries, which are not counted, …
_OUT_OF_GRACE = f"(attribute_not_exists(#{rows.GRACE_UNTIL}) OR #{rows.GRACE_UNTIL} <= :now)"
# … and a download is left: by the link's own limit, or by the portal's if it has none.
_OWN_LIMIT = f"(#{rows.MAX_DOWNLOADS} = :zero OR #{rows.DOWNLOADS} < #{rows.MAX_DOWNLOADS})"
_NO_OWN_LIMIT = f"attribute_not_exists(#{rows.MAX_DOWNLOADS})"
_USUAL_LIMIT = f"({_NO_OWN_LIMIT} AND #{rows.DOWNLOADS} < :usual)"


@dataclass(frozen=True)
class Limits:
    """What holds for every link: how many downloads (0 is any number), how long for retries."""

    usual_downloads: int
    grace: timedelta


@dataclass(frozen=True)
class Redeemed:
    """A click that may download; `counted` when it is not a retry."""

    link: Link
    counted: bool

    @property
    def is_first(self) -> bool:
        return self.counted and self.link.downloads == 1


@dataclass(frozen=True)
class Refused:
    """A click that may not, and the link as it is; its state says why."""

    link: Link


def redeem(links: Links, link_id: str, now: datetime, limits: Limits) -> Redeemed | Refused | None:
    """Take one download off a link that was found by its token; None when it is gone.

    Raises TableError.
    """
    operands = {"now": seconds(now), "zero": 0}
    left = f"({_OWN_LIMIT} OR {_NO_OWN_LIMIT})"
    if limits.usual_downloads:
        operands["usual"] = limits.usual_downloads
        left = f"({_OWN_LIMIT} OR {_USUAL_LIMIT})"
    conditions = (KNOWN, NOT_REVOKED, _NOT_EXPIRED, NOT_LOCKED, _OUT_OF_GRACE, left)
    written = links.table.write(
        Update(
            link_id,
            set={
                rows.LAST_DOWNLOAD_AT: moment_text(now),
                rows.GRACE_UNTIL: seconds(now + limits.grace),
            },
            kept={rows.FIRST_DOWNLOAD_AT: moment_text(now)},
            removed=(rows.REMINDER, rows.WRONG_ANSWERS),
            counted=rows.DOWNLOADS,
            condition=" AND ".join(conditions),
            operands=operands,
        )
    )
    if not isinstance(written, NotWritten):
        return Redeemed(Link.of_row(written), counted=True)
    if not written.row:
        return None
    link = Link.of_row(written.row)
    if link.is_in_grace(now) and link.state(now, limits.usual_downloads) in WORKING:
        return Redeemed(link, counted=False)
    return Refused(link)

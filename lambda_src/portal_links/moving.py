"""Moves the links of one version of a file to a copy of it, which stays longer.

A click in between finds either version, both of them there. No link works again by being moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from function.invocation import Pause
from tables.lots import write_in_lots
from tables.service import Update

from portal_links import rows
from portal_links.links import Link
from portal_links.store import KNOWN, Links, seconds

# What leads to another version by now, as another operator has moved it, stays there.
_LEADS_TO_THE_OLD_ONE = f"#{rows.VERSION} = :old"


@dataclass(frozen=True)
class NewVersion:
    """What links are moved to, until when it stays, and until when their rows do."""

    version: str
    modified_at: datetime
    ends_at: datetime
    removed_at: datetime


def move(links: Links, moved: Iterable[Link], to: NewVersion, pause: Pause) -> None:
    """Let links lead to another version; what stands beside that in their rows stays.

    Up to 100 are moved at once or not at all; of more, a second call moves those that are left.
    Raises TableError.
    """
    write_in_lots(links.table, (_moved(link, to) for link in moved), pause)


def _moved(link: Link, to: NewVersion) -> Update:
    return Update(
        link.id,
        set={
            rows.VERSION: to.version,
            rows.MODIFIED_AT: seconds(to.modified_at),
            rows.FILE_ENDS_AT: seconds(to.ends_at),
            rows.REMOVED_AT: seconds(to.removed_at),
        },
        condition=f"{KNOWN} AND {_LEADS_TO_THE_OLD_ONE}",
        operands={"old": link.version},
    )

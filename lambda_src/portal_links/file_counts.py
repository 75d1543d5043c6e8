"""What became of each file of a share, as the row of its link counts it. Pure.

A file is known by its position in the manifest. Its own count decides about it, never the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal_links import rows
from portal_links.links import RETRYABLE, USABLE, USED_UP, WORKING, Link

# What counts decide; a link that is revoked, expired or locked is so in all its files.
_COUNTED = frozenset({*WORKING, USED_UP})


@dataclass(frozen=True)
class FileCounts:
    """How often files were downloaded, and until when again (epoch seconds): those that were.

    Of a link to a single file both are empty.
    """

    downloads: Mapping[int, int] = field(default_factory=dict)
    grace: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> FileCounts:
        return cls(_by_position(row, rows.FILE_DOWNLOADS), _by_position(row, rows.FILE_GRACE))

    def left(self, position: int, link: Link, usual: int) -> int | None:
        """How often a file may still be downloaded, beside retries; None is any number."""
        most = link.most_downloads(usual)
        return max(0, most - self.downloads.get(position, 0)) if most else None

    def is_in_grace(self, position: int, now: datetime) -> bool:
        """Whether its last download may be tried again without being counted."""
        return self.grace.get(position, 0) > now.timestamp()

    def state(self, position: int, link: Link, now: datetime, usual: int) -> str:
        """Whether a file can be downloaded now, in the words of links."""
        state = link.state(now, usual)
        if state not in _COUNTED:
            return state
        if self.left(position, link, usual) != 0:
            return USABLE
        return RETRYABLE if self.is_in_grace(position, now) else USED_UP

    def state_of_all(self, link: Link, now: datetime, usual: int) -> str:
        """That of the link; of a share, of whichever file can be downloaded best."""
        states = {self.state(position, link, now, usual) for position in range(link.file_count)}
        best = (one for one in (USABLE, RETRYABLE, USED_UP) if one in states)
        return next(best, link.state(now, usual))


def _by_position(row: Mapping[str, Any], name: str) -> dict[int, int]:
    counts: Mapping[str, Any] = row.get(name, {})
    return {int(position): int(number) for position, number in counts.items()}

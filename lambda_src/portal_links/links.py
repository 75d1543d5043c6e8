"""A link as its row has it, to which upload it leads, and whether it works now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import Any

from files.manifest import and_more
from files.names import file_name
from files.uploads import Upload

from portal_links import rows

USABLE = "Usable"
RETRYABLE = "Retryable"
USED_UP = "UsedUp"
EXPIRED = "Expired"
REVOKED = "Revoked"
LOCKED = "Locked"
STATES = (USABLE, RETRYABLE, USED_UP, EXPIRED, REVOKED, LOCKED)
# In these a click downloads.
WORKING = frozenset({USABLE, RETRYABLE})

# What a Link is made of; a row also has its tokens' hashes, up to 32 kB of them.
LINK_ATTRIBUTES = (
    rows.LINK_ID,
    rows.BUCKET,
    rows.FILE,
    rows.VERSION,
    rows.RECIPIENT,
    rows.CREATED_AT,
    rows.EXPIRES_AT,
    rows.FILE_ENDS_AT,
    rows.MODIFIED_AT,
    rows.NAME,
    rows.MAX_DOWNLOADS,
    rows.DOWNLOADS,
    rows.FILE_COUNT,
    rows.FIRST_DOWNLOAD_AT,
    rows.LAST_DOWNLOAD_AT,
    rows.GRACE_UNTIL,
    rows.REVOKED_AT,
    rows.LOCKED_UNTIL,
    rows.REMINDED_AT,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One row. Times are UTC; `max_downloads` None leaves it to the portal, 0 is any number.

    `name` is what recipients know the file by, where the key does not tell. A link to a share has a
    `file_count`: each of its files may be downloaded so often, and `downloads` are those of all.
    """

    id: str
    bucket: str
    key: str
    version: str | None
    recipient: str
    created_at: str
    expires_at: datetime
    file_ends_at: datetime
    modified_at: datetime | None = None
    own_name: str = ""
    max_downloads: int | None = None
    downloads: int = 0
    file_count: int = 0
    first_download_at: str | None = None
    last_download_at: str | None = None
    grace_until: datetime | None = None
    revoked_at: str | None = None
    locked_until: datetime | None = None
    reminded_at: str | None = None

    @classmethod
    def of_whole_row(cls, row: Mapping[str, Any]) -> Link | None:
        """None for a row that no link was written to: whoever may update rows can make one."""
        return cls.of_row(row) if rows.CREATED_AT in row and rows.EXPIRES_AT in row else None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Link:
        """`row` has plain values, not DynamoDB's typed ones."""
        most = row.get(rows.MAX_DOWNLOADS)
        return cls(
            id=str(row[rows.LINK_ID]),
            bucket=intern(str(row[rows.BUCKET])),  # many links share these
            key=str(row[rows.FILE]),
            version=row.get(rows.VERSION),
            recipient=intern(str(row[rows.RECIPIENT])),
            created_at=str(row[rows.CREATED_AT]),
            expires_at=_moment(row[rows.EXPIRES_AT]),
            file_ends_at=_moment(row[rows.FILE_ENDS_AT]),
            modified_at=_optional_moment(row.get(rows.MODIFIED_AT)),
            own_name=str(row.get(rows.NAME, "")),
            max_downloads=None if most is None else int(most),
            downloads=int(row.get(rows.DOWNLOADS, 0)),
            file_count=int(row.get(rows.FILE_COUNT, 0)),
            first_download_at=row.get(rows.FIRST_DOWNLOAD_AT),
            last_download_at=row.get(rows.LAST_DOWNLOAD_AT),
            grace_until=_optional_moment(row.get(rows.GRACE_UNTIL)),
            revoked_at=row.get(rows.REVOKED_AT),
            locked_until=_optional_moment(row.get(rows.LOCKED_UNTIL)),
            reminded_at=row.get(rows.REMINDED_AT),
        )

    @property
    def upload(self) -> Upload:
        return Upload(self.bucket, self.key, self.version)

    @property
    def name(self) -> str:
        """Of its file, as the first mail said it."""
        return self.own_name or file_name(self.key)

    def most_downloads(self, usual: int) -> int:
        """How often it may be downloaded; `usual` is the portal's MaxDownloads, 0 any number."""
        return usual if self.max_downloads is None else self.max_downloads

    def downloads_left(self, usual: int) -> int | None:
        """How often it may still be downloaded, beside retries of the last time; None is any
        number."""
        most = self.most_downloads(usual) * max(self.file_count, 1)
        return max(0, most - self.downloads) if most else None

    def has_downloads_left(self, usual: int) -> bool:
        return self.downloads_left(usual) != 0

    def state(self, now: datetime, usual_downloads: int) -> str:
        """Whether it works now. One that is used up is Retryable in its grace window."""
        if self.revoked_at:
            return REVOKED
        if self.expires_at <= now:
            return EXPIRED
        if self.locked_until and self.locked_until > now:
            return LOCKED
        if self.has_downloads_left(usual_downloads):
            return USABLE
        return RETRYABLE if self.is_in_grace(now) else USED_UP

    def is_in_grace(self, now: datetime) -> bool:
        """Whether a download that was counted may be tried again without being counted."""
        return self.grace_until is not None and self.grace_until > now


def first_name(link: Link) -> str:
    """Of a share, the name of the first file, which its title begins with; else the link's."""
    return link.name.removesuffix(and_more(link.file_count - 1))


@lru_cache(maxsize=64)  # the times of a row are often the same
def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _optional_moment(seconds: Any) -> datetime | None:
    return None if seconds is None else _moment(seconds)

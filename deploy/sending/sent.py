"""What was sent: files, and the shares that some of them are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.uploading.upload import Upload


@dataclass(frozen=True)
class SentFile:
    """One file that arrived, as the version that its links will give, and when it was begun."""

    file: str
    key: str
    version_id: str
    recipients: tuple[str, ...]
    begun: datetime

    @property
    def title(self) -> str:
        return self.key


@dataclass(frozen=True)
class SentShare:
    """Files that one mail announces, and the manifest that says so, by its key and version.

    `size` is in bytes. The mail has one link to all files if it leads to a page of the portal
    (`has_page`), else one to each.
    """

    id: str
    key: str
    version_id: str
    title: str
    size: int
    recipients: tuple[str, ...]
    begun: datetime
    files: tuple[SentFile, ...]
    has_page: bool


# What is announced: by its key and version the ledger and the log tell of it.
Announced = SentFile | SentShare


@dataclass(frozen=True)
class Sent:
    """All files of one command, and those of them that are announced together."""

    files: tuple[SentFile, ...]
    shares: tuple[SentShare, ...] = ()

    @property
    def announced(self) -> tuple[Announced, ...]:
        """What recipients are mailed of: shares, and files that are in none."""
        together = {file.key for share in self.shares for file in share.files}
        return (*self.shares, *(file for file in self.files if file.key not in together))


def sent_file(upload: Upload, recipients: tuple[str, ...]) -> SentFile:
    """An upload that has arrived."""
    file, state = upload.file, upload.state
    begun = state.begun or datetime.now(UTC)
    return SentFile(file.title, file.key, state.version_id or "", recipients, begun)

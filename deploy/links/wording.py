"""How a link reads: a row or a sentence for people, a document for programs. Pure.

No token is ever among it: only their hashes are stored, and those are nobody's business.
"""

from __future__ import annotations

from typing import Any

from deploy.lambda_packages import EXPIRED, LOCKED, RETRYABLE, WORKING, Link, moment_text, quoted
from deploy.patterns import share_of
from deploy.table import Column, Row, columns
from deploy.wording import counted, moment

# As many digits tell any two links apart.
ID_SHOWN = 12
COLUMNS = (
    Column("ID", shown_to=ID_SHOWN),
    *columns("CREATED", "STATE", "RECIPIENT", "FILE", "USED", "WORKS"),
)


def title(link: Link) -> str:
    """The link in a few words; harmless on a terminal."""
    whom = quoted(link.recipient)[1:-1]
    return f"{link.id[:ID_SHOWN]} ({quoted(_file(link))} for {whom})"


def _file(link: Link) -> str:
    """What it leads to, as people know it: a share by its title, not by its manifest's key."""
    return link.name if share_of(link.key) else link.key


def _most_downloads(link: Link, usual_downloads: int) -> int:
    """Of all its files together."""
    return link.most_downloads(usual_downloads) * max(link.file_count, 1)


def row(link: Link, state: str, usual_downloads: int) -> Row:
    """The link for reading, as COLUMNS have it."""
    most = _most_downloads(link, usual_downloads)
    return Row(
        (
            link.id,
            moment(link.created_at),
            state,
            link.recipient,
            _file(link),
            f"{link.downloads:,} of {most:,}" if most else f"{link.downloads:,}",
            _term(link, state),
        ),
        _colour(state),
    )


def _colour(state: str) -> str | None:
    if state in (LOCKED, RETRYABLE):
        return "yellow"
    return None if state in WORKING else "red"


def validity(link: Link, state: str, usual_downloads: int) -> str:
    """Until when a link works, how often it was used, and how often it may be."""
    most = _most_downloads(link, usual_downloads)
    used = f"{link.downloads:,} of {counted(most, 'download')}"
    if not most:
        used = counted(link.downloads, "download")
    return f"{_term(link, state)}, {used}"


def _term(link: Link, state: str) -> str:
    """Until when a link works, or since when it does not."""
    if link.revoked_at:
        return f"revoked {moment(link.revoked_at)}"
    if state == RETRYABLE:
        return f"may be tried again until {moment(link.grace_until)}"
    locked = f"locked until {moment(link.locked_until)}, " if state == LOCKED else ""
    end = "ended" if state == EXPIRED else "until"
    return f"{locked}{end} {moment(link.expires_at)}"


def document(link: Link, state: str, usual_downloads: int) -> dict[str, Any]:
    """Everything that is known of a link but its tokens' hashes."""
    return {
        "id": link.id,
        "file": link.key,
        "name": link.name,
        "share": share_of(link.key) or None,
        "files": max(link.file_count, 1),
        "version": link.version,
        "recipient": link.recipient,
        "state": state,
        "created_at": link.created_at,
        "expires_at": moment_text(link.expires_at),
        "file_ends_at": moment_text(link.file_ends_at),
        "max_downloads": link.most_downloads(usual_downloads),
        "downloads": link.downloads,
        "first_download_at": link.first_download_at,
        "last_download_at": link.last_download_at,
        "revoked_at": link.revoked_at,
        "may_be_tried_again_until": link.grace_until and moment_text(link.grace_until)
        if state == RETRYABLE
        else None,
        "locked_until": link.locked_until and moment_text(link.locked_until),
        "reminded_at": link.reminded_at,
    }

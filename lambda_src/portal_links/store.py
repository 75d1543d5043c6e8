"""LinksTable: making links, finding them, and what an operator may change about one.

Nothing here knows of pages or mails. Downloads are counted in `redeeming`, reminders taken in
`reminders`. Every write has its condition, so that any number of calls at the same moment end as
if they had come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from function.invocation import Pause
from tables.service import (
    NotWritten,
    Table,
    TableClient,
    Update,
    moment_text,
    write_patiently,
)

from portal_links import rows
from portal_links.file_counts import FileCounts
from portal_links.links import Link
from portal_links.tokens import Token

# A reminder is due when this part of a link's life is left.
_REMINDER_LEAVES = 1 / 4

# A row holds 400 KB, and each click writes it whole. None is dropped to make room: it may be the
# one that somebody has in a mail.
MOST_TOKENS = 500
_HAS_ROOM = f"(attribute_not_exists(#{rows.TOKEN_HASHES}) OR size(#{rows.TOKEN_HASHES}) < :most)"

KNOWN = f"attribute_exists(#{rows.LINK_ID})"
NOT_REVOKED = f"attribute_not_exists(#{rows.REVOKED_AT})"
# Neither is a link made again that was taken back, nor is one cut that was extended meanwhile,
# unless its file was edited since: then the edit's terms hold.
_IS_NEW = f"attribute_not_exists(#{rows.EXPIRES_AT})"
_ENDS_NO_LATER = f"#{rows.EXPIRES_AT} <= :{rows.EXPIRES_AT}"
_IS_OF_THE_VERSION = f"#{rows.VERSION} = :{rows.VERSION}"
_IS_NO_NEWER = f"#{rows.MODIFIED_AT} <= :{rows.MODIFIED_AT}"

# How long a row outlives a file whose end was moved.
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True)
class NewLink:
    """A link as it is made: to one version of a file, until `expires_at`.

    `file_count` is that of a share, whose manifest is the file; else 0.
    """

    token: Token
    bucket: str
    key: str
    version: str | None
    recipient: str
    expires_at: datetime
    file_ends_at: datetime
    removed_at: datetime
    modified_at: datetime
    max_downloads: int | None = None
    own_name: str = ""
    file_count: int = 0


@dataclass(frozen=True)
class Links:
    """The table. All methods raise TableError when DynamoDB does not do it."""

    client: TableClient
    name: str

    def make(self, links: Sequence[NewLink], now: datetime, pause: Pause) -> frozenset[str]:
        """Write the links together; one that is there already gets one more token.

        Gives the ids of those that are revoked: they stay as they are, and get no token.
        At most 100 links: TransactWriteItems takes no more updates.
        """
        by_id = {link.token.link_id: link for link in links}
        updates = {link_id: _made(link, now) for link_id, link in by_id.items()}
        revoked: set[str] = set()
        while updates:
            write = partial(self.table.write_all, list(updates.values()))
            failed = write_patiently(write, pause)
            if not failed:
                break
            for link_id, not_written in failed.items():
                if rows.REVOKED_AT in not_written.row:
                    revoked.add(link_id)
                    del updates[link_id]
                elif _is_replaced(not_written.row, by_id[link_id]):
                    updates[link_id] = _made_anew(by_id[link_id], now)
                elif not_written.row:
                    updates[link_id] = _one_more_token(by_id[link_id], not_written.row, now)
                else:  # its row has just been removed
                    updates[link_id] = _made(by_id[link_id], now)
        return frozenset(revoked)

    def find(self, token: Token) -> Link | None:
        """The link that a token opens, in whatever state; None when it opens none."""
        found = self.find_with_counts(token)
        return found[0] if found else None

    def find_with_counts(self, token: Token) -> tuple[Link, FileCounts] | None:
        """The same, with what was counted for each file of a share."""
        row = self.table.read(token.link_id)
        hashes = row.get(rows.TOKEN_HASHES, ())
        # Compared even where there is no such link.
        is_opened = token.is_one_of(hashes) and row
        return (Link.of_row(row), FileCounts.of_row(row)) if is_opened else None

    def of_id(self, link_id: str) -> Link | None:
        return Link.of_whole_row(self.table.read(link_id))

    def of_recipient(self, identity: str) -> Iterator[Link]:
        """All links to a mailbox, the newest first, as an index has them, so a moment late."""
        condition = f"#{rows.RECIPIENT_ID} = :recipient"
        operands = {"recipient": identity}
        for row in self.table.find(rows.BY_RECIPIENT, condition, operands, last_first=True):
            yield Link.of_row(row)

    def add_token(self, token: Token) -> Link | NotWritten:
        """Let one more token open a link; a row that is not empty has as many as it holds."""
        written = self.table.write(
            Update(
                token.link_id,
                added={rows.TOKEN_HASHES: {token.hash}},
                condition=f"{KNOWN} AND {_HAS_ROOM}",
                operands={"most": MOST_TOKENS},
            )
        )
        return written if isinstance(written, NotWritten) else Link.of_row(written)

    def take_back_token(self, token: Token) -> None:
        """Let a token open nothing, for the mail that was to carry it has not left."""
        self.change(
            Update(token.link_id, discarded={rows.TOKEN_HASHES: {token.hash}}, condition=KNOWN)
        )

    def revoke(self, link_id: str, now: datetime) -> Link | None:
        """Let a link work no more; None when there is no such link. Again it changes nothing."""
        return self.change(
            Update(
                link_id,
                kept={rows.REVOKED_AT: moment_text(now)},
                removed=(rows.REMINDER,),
                condition=KNOWN,
            )
        )

    def extend(
        self,
        link_id: str,
        now: datetime,
        expires_at: datetime | None = None,
        max_downloads: int | None = None,
        file_ends_at: datetime | None = None,
    ) -> Link | None:
        """Let a link work until then, or so often; None when it is revoked or there is none.

        The caller sees to it that no link outlives its file, and says if the file stays longer
        than the row knows.
        """
        values: dict[str, Any] = {}
        if expires_at:
            values[rows.EXPIRES_AT] = seconds(expires_at)
            values[rows.REMIND_AT] = seconds(remind_at(now, expires_at))
        if file_ends_at:
            values[rows.FILE_ENDS_AT] = seconds(file_ends_at)
            values[rows.REMOVED_AT] = seconds(file_ends_at + _REMEMBERED)
        if max_downloads is not None:
            values[rows.MAX_DOWNLOADS] = max_downloads
        return self.change(
            Update(
                link_id,
                set=values,
                removed=(rows.LOCKED_UNTIL, rows.WRONG_ANSWERS),
                condition=f"{KNOWN} AND {NOT_REVOKED}",
            )
        )

    def change(self, update: Update) -> Link | None:
        """The link after an update; None when its condition did not hold."""
        written = self.table.write(update)
        return None if isinstance(written, NotWritten) else Link.of_row(written)

    @property
    def table(self) -> Table:
        return Table(self.client, self.name, rows.LINK_ID)


def _made(link: NewLink, now: datetime) -> Update:
    """A row that is there already, from a try whose mail never left, keeps what was counted, and
    how many downloads it was given since."""
    same = f"{_ENDS_NO_LATER} AND {_IS_OF_THE_VERSION}" if link.version else _ENDS_NO_LATER
    return Update(
        link.token.link_id,
        set=_ends(link, now),
        kept={**_first(link, now), **_of_the_version(link)},
        added={rows.TOKEN_HASHES: {link.token.hash}},
        condition=f"{NOT_REVOKED} AND ({_IS_NEW} OR {same})",
    )


def _made_anew(link: NewLink, now: datetime) -> Update:
    """A row of an older version, whose mail never left, leads to the edited one on its terms."""
    terms = _of_the_version(link)
    optional = (rows.NAME, rows.MAX_DOWNLOADS)
    return Update(
        link.token.link_id,
        set={**_ends(link, now), **terms},
        removed=[name for name in optional if name not in terms],
        added={rows.TOKEN_HASHES: {link.token.hash}},
        condition=f"{NOT_REVOKED} AND {_IS_NO_NEWER}",
    )


def _is_replaced(row: Mapping[str, Any], link: NewLink) -> bool:
    """Whether a row is of an older version than the link; within one second nobody can tell."""
    if rows.VERSION not in row or row[rows.VERSION] == link.version:
        return False
    return int(row[rows.MODIFIED_AT]) <= seconds(link.modified_at)


def _ends(link: NewLink, now: datetime) -> dict[str, Any]:
    return {
        **_ends_of_link(link, now),
        rows.FILE_ENDS_AT: seconds(link.file_ends_at),
        rows.REMOVED_AT: seconds(link.removed_at),
    }


def _ends_of_link(link: NewLink, now: datetime) -> dict[str, Any]:
    return {
        rows.EXPIRES_AT: seconds(link.expires_at),
        rows.REMINDER: rows.PENDING,
        rows.REMIND_AT: seconds(remind_at(now, link.expires_at)),
    }


def _first(link: NewLink, now: datetime) -> dict[str, Any]:
    return {
        rows.BUCKET: link.bucket,
        rows.FILE: link.key,
        rows.RECIPIENT: link.recipient,
        rows.RECIPIENT_ID: link.recipient.lower(),
        rows.CREATED_AT: moment_text(now),
        rows.DOWNLOADS: 0,
        **_counts(link),
    }


def _counts(link: NewLink) -> dict[str, Any]:
    if not link.file_count:
        return {}
    return {rows.FILE_COUNT: link.file_count, rows.FILE_DOWNLOADS: {}, rows.FILE_GRACE: {}}


def _of_the_version(link: NewLink) -> dict[str, Any]:
    terms: dict[str, Any] = {rows.MODIFIED_AT: seconds(link.modified_at)}
    if link.version:
        terms[rows.VERSION] = link.version
    if link.own_name:
        terms[rows.NAME] = link.own_name
    if link.max_downloads is not None:
        terms[rows.MAX_DOWNLOADS] = link.max_downloads
    return terms


def _one_more_token(link: NewLink, row: Mapping[str, Any], now: datetime) -> Update:
    """For a link whose row says more than a new one would, or is of a newer version.

    It works for as long as this mail says, too.
    """
    ends, condition = {}, f"{KNOWN} AND {NOT_REVOKED}"
    if int(row[rows.EXPIRES_AT]) < seconds(link.expires_at):
        ends = _ends_of_link(link, now)
        condition = f"{condition} AND {_ENDS_NO_LATER}"
    added = {rows.TOKEN_HASHES: {link.token.hash}}
    return Update(link.token.link_id, set=ends, added=added, condition=condition)


def remind_at(now: datetime, expires_at: datetime) -> datetime:
    """When a quarter of a link's life is left."""
    return expires_at - (expires_at - now) * _REMINDER_LEAVES


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())

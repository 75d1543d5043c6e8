"""Reminders: which are due, and who sends one. A sparse index lists what is still to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tables.service import Update, moment_text

from portal_links import rows
from portal_links.links import Link
from portal_links.store import KNOWN, NOT_REVOKED, Links, seconds

# A reminder is sent once, by whoever takes it off the index: it is on it, or it is our own take,
# whose answer we never got …
_OURS = f"#{rows.REMINDER_TAKEN_BY} = :taker"
_TO_BE_SENT = f"(#{rows.REMINDER} = :pending OR {_OURS})"
# … and only while it is of use: it is not over, and the file was not fetched.
_NOT_FETCHED = f"attribute_not_exists(#{rows.FIRST_DOWNLOAD_AT})"
_OF_USE = f"{NOT_REVOKED} AND #{rows.EXPIRES_AT} > :now AND {_NOT_FETCHED}"
_OF_NO_USE = (
    f"(attribute_exists(#{rows.REVOKED_AT}) OR #{rows.EXPIRES_AT} <= :now "
    f"OR attribute_exists(#{rows.FIRST_DOWNLOAD_AT}))"
)


def due(links: Links, now: datetime) -> Iterator[str]:
    """The ids of links whose reminder is due, the longest due first. Raises TableError."""
    condition = f"#{rows.REMINDER} = :pending AND #{rows.REMIND_AT} <= :now"
    operands = {"pending": rows.PENDING, "now": seconds(now)}
    for row in links.table.find(rows.TO_REMIND, condition, operands):
        yield str(row[rows.LINK_ID])


def take(links: Links, link_id: str, taker: str, now: datetime) -> Link | None:
    """Take a reminder for the caller to send; None when others did, or it is of no use any more.

    `taker` is an id of this one take: botocore repeats a call whose answer was lost, which then
    finds what it has done. What is of no use is not due any more. Raises TableError.
    """
    taken = links.change(
        Update(
            link_id,
            set={rows.REMINDER_TAKEN_BY: taker},
            removed=(rows.REMINDER,),
            condition=f"{_TO_BE_SENT} AND {_OF_USE}",
            operands={"pending": rows.PENDING, "taker": taker, "now": seconds(now)},
        )
    )
    if taken is None:
        # Not what others took, and put back a moment ago.
        links.change(
            Update(
                link_id,
                removed=(rows.REMINDER,),
                condition=f"{KNOWN} AND {_OF_NO_USE}",
                operands={"now": seconds(now)},
            )
        )
    return taken


def sent(links: Links, link_id: str, now: datetime) -> None:
    """Write down that the reminder was sent. Raises TableError."""
    links.change(Update(link_id, set={rows.REMINDED_AT: moment_text(now)}, condition=KNOWN))


def put_back(links: Links, link_id: str, taker: str) -> None:
    """A reminder that `taker` took, and could not send, is due again, unless the file was fetched
    meanwhile. Raises TableError."""
    links.change(
        Update(
            link_id,
            set={rows.REMINDER: rows.PENDING},
            condition=f"{_OURS} AND {NOT_REVOKED} AND {_NOT_FETCHED}",
            operands={"taker": taker},
        )
    )


def drop(links: Links, link_id: str) -> None:
    """Nobody is to be reminded of this link. Raises TableError."""
    # FateRecorder's role may neither read a link nor write anything else of it.
    links.table.write_blindly(Update(link_id, removed=(rows.REMINDER,), condition=KNOWN))

"""The moment at which a link really stops. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from files.errors import FileOutlived
from files.metadata import lifetime_wished
from files.store import StoredFile

# A link signed with a role's credentials dies with their session token. AWS documents no lifetime
# for a function's; users observe 12 hours (boto3 issue 2392), of which half is promised.
DIRECT_LINK_LIMIT = timedelta(hours=6)

# DeadLetterQueue keeps an event for 14 days after Lambda's 6 hours.
DEAD_LETTERS_LAST = timedelta(days=15)


class Lifetime(Protocol):
    """The part of a function's settings that says how long files stay."""

    @property
    def days_to_live(self) -> int: ...


class Lifetimes(Lifetime, Protocol):
    """And how long their rows do."""

    @property
    def days_of_logs(self) -> int: ...


class LinkLifetimes(Lifetimes, Protocol):
    """And how long a link may work; None for as long as its file."""

    @property
    def longest_link(self) -> timedelta | None: ...


@dataclass(frozen=True)
class Validity:
    """From when until when a link works, in whole seconds, as signatures have it.

    `shortened_from` is what the sender asked for, if that was more than a link can hold.
    """

    starts_at: datetime
    stops_at: datetime
    shortened_from: timedelta | None = None

    @property
    def seconds(self) -> int:
        return int((self.stops_at - self.starts_at).total_seconds())


def validity_of(file: StoredFile, settings: LinkLifetimes, now: datetime) -> Validity:
    """From now to the earliest of: the sender's wish, the file's own end, and the longest link.

    Raises InvalidExpiry for a wish that is not a whole number of seconds above 0,
    FileOutlived when that moment has already passed.
    """
    starts_at = now.replace(microsecond=0)
    file_stays = file_ends(file, settings).replace(microsecond=0) - starts_at
    longest = settings.longest_link
    limit = file_stays if longest is None else longest
    wished = lifetime_wished(file, limit)
    stops_at = starts_at + min(wished or limit, limit, file_stays)
    if stops_at <= starts_at:
        raise FileOutlived(
            f"{file.upload} was not announced: it may be removed at any moment, for its event "
            f"arrived after ExchangableObjectsTTL (days: {settings.days_to_live}); upload it again."
        )
    return Validity(starts_at, stops_at, wished if wished and wished > limit else None)


def file_ends(file: StoredFile, settings: Lifetime) -> datetime:
    """S3 removes a file at the first midnight after its days have passed, so never before this.

    A share ends with the first of its files.
    """
    return min(file.last_modified, file.oldest or file.last_modified) + timedelta(
        days=settings.days_to_live
    )


def row_ends(file: StoredFile, settings: Lifetimes) -> datetime:
    """The ledger remembers a file after its end for as long as the logs do.

    And longer than DeadLetterQueue keeps an event, whose replay must find who was mailed.
    """
    remembered = max(timedelta(days=settings.days_of_logs), DEAD_LETTERS_LAST)
    return file_ends(file, settings) + remembered

"""How often links were asked for and mailed, so that nobody can flood a mailbox, or use up the
mails that SES takes in a day.

What was counted is stored as a hash only, and for two days at most.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tables.service import NotWritten, Table, TableClient, TableError, Update

# The table's key, and DynamoDB's time to live (epoch seconds). Rows of tasks are in it, too.
KEY = "CountId"
REMOVED_AT = "RemovedAt"

_COUNT = "Count"
_BELOW_LIMIT = f"attribute_not_exists(#{_COUNT}) OR #{_COUNT} < :limit"
_ENOUGH = f"#{_COUNT} >= :taken"


@dataclass(frozen=True)
class Limit:
    """So many of a kind in one hour, or day, of the clock (UTC)."""

    kind: str
    most: int
    clock: str
    kept: timedelta


_HOUR = ("%Y-%m-%dT%H", timedelta(hours=2))
_DAY = ("%Y-%m-%d", timedelta(days=2))
# Requests from one place: a whole office may be behind it.
PER_SOURCE = Limit("source", 30, *_HOUR)
# Mails to one address.
PER_ADDRESS = Limit("address", 3, *_HOUR)
PER_ADDRESS_AND_DAY = Limit("address", 10, *_DAY)
# Requests for one address that had something to mail, whether it left or not, or that cost calls to
# S3: while SES refuses mails these keep strangers from having it asked without end.
REQUESTS_PER_ADDRESS = Limit("request", 10, *_HOUR)
# The admin is told once that no more mails are sent on a day.
_NOTICE = Limit("notice", 1, *_DAY)

_Counted = tuple[Limit, str]


@dataclass(frozen=True)
class RequestCounts:
    """The table. All methods raise TableError when DynamoDB does not do it."""

    client: TableClient
    name: str

    def allows_source(self, source: str, now: datetime) -> bool:
        """Count a request from an IP address; False when there were too many."""
        return self._count(PER_SOURCE, _network(source), now)

    def allows_request(self, identity: str, now: datetime) -> bool:
        """Count a request for an address; False when there were too many."""
        return self._count(REQUESTS_PER_ADDRESS, identity, now)

    def forget_request(self, identity: str, now: datetime) -> None:
        """Take back what `allows_request` counted at `now`."""
        self._add([(REQUESTS_PER_ADDRESS, identity)], -1, now)

    def reached(self, identity: str, most_a_day: int, now: datetime) -> Limit | None:
        """Count one more mail to an address; the limit that is reached, and then nothing counts.

        `most_a_day` is for all addresses together.
        """
        counted: list[_Counted] = []
        is_counted = False
        try:
            for limit, value in _limits_of(identity, most_a_day):
                if not self._count(limit, value, now):
                    return limit
                counted.append((limit, value))
            is_counted = True
        finally:
            if not is_counted:
                with suppress(TableError):
                    self._add(counted, -1, now)
        return None

    def allows_notice(self, now: datetime) -> bool:
        """Whether the admin is still to be told that the mails of a day are used up."""
        return self._count(_NOTICE, "", now)

    def count_mails(self, identity: str, mails: int, now: datetime) -> None:
        """Count so many mails to an address, whatever the limits; less than 0 takes them back."""
        self._add(_limits_of(identity), mails, now)

    def _count(self, limit: Limit, value: str, now: datetime) -> bool:
        update = Update(
            _id(limit, value, now),
            set={REMOVED_AT: int((now + limit.kept).timestamp())},
            counted=_COUNT,
            condition=_BELOW_LIMIT,
            operands={"limit": limit.most},
        )
        return not isinstance(self._table.write(update), NotWritten)

    def _add(self, counted: Sequence[_Counted], number: int, now: datetime) -> None:
        for limit, value in counted:
            if not number:
                continue
            update = Update(
                _id(limit, value, now),
                set={REMOVED_AT: int((now + limit.kept).timestamp())},
                added={_COUNT: number},
                # What was counted in an hour that is over is not taken off this one.
                condition=_ENOUGH if number < 0 else None,
                operands={"taken": -number} if number < 0 else {},
            )
            self._table.write(update)

    @property
    def _table(self) -> Table:
        return Table(self.client, self.name, KEY)


def _limits_of(identity: str, most_a_day: int = 0) -> Sequence[_Counted]:
    """What a mail to an address counts to; the whole's own limit matters where it is asked."""
    together = Limit("all", most_a_day, *_DAY)
    return (PER_ADDRESS, identity), (PER_ADDRESS_AND_DAY, identity), (together, "")


def _id(limit: Limit, value: str, now: datetime) -> str:
    return row_id(limit.kind, value, now.strftime(limit.clock))


def row_id(*parts: str) -> str:
    """The key of a row, which tells nothing of what it counts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _network(source: str) -> str:
    """An IPv6 address counts as its /64: a single machine has all of that."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if address.version == 4:
        return source
    return str(ipaddress.ip_network((address, 64), strict=False))

"""How often links were asked for, so that nobody can flood a mailbox.

What was counted is stored as a hash only, and for two days at most.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tables.service import NotWritten, Table, TableClient, Update

_KEY = "CountId"
_COUNT = "Count"
_REMOVED_AT = "RemovedAt"  # DynamoDB's time to live, epoch seconds
_BELOW_LIMIT = f"attribute_not_exists(#{_COUNT}) OR #{_COUNT} < :limit"


@dataclass(frozen=True)
class Limit:
    """So many of a kind in one hour, or day, of the clock (UTC)."""

    kind: str
    most: int
    clock: str
    kept: timedelta


_HOUR = ("%Y-%m-%dT%H", timedelta(hours=2))
_DAY = ("%Y-%m-%d", timedelta(days=2))
# Requests from one place: a whole office may be behind it. Mails to one address.
PER_SOURCE = Limit("source", 30, *_HOUR)
PER_ADDRESS = Limit("address", 3, *_HOUR)
PER_ADDRESS_AND_DAY = Limit("address", 10, *_DAY)


@dataclass(frozen=True)
class RequestCounts:
    """The table."""

    client: TableClient
    name: str

    def allows_source(self, source: str, now: datetime) -> bool:
        """Count a request from an IP address; False when there were too many. Raises TableError."""
        return self._count(PER_SOURCE, _network(source), now)

    def allows_address(self, identity: str, now: datetime) -> bool:
        """Count a mail to an address; False when it had enough of them. Raises TableError."""
        # What the hour refuses is not counted to the day.
        return self._count(PER_ADDRESS, identity, now) and self._count(
            PER_ADDRESS_AND_DAY, identity, now
        )

    def forget_address(self, identity: str, now: datetime) -> None:
        """Take back what `allows_address` counted at `now`, for no mail left. Raises TableError."""
        for limit in (PER_ADDRESS, PER_ADDRESS_AND_DAY):
            self._table.write(Update(_id(limit, identity, now), added={_COUNT: -1}))

    def _count(self, limit: Limit, value: str, now: datetime) -> bool:
        update = Update(
            _id(limit, value, now),
            set={_REMOVED_AT: int((now + limit.kept).timestamp())},
            counted=_COUNT,
            condition=_BELOW_LIMIT,
            operands={"limit": limit.most},
        )
        return not isinstance(self._table.write(update), NotWritten)

    @property
    def _table(self) -> Table:
        return Table(self.client, self.name, _KEY)


def _id(limit: Limit, value: str, now: datetime) -> str:
    text = f"{limit.kind}\n{value}\n{now.strftime(limit.clock)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _network(source: str) -> str:
    """An IPv6 address counts as its /64: a single machine has all of that."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if address.version == 4:
        return source
    return str(ipaddress.ip_network((address, 64), strict=False))

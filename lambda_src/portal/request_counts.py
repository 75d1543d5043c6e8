"""How often links were asked for within an hour, so that nobody can flood a mailbox.

What was counted is stored as a hash only, and for two hours.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tables.service import NotWritten, Table, TableClient, Update

# Mails that one address may get, and requests from one place: a whole office may be behind it.
PER_ADDRESS = 3
PER_SOURCE = 30

_KEY = "CountId"
_COUNT = "Count"
_REMOVED_AT = "RemovedAt"  # DynamoDB's time to live, epoch seconds
_KEPT = timedelta(hours=2)
_BELOW_LIMIT = f"attribute_not_exists(#{_COUNT}) OR #{_COUNT} < :limit"


@dataclass(frozen=True)
class RequestCounts:
    """The table."""

    client: TableClient
    name: str

    def allows_source(self, source: str, now: datetime) -> bool:
        """Count a request from an IP address; False when there were too many. Raises TableError."""
        return self._count("source", _network(source), PER_SOURCE, now)

    def allows_address(self, identity: str, now: datetime) -> bool:
        """Count a mail to an address; False when it had enough of them. Raises TableError."""
        return self._count("address", identity, PER_ADDRESS, now)

    def forget_address(self, identity: str, now: datetime) -> None:
        """Take back what `allows_address` counted at `now`, for no mail left. Raises TableError."""
        update = Update(_id("address", identity, now), added={_COUNT: -1})
        Table(self.client, self.name, _KEY).write(update)

    def _count(self, kind: str, value: str, limit: int, now: datetime) -> bool:
        update = Update(
            _id(kind, value, now),
            set={_REMOVED_AT: int((now + _KEPT).timestamp())},
            counted=_COUNT,
            condition=_BELOW_LIMIT,
            operands={"limit": limit},
        )
        return not isinstance(Table(self.client, self.name, _KEY).write(update), NotWritten)


def _id(kind: str, value: str, now: datetime) -> str:
    text = f"{kind}\n{value}\n{now:%Y-%m-%dT%H}"
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

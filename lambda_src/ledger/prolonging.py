"""Keeps deliveries in the ledger for longer, where their file is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from function.invocation import Pause
from tables.lots import write_in_lots
from tables.service import Table, TableClient, Update

from ledger import rows

# A row that is gone is not made again, and none is removed sooner.
_THERE = f"attribute_exists(#{rows.DELIVERY_ID})"
_SOONER = f"#{rows.EXPIRES_AT} < :{rows.EXPIRES_AT}"


def prolong(
    client: TableClient, table: str, deliveries: Iterable[str], until: datetime, pause: Pause
) -> None:
    """Keep these rows until then, as far as they are there. Raises TableError."""
    updates = (
        Update(
            delivery_id,
            set={rows.EXPIRES_AT: int(until.timestamp())},
            condition=f"{_THERE} AND {_SOONER}",
        )
        for delivery_id in deliveries
    )
    write_in_lots(Table(client, table, rows.DELIVERY_ID), updates, pause)

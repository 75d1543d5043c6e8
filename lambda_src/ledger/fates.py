"""What became of a mail, as SES tells it: repeatedly, and in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tables.service import NotWritten, Table, TableClient, Update, moment_text

from ledger import rows

# An event must not make a row: that of a delivery whose time is over has gone for good.
_KNOWN = f"attribute_exists(#{rows.DELIVERY_ID})"
# Events arrive late and twice: only a worse fate replaces the one that is known.
_FIRST = f"attribute_not_exists(#{rows.FATE_RANK})"
_WORSE = f"#{rows.FATE_RANK} < :{rows.FATE_RANK}"
_IS_NEWS = f"{_KNOWN} AND ({_FIRST} OR {_WORSE})"
# The news that was told counts for itself only: a worse fate that came meanwhile is still untold.
_STILL = f"#{rows.FATE} = :{rows.FATE}"


@dataclass(frozen=True)
class Fate:
    """What became of one mail; `name` is a fate of `rows`, `reason` one harmless line."""

    name: str
    at: datetime
    message_id: str
    reason: str = ""

    @property
    def is_bad(self) -> bool:
        return self.name in rows.FAILED_STATES


@dataclass(frozen=True)
class Known:
    """The row of a delivery after its fate was written; None when there is no such delivery.

    `untold` when the admin has not heard of this fate yet.
    """

    row: Mapping[str, Any] | None
    untold: bool


def record_fate(client: TableClient, table: str, delivery_id: str, fate: Fate) -> Known:
    """Write down a fate, unless it is known or a worse one is. Raises TableError."""
    rank = rows.FATE_RANKS[fate.name]
    written = Table(client, table, rows.DELIVERY_ID).write(
        Update(
            delivery_id,
            set={
                rows.FATE: fate.name,
                rows.FATE_RANK: rank,
                rows.FATE_AT: moment_text(fate.at),
                rows.FATE_REASON: fate.reason,
            },
            # The event proves that SES took the mail, should nobody have been able to record it.
            kept={rows.MESSAGE_ID: fate.message_id},
            removed=(rows.ADMIN_TOLD_AT,),
            condition=_IS_NEWS,
        ),
    )
    if not isinstance(written, NotWritten):
        return Known(written, untold=True)
    if not written.row:
        return Known(None, untold=True)
    # A repeated event, or one that is tried again because the admin could not be told.
    same = written.row.get(rows.FATE) == fate.name
    return Known(written.row, untold=same and rows.ADMIN_TOLD_AT not in written.row)


def record_told(
    client: TableClient, table: str, delivery_id: str, fate: Fate, at: datetime
) -> None:
    """Write down that the admin has heard of this fate. Raises TableError."""
    Table(client, table, rows.DELIVERY_ID).write(
        Update(
            delivery_id,
            set={rows.ADMIN_TOLD_AT: moment_text(at)},
            condition=_STILL,
            operands={rows.FATE: fate.name},
        ),
    )

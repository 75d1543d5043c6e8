"""Updates of many rows: each lot whole, but for the rows whose condition does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice

from function.invocation import Pause

from tables.service import NotWritten, Table, Update, write_patiently

# TransactWriteItems takes no more updates.
_LARGEST_LOT = 100


def write_in_lots(table: Table, updates: Iterable[Update], pause: Pause) -> dict[str, NotWritten]:
    """Write the updates but for those whose condition does not hold; gives these, by their keys.

    Raises TableError; the lots before are written then, and may be written again.
    """
    coming = iter(updates)
    left_out: dict[str, NotWritten] = {}
    while lot := list(islice(coming, _LARGEST_LOT)):
        while left := [update for update in lot if update.key not in left_out]:
            failed = write_patiently(partial(table.write_all, left), pause)
            if not failed:
                break
            left_out |= failed
    return left_out

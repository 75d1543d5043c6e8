"""Before and after a mail: who may send it, and what SES said.

A delivery is claimed before its mail is sent, for a short while. While the claim lives nobody else
mails; when it has lapsed without a record, its holder is dead and the next try takes over. So the
only doubt is a mail that SES took while nobody could record it: it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from function.invocation import Pause
from mail.sending import Reply
from tables.lots import write_in_lots
from tables.service import Table, TableClient, Update, moment_text

from ledger import rows

# TransactWriteItems takes up to 100 updates; a bulk mail has up to 50 destinations.
DELIVERIES_PER_CLAIM = 50

# Longer than the one call to SES (3 s to connect, 10 s to answer) and the record after it take,
# shorter than the 60 s after which Lambda tries again what has died.
CLAIM_LASTS = timedelta(seconds=30)

# A row may be claimed if all of this holds …
_NOT_MAILED = f"attribute_not_exists(#{rows.MESSAGE_ID})"
# … and one of these: nobody has claimed it or its claim was given back; the claim has lapsed;
# it is our own claim, which we extend, or whose answer we never got.
_FREE = f"attribute_not_exists(#{rows.CLAIMED_UNTIL})"
_LAPSED = f"#{rows.CLAIMED_UNTIL} <= :now"
_OURS = f"#{rows.CLAIM_TOKEN} = :{rows.CLAIM_TOKEN}"
_MAY_CLAIM = f"{_NOT_MAILED} AND ({_FREE} OR {_LAPSED} OR {_OURS})"
# A claim is given back only by its holder: by then another may hold the row.
_MAY_GIVE_BACK = _OURS


@dataclass(frozen=True)
class Claimant:
    """Who claims: Lambda's id of the event's request, and a token for this one try of it."""

    request_id: str
    token: str


@dataclass(frozen=True)
class Entry:
    """One delivery as the ledger first hears of it; `expires_at` is when its row may go.

    `file` is the key, `name` what recipients know it by, where the key does not tell.
    """

    delivery_id: str
    bucket: str
    file: str
    version: str | None
    recipient: str
    expires_at: datetime
    name: str = ""


@dataclass(frozen=True)
class Claims:
    """By delivery id: which are ours to mail, which have been mailed, and who mails the others."""

    ours: frozenset[str]
    mailed: frozenset[str]
    held_by: Mapping[str, str]


@dataclass(frozen=True)
class Ledger:
    """The table."""

    client: TableClient
    table: str

    def knows(self, delivery_id: str) -> bool:
        """Whether it has heard of a delivery. Raises TableError."""
        return self._table.has(delivery_id)

    def claim(
        self, entries: Sequence[Entry], claimant: Claimant, now: datetime, pause: Pause
    ) -> Claims:
        """Claim what may be mailed now. Raises TableError; then nothing may be mailed."""
        updates = [_claim_of(entry, claimant, now) for entry in entries]
        # All or nothing, so that a try which dies here leaves no claims behind but its own. What
        # could not be claimed is told apart by its row, and the rest is claimed without it.
        not_ours = self._write(updates, pause)
        mailed = {key for key, row in not_ours.items() if rows.MESSAGE_ID in row}
        return Claims(
            ours=frozenset(entry.delivery_id for entry in entries) - not_ours.keys(),
            mailed=frozenset(mailed),
            held_by={
                key: str(row.get(rows.CLAIMED_BY))
                for key, row in not_ours.items()
                if key not in mailed
            },
        )

    def record(
        self,
        replies: Mapping[str, Reply],
        claimant: Claimant,
        now: datetime,
        links_expire_at: datetime,
        pause: Pause,
    ) -> None:
        """Write down what SES said, by delivery id, and give back the claims. Raises TableError."""
        updates = [
            _record_of(delivery_id, reply, claimant, now, links_expire_at)
            for delivery_id, reply in replies.items()
        ]
        self._write(updates, pause)

    def _write(self, updates: Sequence[Update], pause: Pause) -> dict[str, Mapping[str, Any]]:
        """Write the updates but for those whose condition does not hold; gives these rows."""
        left_out = write_in_lots(self._table, updates, pause)
        return {key: not_written.row for key, not_written in left_out.items()}

    @property
    def _table(self) -> Table:
        return Table(self.client, self.table, rows.DELIVERY_ID)


def _claim_of(entry: Entry, claimant: Claimant, now: datetime) -> Update:
    stated = {
        rows.BUCKET: entry.bucket,
        rows.FILE: entry.file,
        rows.RECIPIENT: entry.recipient,
        rows.CLAIMED_BY: claimant.request_id,
        rows.CLAIM_TOKEN: claimant.token,
        rows.CLAIMED_UNTIL: int((now + CLAIM_LASTS).timestamp()),
        rows.EXPIRES_AT: int(entry.expires_at.timestamp()),
    }
    if entry.version:
        stated[rows.VERSION] = entry.version
    if entry.name:
        stated[rows.NAME] = entry.name
    return Update(
        entry.delivery_id,
        set=stated,
        kept={
            rows.YEAR_PART: rows.year_part(entry.delivery_id, now),
            rows.RECEIVED_AT: moment_text(now),
        },
        counted=rows.ATTEMPTS,
        condition=_MAY_CLAIM,
        operands={"now": int(now.timestamp())},
    )


def _record_of(
    delivery_id: str, reply: Reply, claimant: Claimant, now: datetime, links_expire_at: datetime
) -> Update:
    if not reply.accepted:
        return Update(
            delivery_id,
            set={rows.REFUSAL: reply.status or "Unknown"},
            removed=(rows.CLAIMED_UNTIL,),
            condition=_MAY_GIVE_BACK,
            operands={rows.CLAIM_TOKEN: claimant.token},
        )
    # Without a condition: whoever holds the row by now, SES has taken this mail.
    return Update(
        delivery_id,
        set={
            rows.MESSAGE_ID: reply.accepted_id,
            rows.MAILED_AT: moment_text(now),
            rows.LINK_EXPIRES_AT: moment_text(links_expire_at),
        },
        removed=(rows.CLAIMED_UNTIL, rows.REFUSAL),
    )

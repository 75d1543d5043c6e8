"""What LinkMailer has done of a task so far: one row a task, among the counts of requests.

A task is held by one run at a time, for a short while that its holder renews, as the ledger's
claims are. Whoever comes later, Lambda's next try or a replay, finds which mails have left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tables.service import NotWritten, Table, TableClient, Update, moment_text

from portal_links.request_counts import KEY, REMOVED_AT, row_id

# Longer than one call to SES (3 s to connect, 10 s to answer) and the note after it take, shorter
# than the 60 s after which Lambda tries again what has died.
HOLD_LASTS = timedelta(seconds=30)
# A task waits for Lambda for 6 hours and then in PortalDeadLetterQueue for 14 days at most.
REMEMBERED = timedelta(days=16)

_HOLDER = "Holder"
_HELD_UNTIL = "HeldUntil"  # epoch seconds
_DONE_AT = "DoneAt"
_ALLOWED = "MailsAllowed"
_COUNTED = "MailsCounted"
_SENT = "MailsSent"
_DOUBTFUL = "MailsInDoubt"
_LINKS = "LinksMailed"

# A task may be taken if it is not done, and nobody holds it, or we do: botocore repeats a call
# whose answer was lost.
_NOT_DONE = f"attribute_not_exists(#{_DONE_AT})"
_OURS = f"#{_HOLDER} = :{_HOLDER}"
_FREE = f"(attribute_not_exists(#{_HELD_UNTIL}) OR #{_HELD_UNTIL} <= :now OR {_OURS})"


@dataclass(frozen=True)
class TaskRow:
    """`allowed` is how many mails it may send, None before the limits were asked; `counted`, how
    many are counted at the moment; `sent`, how many SES took, and 1 is `in_doubt` when it may have
    taken another. `links` are the ids of those that were mailed."""

    holder: str = ""
    is_done: bool = False
    allowed: int | None = None
    counted: int = 0
    sent: int = 0
    in_doubt: int = 0
    links: frozenset[str] = frozenset()

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> TaskRow:
        allowed = row.get(_ALLOWED)
        return cls(
            holder=str(row.get(_HOLDER, "")),
            is_done=_DONE_AT in row,
            allowed=None if allowed is None else int(allowed),
            counted=int(row.get(_COUNTED, 0)),
            sent=int(row.get(_SENT, 0)),
            in_doubt=int(row.get(_DOUBTFUL, 0)),
            links=frozenset(row.get(_LINKS, ())),
        )


@dataclass(frozen=True)
class Tasks:
    """The table. All methods raise TableError when DynamoDB does not do it."""

    client: TableClient
    name: str

    def take(self, task_id: str, holder: str, now: datetime) -> TaskRow:
        """Hold a task from now on, or go on holding it. The row has another holder, or is done,
        when that may not be."""
        written = self._table.write(
            Update(
                _id(task_id),
                set={
                    _HOLDER: holder,
                    _HELD_UNTIL: int((now + HOLD_LASTS).timestamp()),
                    REMOVED_AT: int((now + REMEMBERED).timestamp()),
                },
                condition=f"{_NOT_DONE} AND {_FREE}",
                operands={"now": int(now.timestamp())},
            )
        )
        return TaskRow.of_row(written.row if isinstance(written, NotWritten) else written)

    def note_allowed(self, task_id: str, allowed: int, counted: int) -> TaskRow:
        """Write down what the limits allow, and how much of it is counted."""
        return self._written(Update(_id(task_id), set={_ALLOWED: allowed, _COUNTED: counted}))

    def note_sent(self, task_id: str, sent: int, links: frozenset[str]) -> TaskRow:
        """Write down how many mails have left by now, and what the last one carried."""
        return self._written(
            Update(_id(task_id), set={_SENT: sent}, added={_LINKS: links} if links else {})
        )

    def note_doubt(self, task_id: str) -> TaskRow:
        """Write down that SES may have taken a mail."""
        return self._written(Update(_id(task_id), set={_DOUBTFUL: 1}))

    def give_back(self, task_id: str, holder: str) -> None:
        """Let the next try, or a replay, take it at once."""
        self._table.write(
            Update(
                _id(task_id),
                removed=(_HELD_UNTIL,),
                condition=_OURS,
                operands={_HOLDER: holder},
            )
        )

    def note_done(self, task_id: str, now: datetime) -> None:
        """Nobody shall do it again."""
        self._written(
            Update(_id(task_id), set={_DONE_AT: moment_text(now)}, removed=(_HELD_UNTIL,))
        )

    def _written(self, update: Update) -> TaskRow:
        # Without a condition: whoever holds the task by now, this has happened.
        written = self._table.write(update)
        return TaskRow.of_row(written.row if isinstance(written, NotWritten) else written)

    @property
    def _table(self) -> Table:
        return Table(self.client, self.name, KEY)


def _id(task_id: str) -> str:
    return row_id("task", task_id)

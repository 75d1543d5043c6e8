"""How far one task has come, as its row has it: held by this run, and what left written down.

A task is handed over once and may come several times: by Lambda's tries, by a replay, or by a twin
at the same moment. Whoever comes second goes on where the first has stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from function.invocation import Invocation
from portal_links.tasks import HOLD_LASTS, TaskRow, Tasks
from tables.service import TableError, write_patiently

from link_mailer.errors import TaskInProgress

# How old a hold may be when SES is called: the rest of it is for the call and the note.
_HOLD_SERVES = HOLD_LASTS / 3
# A twin is done in a moment, mostly; waiting for it spares the admin an alarm.
_WAITS = 10


@dataclass
class Progress:
    """The progress of one task in one run; `id` is the task's, `holder` the run's."""

    tasks: Tasks
    id: str
    invocation: Invocation
    holder: str
    row: TaskRow = field(default_factory=TaskRow)

    @classmethod
    def of(cls, event: Mapping[str, Any], tasks: Tasks, invocation: Invocation) -> Progress:
        """Lambda's tries of one event are one request; a replay is told by the task's own id."""
        given = event.get("id")
        task_id = given if isinstance(given, str) and given else invocation.request_id
        return cls(tasks, task_id, invocation, uuid4().hex)

    def take(self) -> bool:
        """Hold the task; False when it is done. Raises TaskInProgress, TableError."""
        tries = 0
        while not self._take() and not self.row.is_done:
            if tries >= _WAITS or not self.invocation.pause(tries):
                raise self._in_progress()
            tries += 1
        return not self.row.is_done

    def hold(self) -> None:
        """Hold it for long enough to send a mail and write that down.

        Raises TaskInProgress when another run has taken it, TableError.
        """
        taken_in = _HOLD_SERVES
        while taken_in >= _HOLD_SERVES:
            begun = self.invocation.clock()
            if not self._take():
                raise self._in_progress()
            taken_in = self.invocation.clock() - begun
            if taken_in >= _HOLD_SERVES and not self.invocation.has_time:
                raise TableError("TooSlow")

    @property
    def is_held(self) -> bool:
        """Whether the row was this run's when it was last seen."""
        return self.row.holder == self.holder and not self.row.is_done

    def note_allowed(self, allowed: int, counted: int) -> None:
        self.row = self.tasks.note_allowed(self.id, allowed, counted)

    def note_sent(self, links: Sequence[str] = ()) -> None:
        """A mail has left. Written down as long as there is time: else it is sent again."""
        note = partial(self.tasks.note_sent, self.id, self.row.sent + 1, frozenset(links))
        self.row = write_patiently(note, self.invocation.pause)

    def note_doubt(self) -> None:
        self.row = self.tasks.note_doubt(self.id)

    def give_back(self) -> None:
        """Where the table does not answer either, the hold lapses by itself."""
        with suppress(TableError):
            self.tasks.give_back(self.id, self.holder)

    def done(self) -> None:
        """Nobody does it again. Where this cannot be written down, the next try finds that there
        is nothing left to do."""
        moment = self.invocation.clock()
        write_patiently(lambda: self.tasks.note_done(self.id, moment), self.invocation.pause)

    def _take(self) -> bool:
        self.row = self.tasks.take(self.id, self.holder, self.invocation.clock())
        return self.is_held

    def _in_progress(self) -> TaskInProgress:
        return TaskInProgress(
            "The task is being done by another run of it. Lambda tries again, and then finds it "
            "done; replay it in a minute."
        )

"""LinkMailer's tasks; the event's `task` chooses.

| task | event | module |
|---|---|---|
| request | address, file or null | links_again |
| remind | | notices |
| resend | linkIds | links_again |
| first-download | linkId | notices |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tables.service import TableError

from link_mailer.errors import TRIED_AGAIN, TableUnavailable, UnreadableTask
from link_mailer.links_again import request, resend
from link_mailer.notices import remind, tell
from link_mailer.settings import TaskContext

_TASKS: Mapping[str, Callable[[Mapping[str, Any], TaskContext], dict[str, Any]]] = {
    "request": request,
    "remind": remind,
    "resend": resend,
    "first-download": tell,
}


def do(event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    """Do one task. Raises LinkMailerError."""
    try:
        task = _TASKS[event["task"]]
    except (KeyError, TypeError) as exc:
        raise UnreadableTask("LinkMailer was called with no task that it has.") from exc
    try:
        return task(event, context)
    except TableError as exc:
        raise TableUnavailable(
            f"The task {event['task']} was not done, because a table of the portal did not "
            f"answer ({exc.code}). {TRIED_AGAIN}"
        ) from exc

"""LinkMailer's tasks, one module each; the event's `task` chooses.

| task | event | module |
|---|---|---|
| request | address, file or null | requesting |
| remind | | reminding |
| resend | linkIds | resending |
| first-download | linkId | telling |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tables.service import TableError

from link_mailer.errors import TableUnavailable, UnreadableTask
from link_mailer.outcomes import TRIED_AGAIN
from link_mailer.reminding import remind
from link_mailer.requesting import request
from link_mailer.resending import resend
from link_mailer.services import Desk
from link_mailer.telling import tell

_TASKS: Mapping[str, Callable[[Mapping[str, Any], Desk], dict[str, Any]]] = {
    "request": request,
    "remind": remind,
    "resend": resend,
    "first-download": tell,
}


def do(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Do one task. Raises LinkMailerError."""
    try:
        task = _TASKS[event["task"]]
    except (KeyError, TypeError) as exc:
        raise UnreadableTask("LinkMailer was called with no task that it has.") from exc
    try:
        return task(event, desk)
    except TableError as exc:
        raise TableUnavailable(
            f"The task {event['task']} was not done, because a table of the portal did not "
            f"answer ({exc.code}). {TRIED_AGAIN}"
        ) from exc

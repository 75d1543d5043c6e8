"""LinkMailer's tasks; the event's `task` chooses. Each is done once, however often it comes: its
`id` tells, or Lambda's id of the request where it has none.

| task | event | module |
|---|---|---|
| request | address, file or null | asked_for |
| remind | | notices |
| resend | linkIds | links_again |
| first-download | linkId; file, its position in a share | notices |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from function.invocation import Invocation
from tables.service import TableError

from link_mailer import log
from link_mailer.asked_for import request
from link_mailer.errors import TRIED_AGAIN, TableUnavailable, UnreadableTask
from link_mailer.links_again import resend
from link_mailer.notices import remind, tell
from link_mailer.progress import Progress
from link_mailer.settings import NOT_YET, Services, Settings, TaskContext

_Task = Callable[[Mapping[str, Any], TaskContext], dict[str, Any]]

_TASKS: Mapping[str, _Task] = {
    "request": request,
    "remind": remind,
    "resend": resend,
    "first-download": tell,
}


def do(
    event: Mapping[str, Any], settings: Settings, services: Services, invocation: Invocation
) -> dict[str, Any]:
    """Do one task, if it is not done. Raises LinkMailerError."""
    try:
        task = _TASKS[event["task"]]
    except (KeyError, TypeError) as exc:
        raise UnreadableTask("LinkMailer was called with no task that it has.") from exc
    progress = Progress.of(event, services.tasks, invocation)
    try:
        if not progress.take():
            log.done_before(event["task"])
            return {}
        return _done(task, event, TaskContext(settings, services, invocation, progress))
    except TableError as exc:
        raise TableUnavailable(
            f"The task {event['task']} was not done, because a table of the portal did not "
            f"answer ({exc.code}). {TRIED_AGAIN}"
        ) from exc


def _done(task: _Task, event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    try:
        answer = task(event, context)
        if NOT_YET in answer:
            context.progress.give_back()
        else:
            context.progress.done()
    except BaseException:
        context.progress.give_back()
        raise
    return answer

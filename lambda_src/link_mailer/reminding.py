"""Mails those whose reminder is due, each once.

A reminder is taken off the index before it is mailed, so that nobody gets two; it is put back only
if it may pass another time.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from portal_links import reminders
from portal_links.links import Link
from tables.service import TableError

from link_mailer import log, mails
from link_mailer.errors import NotMailed
from link_mailer.offers import NotMailable, look_at, offer
from link_mailer.outcomes import is_doubtful, may_pass_later
from link_mailer.services import Desk


def remind(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Remind as long as there is time; the rest is due at the next run.

    One that fails stops no other. Raises NotMailed when some are due again.
    """
    due_again = 0
    for link_id in reminders.due(desk.services.links, desk.invocation.clock()):
        if not desk.invocation.has_time:
            break
        try:
            due_again += not _is_done(link_id, desk)
        except TableError as exc:
            log.failed(f"The reminder of {link_id} was not mailed ({exc.code})", exc.code)
            due_again += 1
    if due_again:
        raise NotMailed(f"{due_again} reminders were not mailed; they are due again.")
    return {}


def _is_done(link_id: str, desk: Desk) -> bool:
    """Take one reminder and mail it; False when it is due again."""
    link = reminders.take(desk.services.links, link_id, desk.invocation.clock())
    if link is None:
        return True
    done = False
    try:
        done = _is_over(link, desk)
    finally:
        if not done:
            reminders.put_back(desk.services.links, link_id)
    return done


def _is_over(link: Link, desk: Desk) -> bool:
    """Mail one reminder, if it is still of use; False when it may pass another time."""
    found = look_at(link, desk)
    if isinstance(found, NotMailable):
        log.left("reminder", link, found.reason)
        return not found.for_now
    offered = offer(found, desk)
    if offered is None:
        return True
    answer = mails.reminder(found.recipient, offered, desk)
    if answer.accepted or is_doubtful(answer):
        log.mailed("a reminder", link, answer.message_id)
        with suppress(TableError):  # what has left is not due again, for want of a note of it
            reminders.sent(desk.services.links, link.id, desk.invocation.clock())
        return True
    log.failed(f"SES did not take the reminder of {link.id} ({answer.status})", answer.status)
    return not may_pass_later(answer)

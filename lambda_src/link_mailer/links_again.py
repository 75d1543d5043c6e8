"""Mails links again for the operator, who is told what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables.service import TableError

from link_mailer import log, mails
from link_mailer.errors import UnreadableTask
from link_mailer.offers import NotMailable, look_at, offers_of
from link_mailer.settings import TaskContext


def resend(event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    """Gives `mailed` (ids) and `notMailed` (the reason, by id). Raises UnreadableTask."""
    ids = event.get("linkIds")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise UnreadableTask("A task to mail links again names no links.")
    refused: dict[str, str] = {}
    for link_id in ids:
        try:
            reason = _resend(link_id, context)
        except TableError as exc:
            reason = f"the portal's table did not answer ({exc.code})"
        if reason:
            log.failed(f"{link_id} was not mailed again: {reason}", "NotMailed")
            refused[link_id] = reason
    return {"mailed": [one for one in ids if one not in refused], "notMailed": refused}


def _resend(link_id: str, context: TaskContext) -> str | None:
    """Why a link was not mailed; None when it was, by this run or one before."""
    if link_id in context.progress.row.links:
        return None
    if not context.invocation.has_time:
        return "there was no time left; try again"
    link = context.services.links.of_id(link_id)
    if link is None:
        return "there is no such link"
    found = look_at(link, context)
    if isinstance(found, NotMailable):
        return found.reason
    with offers_of([found], context) as offers:
        if not offers.made:
            [(_, reason)] = offers.refused
            return reason
        reply = offers.sent(mails.resent(found.recipient, offers.made[0], context))
    if not reply.accepted:
        return f"SES did not take the mail ({reply.status})"
    log.mailed("a link again", link, reply.message_id)
    context.progress.note_sent([link.id])
    return None

"""Mails links again for the operator, and says what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables.service import TableError

from link_mailer import log, mails
from link_mailer.errors import UnreadableTask
from link_mailer.offers import NotMailable, look_at, offer
from link_mailer.services import Desk


def resend(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Gives `mailed` (ids) and `notMailed` (the reason, by id). Raises UnreadableTask."""
    ids = event.get("linkIds")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise UnreadableTask("A task to mail links again names no links.")
    refused: dict[str, str] = {}
    for link_id in ids:
        try:
            reason = _resend(link_id, desk)
        except TableError as exc:
            reason = f"the portal's table did not answer ({exc.code})"
        if reason:
            log.failed(f"{link_id} was not mailed again: {reason}", "NotMailed")
            refused[link_id] = reason
    return {"mailed": [one for one in ids if one not in refused], "notMailed": refused}


def _resend(link_id: str, desk: Desk) -> str | None:
    """Why a link was not mailed; None when it was."""
    if not desk.invocation.has_time:
        return "there was no time left; try again"
    link = desk.services.links.of_id(link_id)
    if link is None:
        return "there is no such link"
    found = look_at(link, desk)
    if isinstance(found, NotMailable):
        return found.reason
    offered = offer(found, desk)
    if offered is None:
        return "there is no such link"
    answer = mails.resent(found.recipient, offered, desk)
    if not answer.accepted:
        return f"SES did not take the mail ({answer.status})"
    log.mailed("a link again", link, answer.message_id)
    return None

"""Mails links again: to a person who asks for what is shared with them, and for the operator.

A person never learns whether there was anything to mail; the operator is told what became of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from files.names import one_spelling
from function.text import end_of_link
from mail.addresses import Address, parse_address
from mail.sending import Reply
from portal_links.links import Link
from tables.service import TableError

from link_mailer import log, mails
from link_mailer.errors import TRIED_AGAIN, NotMailed, UnreadableTask
from link_mailer.offers import Mailable, NotMailable, look_at, offer
from link_mailer.settings import TaskContext

# A mail with more links is read by nobody; the others are in further mails.
_LINKS_PER_MAIL = 50
_MOST_MAILS = 10


def request(event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    """Mail what is shared, if the address may have mail at all. Raises LinkMailerError."""
    try:
        address, wanted = parse_address(event["address"]), event.get("file")
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise UnreadableTask("A request for links names no mail address.") from exc
    if not context.settings.authorized.allows(address):
        log.request_left(str(address), "it is not on AuthorizedRecipients")
        return {}
    shared = _shared_with(address, wanted, context)
    if not shared:
        log.request_left(str(address), "nothing is shared with it")
        return {}
    now = context.invocation.clock()
    if not context.services.counts.allows_address(address.identity, now):
        log.request_left(str(address), "it got as many mails as it may for now")
        return {}
    for start in range(0, min(len(shared), _LINKS_PER_MAIL * _MOST_MAILS), _LINKS_PER_MAIL):
        is_first = start == 0
        _mail(address, shared[start : start + _LINKS_PER_MAIL], now if is_first else None, context)
    return {}


def _shared_with(address: Address, wanted: str | None, context: TaskContext) -> list[Mailable]:
    """What may be mailed to an address, the newest first. Raises NotMailed if S3 shows nothing."""
    links = sorted(
        _wanted(list(context.services.links.of_recipient(address.identity)), wanted),
        key=lambda link: link.created_at,
        reverse=True,
    )
    found = [look_at(link, context) for link in links]
    shared = [one for one in found if isinstance(one, Mailable)]
    unseen = [one for one in found if isinstance(one, NotMailable) and one.fault]
    if unseen and not shared:
        raise NotMailed(
            f"The links that {address} asked for were not mailed: {unseen[0].reason}. {TRIED_AGAIN}"
        )
    return shared


def _wanted(links: Sequence[Link], file: str | None) -> Sequence[Link]:
    """Those to a file, in whichever spelling its name came; or all.

    The name may be the end of a link that a mail program has added to.
    """
    if file is None:
        return links
    name = one_spelling(file)
    keys = {one_spelling(link.key) for link in links}
    if name not in keys:
        ended = (key for key in keys if end_of_link(name, len(key)) == key)
        name = max(ended, key=len, default=name)
    return [link for link in links if one_spelling(link.key) == name]


def _mail(
    address: Address, shared: Sequence[Mailable], counted_at: datetime | None, context: TaskContext
) -> None:
    """One mail. What did not leave is not counted: the next tries, and a replay, are to mail it."""
    reply: Reply | None = None
    try:
        offers = [one for mailable in shared if (one := offer(mailable, context))]
        if not offers:
            return
        # As it was mailed before, not as somebody has typed it now.
        reply = mails.requested(shared[0].recipient, offers, context)
        mails.check(reply, f"The links that {address} asked for were")
    except Exception:
        if counted_at and not (reply and reply.is_doubtful):
            with suppress(TableError):
                context.services.counts.forget_address(address.identity, counted_at)
        raise
    log.mailed_request(str(address), [one.link for one in offers], reply.message_id)


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
    """Why a link was not mailed; None when it was."""
    if not context.invocation.has_time:
        return "there was no time left; try again"
    link = context.services.links.of_id(link_id)
    if link is None:
        return "there is no such link"
    found = look_at(link, context)
    if isinstance(found, NotMailable):
        return found.reason
    offered = offer(found, context)
    if offered is None:
        return "there is no such link"
    reply = mails.resent(found.recipient, offered, context)
    if not reply.accepted:
        return f"SES did not take the mail ({reply.status})"
    log.mailed("a link again", link, reply.message_id)
    return None

"""Mails an address the links to what is shared with it; nobody learns if there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from mail.addresses import Address, parse_address
from mail.sending import Answer
from tables.service import TableError

from link_mailer import log, mails
from link_mailer.errors import NotMailed, UnreadableTask
from link_mailer.offers import Mailable, NotMailable, look_at, offer
from link_mailer.outcomes import TRIED_AGAIN, check, is_doubtful
from link_mailer.services import Desk

# A mail with more links is read by nobody; the others are in further mails.
_LINKS_PER_MAIL = 50
_MOST_MAILS = 10


def request(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Mail what is shared, if the address may have mail at all. Raises LinkMailerError."""
    try:
        address, wanted = parse_address(event["address"]), event.get("file")
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise UnreadableTask("A request for links names no mail address.") from exc
    if not desk.settings.authorized.allows(address):
        log.request_left(str(address), "it is not on AuthorizedRecipients")
        return {}
    shared = _shared_with(address, wanted, desk)
    if not shared:
        log.request_left(str(address), "nothing is shared with it")
        return {}
    now = desk.invocation.clock()
    if not desk.services.counts.allows_address(address.identity, now):
        log.request_left(str(address), "it got as many mails as it may for now")
        return {}
    for start in range(0, min(len(shared), _LINKS_PER_MAIL * _MOST_MAILS), _LINKS_PER_MAIL):
        is_first = start == 0
        _mail(address, shared[start : start + _LINKS_PER_MAIL], now if is_first else None, desk)
    return {}


def _shared_with(address: Address, wanted: str | None, desk: Desk) -> list[Mailable]:
    """What may be mailed to an address, the newest first. Raises NotMailed if S3 shows nothing."""
    links = sorted(
        (
            link
            for link in desk.services.links.of_recipient(address.identity)
            if wanted is None or link.key == wanted
        ),
        key=lambda link: link.created_at,
        reverse=True,
    )
    found = [look_at(link, desk) for link in links]
    shared = [one for one in found if isinstance(one, Mailable)]
    unseen = [one for one in found if isinstance(one, NotMailable) and one.fault]
    if unseen and not shared:
        raise NotMailed(
            f"The links that {address} asked for were not mailed: {unseen[0].reason}. {TRIED_AGAIN}"
        )
    return shared


def _mail(
    address: Address, shared: Sequence[Mailable], counted_at: datetime | None, desk: Desk
) -> None:
    """One mail. What did not leave is not counted: the next tries, and a replay, are to mail it."""
    answer: Answer | None = None
    try:
        offers = [one for mailable in shared if (one := offer(mailable, desk))]
        if not offers:
            return
        # As it was mailed before, not as somebody has typed it now.
        answer = mails.requested(shared[0].recipient, offers, desk)
        check(answer, f"The links that {address} asked for were")
    except Exception:
        if counted_at and not (answer and is_doubtful(answer)):
            with suppress(TableError):
                desk.services.counts.forget_address(address.identity, counted_at)
        raise
    log.mailed_request(str(address), [one.link for one in offers], answer.message_id)

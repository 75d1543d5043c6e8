"""Which links may be mailed again, and making a token for each."""

from __future__ import annotations

from link_generator.addresses import Address, parse_address
from link_generator.events import Upload
from link_generator.store import StoredFile, look_up
from portal_links import rows
from portal_links.links import USABLE, Link
from portal_links.tokens import new_token

from link_mailer.mails import Offer
from link_mailer.services import Desk

_WHY_NOT = {
    "Expired": "it has expired; extend it first, or share the file again",
    "Revoked": "it was revoked",
    "UsedUp": "it is used up; extend it first, or share the file again",
    "Locked": "a wrong address was typed too often; it works again in a few minutes",
}


def refusal(link: Link, desk: Desk) -> str | None:
    """Why a link may not be mailed; None when it may."""
    if link.kind != rows.MAIL or recipient_of(link) is None:
        return "it was made for a program and is mailed to nobody"
    state = link.state(desk.invocation.clock(), desk.settings.usual_downloads)
    if state != USABLE:
        return _WHY_NOT[state]
    recipient = recipient_of(link)
    if recipient is None or not desk.settings.authorized.allows(recipient):
        return "its recipient is not on AuthorizedRecipients any more"
    return None


def recipient_of(link: Link) -> Address | None:
    try:
        return parse_address(link.recipient or "")
    except ValueError:
        return None


def file_of(link: Link, desk: Desk) -> StoredFile | None:
    """The file as it is now; None when it is gone. Raises LinkGeneratorError of its store."""
    return look_up(Upload(link.bucket, link.key, link.version), desk.services.store)


def offer(link: Link, file: StoredFile, desk: Desk) -> Offer | None:
    """The link with one more token that opens it; None when it was mailed too often for that."""
    token = new_token(link.id, desk.services.random_bytes)
    known = desk.services.links.add_token(token)
    return Offer(known, file, token) if known else None

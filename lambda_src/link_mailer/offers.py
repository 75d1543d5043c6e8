"""Which links may be mailed again, with their files, and making a token for each."""

from __future__ import annotations

from dataclasses import dataclass

from files.errors import FileNotReadable
from files.store import StoredFile, is_refused, look_up_as_it_was
from mail.addresses import Address, parse_address
from portal_links.links import LOCKED, USABLE, Link
from portal_links.tokens import new_token

from link_mailer import log
from link_mailer.mails import Offer
from link_mailer.settings import TaskContext

_USED_UP = "it is used up; extend it first, or share the file again"
_WHY_NOT = {
    "Expired": "it has expired; extend it first, or share the file again",
    "Revoked": "it was revoked",
    "UsedUp": _USED_UP,
    "Locked": "a wrong address was typed too often; it works again in a few minutes",
}


@dataclass(frozen=True)
class Mailable:
    """A link that may be mailed, to whom, and its file."""

    link: Link
    recipient: Address
    file: StoredFile


@dataclass(frozen=True)
class NotMailable:
    """Why a link may not be mailed; `for_now` when it may be later, as after a `fault` of S3."""

    reason: str
    for_now: bool = False
    fault: bool = False


def look_at(link: Link, context: TaskContext) -> Mailable | NotMailable:
    """Whether a link may be mailed, and what it leads to."""
    recipient = _recipient_of(link)
    if recipient is None:
        return NotMailable("its row names no address that can be mailed")
    usual = context.settings.usual_downloads
    state = link.state(context.invocation.clock(), usual)
    if state != USABLE:
        return NotMailable(_WHY_NOT[state], for_now=state == LOCKED)
    # In its grace window it works, but not for as long as the mail would say.
    if not link.has_downloads_left(usual):
        return NotMailable(_USED_UP)
    if not context.settings.authorized.allows(recipient):
        return NotMailable("its recipient is not on AuthorizedRecipients any more")
    return _with_file(link, recipient, context)


def _with_file(link: Link, recipient: Address, context: TaskContext) -> Mailable | NotMailable:
    try:
        file = look_up_as_it_was(link.upload, link.modified_at, context.services.store)
    except FileNotReadable as exc:
        # Its sentence speaks of announcing.
        why = f"S3 did not let LinkMailer look at its file ({type(exc).__name__})"
        log.failed(f"Of {link.id}: {why}", type(exc).__name__)
        fault = not is_refused(exc)
        return NotMailable(why, for_now=fault, fault=fault)
    return Mailable(link, recipient, file) if file else NotMailable("its file is gone")


def offer(mailable: Mailable, context: TaskContext) -> Offer | None:
    """The link with one more token that opens it; None when it went meanwhile."""
    token = new_token(mailable.link.id, context.services.random_bytes)
    link = context.services.links.add_token(token)
    return Offer(link, mailable.file, token) if link else None


def _recipient_of(link: Link) -> Address | None:
    try:
        return parse_address(link.recipient or "")
    except ValueError:
        return None

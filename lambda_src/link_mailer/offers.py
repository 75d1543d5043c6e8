"""Which links may be mailed again, with their files, and making a token for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from files.errors import FileNotReadable, InvalidShare
from files.shares import with_manifest
from files.store import StoredFile, is_refused, look_up_as_it_was
from mail.addresses import Address, parse_address
from mail.sending import Reply
from portal_links.links import LOCKED, USABLE, Link
from portal_links.store import MOST_TOKENS
from portal_links.tokens import new_token
from tables.service import NotWritten, TableError

from link_mailer import log
from link_mailer.errors import LinkMailerError
from link_mailer.mails import Offer
from link_mailer.settings import TaskContext

_GONE = "there is no such link"
_TOO_MANY = (
    f"it was mailed {MOST_TOKENS} times, and no more is remembered of one link; the mails that it "
    "is in open it, or share the file again"
)
_USED_UP = "it is used up; extend it first, or share the file again"
_WHY_NOT = {
    "Expired": "it has expired; extend it first, or share the file again",
    "Revoked": "it was revoked",
    "UsedUp": _USED_UP,
    # It works, but not for as long as the mail would say.
    "Retryable": _USED_UP,
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
    return why_not(link, context) or _with_file(link, parse_address(link.recipient), context)


def why_not(link: Link, context: TaskContext) -> NotMailable | None:
    """Why a link may not be mailed, as far as its row tells."""
    recipient = _recipient_of(link)
    if recipient is None:
        return NotMailable("its row names no address that can be mailed")
    usual = context.settings.usual_downloads
    state = link.state(context.invocation.clock(), usual)
    if state != USABLE:
        return NotMailable(_WHY_NOT[state], for_now=state == LOCKED)
    if not context.settings.authorized.allows(recipient):
        return NotMailable("its recipient is not on AuthorizedRecipients any more")
    return None


def file_of(link: Link, context: TaskContext) -> StoredFile | None:
    """What a link leads to as it is now, a share with its manifest; None when it is gone.

    Raises FileNotReadable, InvalidShare.
    """
    store = context.services.store
    file = look_up_as_it_was(link.upload, link.modified_at, store)
    return with_manifest(file, store) if file and link.file_count else file


def _with_file(link: Link, recipient: Address, context: TaskContext) -> Mailable | NotMailable:
    try:
        file = file_of(link, context)
    except (FileNotReadable, InvalidShare) as exc:
        # Its sentence speaks of announcing.
        why = f"S3 did not let LinkMailer look at its file ({type(exc).__name__})"
        log.failed(f"Of {link.id}: {why}", type(exc).__name__)
        fault = isinstance(exc, FileNotReadable) and not is_refused(exc)
        return NotMailable(why, for_now=fault, fault=fault)
    return Mailable(link, recipient, file) if file else NotMailable("its file is gone")


@dataclass
class Offers:
    """The links of one mail, each with one more token that opens it; and why others have none."""

    made: list[Offer] = field(default_factory=list)
    refused: list[tuple[Link, str]] = field(default_factory=list)
    reply: Reply | None = None

    def sent(self, reply: Reply) -> Reply:
        """What SES said of the mail that carries them."""
        self.reply = reply
        return reply

    @property
    def may_have_left(self) -> bool:
        return self.reply is not None and (self.reply.accepted or self.reply.is_doubtful)


@contextmanager
def offers_of(mailables: Sequence[Mailable], context: TaskContext) -> Iterator[Offers]:
    """Offer links for one mail, whose tokens are taken back if it certainly does not leave.

    Raises TableError.
    """
    offers, links, is_known = Offers(), context.services.links, False
    try:
        for one in mailables:
            token = new_token(one.link.id, context.services.random_bytes)
            added = links.add_token(token)
            if isinstance(added, NotWritten):
                offers.refused.append((one.link, _TOO_MANY if added.row else _GONE))
            else:
                offers.made.append(Offer(added, one.file, token))
        yield offers
        is_known = True
    except (LinkMailerError, TableError):
        is_known = True
        raise
    finally:
        # Whatever else has happened, it may have happened after SES took the mail.
        if is_known and not offers.may_have_left:
            # Where the table does not answer they stay, and open what nobody was mailed.
            with suppress(TableError):
                for made in offers.made:
                    links.take_back_token(made.token)


def _recipient_of(link: Link) -> Address | None:
    try:
        return parse_address(link.recipient or "")
    except ValueError:
        return None

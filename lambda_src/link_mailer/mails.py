"""What the portal's mails say, and handing them to SES. No other module here sends mail."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from files.expiry import Validity
from files.manifest import and_more
from files.store import StoredFile
from function.text import unlinked
from mail.addresses import Address
from mail.brand_data import brand_data_of, button_data_of
from mail.named_senders import sender_now
from mail.senders import Envelope
from mail.sending import Reply, destination, send_bulk
from mail.template_data import (
    MOST_LISTED,
    link_data_of,
    mail_data_of,
    sender_data_of,
    shortened,
)
from portal_links.links import Link
from portal_links.tokens import Token, link_to

from link_mailer.errors import TRIED_AGAIN, NotMailed
from link_mailer.settings import TaskContext

_FOR_YOU_ALONE = "This email is for you alone. Please do not forward it."
_REQUESTED = (
    "Somebody, most likely you, asked for this email. If it was not you, ignore it: nobody else "
    "gets these links."
)
_REMINDED = "You get this reminder once. If you do not need {it}, do nothing."
_RESENT = "Not expecting {any}? Check with the sender by phone or in a new email first."
# What a mail says of links that are not in it.
FOLLOWS = "More files are shared with you. Their links follow in another email."
OLDER = (
    "More files are shared with you. These are the newest. For an older one, open "
    "{url}/?file=NAME with its name in place of NAME, or ask the person who shared it."
)


@dataclass(frozen=True)
class Offer:
    """A link that works, its file, and the token with which this mail opens it."""

    link: Link
    file: StoredFile
    token: Token


def requested(
    recipient: Address, offers: Sequence[Offer], rest: str, context: TaskContext
) -> Reply:
    """The links that somebody has asked for, and a word on the `rest`, if there is any."""
    [first, *others] = offers
    name = shortened(first.file.name)
    subject = f"Your links: {name} and {len(others)} more" if others else f"Your link: {name}"
    headline = "Here are the links you asked for" if others else "Here is the link you asked for"
    # Of several deliveries the newest stands for the mail: what SES says of a mail without one is
    # told to the admin as often as it comes, and strangers may ask again and again.
    delivery = first.link.id
    closing = (rest.format(url=context.settings.portal_url), _FOR_YOU_ALONE, _REQUESTED)
    data = _data(subject, headline, offers, [one for one in closing if one], context)
    return _send(recipient, data, delivery, context, _envelope(offers, context))


def reminder(recipient: Address, offer: Offer, context: TaskContext) -> Reply:
    """A file that is still to be downloaded."""
    subject = f"Reminder: {shortened(offer.file.name)}"
    several = _several(offer.file)
    headline = f"{several or 'A file'} {'are' if several else 'is'} still waiting for you"
    reminded = _REMINDED.format(it="the files" if several else "the file")
    data = _data(subject, headline, [offer], (_FOR_YOU_ALONE, reminded), context)
    return _send(recipient, data, offer.link.id, context, _envelope([offer], context))


def resent(recipient: Address, offer: Offer, context: TaskContext) -> Reply:
    """A file that was announced before."""
    several = _several(offer.file)
    subject = f"{'Files' if several else 'File'} for you: {shortened(offer.file.name)}"
    headline = f"{several or 'A file'} {'have' if several else 'has'} been shared with you"
    resent = _RESENT.format(any="files" if several else "a file")
    data = _data(subject, headline, [offer], (_FOR_YOU_ALONE, resent), context)
    return _send(recipient, data, offer.link.id, context, _envelope([offer], context))


def notice(
    recipient: Address, subject: str, sentences: Sequence[str], context: TaskContext
) -> Reply:
    """News without a link."""
    data = _data(subject, unlinked(subject), [], sentences, context)
    return _send(recipient, data, None, context, context.settings.envelope)


def check(reply: Reply, what: str) -> None:
    """Raises NotMailed with SES's status; `what` begins the sentence."""
    if not reply.accepted:
        raise NotMailed(
            f"{what} not mailed, because SES did not take the mail ({reply.status}). {TRIED_AGAIN}"
        ) from reply.cause


def _data(
    subject: str,
    headline: str,
    offers: Sequence[Offer],
    closing: Sequence[str],
    context: TaskContext,
) -> dict[str, Any]:
    """All variables of the template; those ending in `Html` are escaped. A URL is ASCII."""
    return {
        "subject": subject,
        "headline": headline,
        "headlineHtml": html.escape(headline),
        "files": [_file(offer, context) for offer in offers],
        "closing": "\n\n".join(closing),
        "closingHtml": "<br><br>".join(html.escape(sentence) for sentence in closing),
        # Of no use beside news, which are the operator's.
        "requestUrl": f"{context.settings.portal_url}/" if offers else "",
        **brand_data_of(),
    }


def data_of(link: Link, file: StoredFile, context: TaskContext) -> dict[str, str]:
    """What a mail says of a file, without the link."""
    now = context.invocation.clock().replace(microsecond=0)
    usual = context.settings.usual_downloads
    # Of several files each has a limit; what is left of them, their page says.
    each = link.most_downloads(usual) or None
    downloads = each if _several(file) else link.downloads_left(usual)
    sender = sender_now(file, context.settings.senders)
    return {
        **mail_data_of(file, Validity(now, link.expires_at), downloads),
        **sender_data_of(sender),
        **_names_of(file),
        **button_data_of(),
    }


def _several(file: StoredFile) -> str:
    """How many files a share has; empty where it is one."""
    count = len(file.manifest.files) if file.manifest else 1
    return f"{count:,} files" if count > 1 else ""


def _names_of(file: StoredFile) -> dict[str, str]:
    """The first files of a share, each on a line; empty where it is one."""
    if not file.manifest or not _several(file):
        return {"names": "", "namesHtml": ""}
    files = file.manifest.files
    names = [shortened(one.name) for one in files[:MOST_LISTED]]
    names += [more.strip()] if (more := and_more(len(files) - MOST_LISTED)) else []
    return {"names": "\n".join(names), "namesHtml": "<br>".join(map(html.escape, names))}


def _file(offer: Offer, context: TaskContext) -> dict[str, str]:
    link = link_to(context.settings.portal_url, offer.token)
    return {**data_of(offer.link, offer.file, context), **link_data_of(link)}


def _envelope(offers: Sequence[Offer], context: TaskContext) -> Envelope:
    """Answers go to whoever shares the files, where that is one person."""
    envelope = context.settings.envelope
    senders = [sender_now(offer.file, context.settings.senders) for offer in offers]
    addresses = {sender.address if sender else None for sender in senders}
    address = addresses.pop()
    return envelope.answered_by(address) if address and not addresses else envelope


def _send(
    recipient: Address,
    data: dict[str, Any],
    delivery: str | None,
    context: TaskContext,
    envelope: Envelope,
) -> Reply:
    """Hand one mail to SES; while it is busy, wait for as long as there is time.

    Raises TaskInProgress, TableError before SES has it.
    """
    tries = 0
    while True:
        context.progress.hold()
        mail = destination(recipient, data, delivery)
        [reply] = send_bulk([mail], envelope, context.services.mail)
        if reply.accepted or not reply.may_try_again(tries) or not context.invocation.pause(tries):
            return reply
        tries += 1

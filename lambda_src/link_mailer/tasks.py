"""LinkMailer's tasks, one function each; the event's `task` chooses.

| task | event | does |
|---|---|---|
| request | address, file or null | mails an address the links to what is shared with it |
| remind | | mails those whose reminder is due |
| resend | linkIds | mails these links again, and says what became of each |
| first-download | linkId | tells the sender or the admin |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from link_generator.addresses import Address, parse_address
from link_generator.errors import LinkGeneratorError
from link_generator.file_names import file_name
from link_generator.mails import Answer
from link_generator.store import StoredFile
from link_generator.text import moment
from portal_links import reminders
from portal_links.links import Link
from portal_links.tokens import Token, new_token
from tables.service import TableError, code_of

from link_mailer import log, mails
from link_mailer.errors import (
    AdminNotTold,
    LinkMailerError,
    NotMailed,
    TableUnavailable,
    UnreadableTask,
)
from link_mailer.mails import Offer
from link_mailer.offers import file_of, offer, recipient_of, refusal
from link_mailer.services import Desk
from link_mailer.settings import ADMIN, SENDER

# A mail with more links is read by nobody.
_MOST_LINKS = 50
_SUBJECT_LIMIT = 100  # characters, SNS's limit

_TRIED_AGAIN = "Lambda tries again, and then the task waits in PortalDeadLetterQueue."


def do(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Do one task. Raises LinkMailerError."""
    try:
        task = _TASKS[event["task"]]
    except (KeyError, TypeError) as exc:
        raise UnreadableTask("LinkMailer was called with no task that it has.") from exc
    try:
        return task(event, desk)
    except TableError as exc:
        raise TableUnavailable(
            f"The task {event['task']} was not done, because a table of the portal did not "
            f"answer ({exc.code}). {_TRIED_AGAIN}"
        ) from exc
    except LinkGeneratorError as exc:
        raise _not_looked_at(f"The task {event['task']} was not done", exc) from exc


def request(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Mail an address the links to what is shared with it; nobody learns if there is nothing."""
    try:
        address, wanted = parse_address(event["address"]), event.get("file")
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise UnreadableTask("A request for links names no mail address.") from exc
    if not desk.settings.authorized.allows(address):
        log.request_left(str(address), "it is not on AuthorizedRecipients")
        return {}
    offered = _shared_with(address.identity, wanted, desk)
    if not offered:
        log.request_left(str(address), "nothing is shared with it")
        return {}
    now = desk.invocation.clock()
    if not desk.services.counts.allows_address(address.identity, now):
        log.request_left(str(address), "it got as many mails as it may within an hour")
        return {}
    try:
        _mail_request(address, offered, desk)
    except (LinkMailerError, TableError):
        # What did not leave is not counted: the next tries, and a replay, are to mail it.
        with suppress(TableError):
            desk.services.counts.forget_address(address.identity, now)
        raise
    return {}


def _mail_request(address: Address, offered: Sequence[tuple[Link, StoredFile]], desk: Desk) -> None:
    offers = [one for link, file in offered if (one := offer(link, file, desk))]
    if offers:
        answer = mails.requested(address, offers, desk)
        _check(answer, f"The links that {address} asked for were")
        log.mailed_request(str(address), [one.link for one in offers], answer.message_id)


def _shared_with(identity: str, wanted: str | None, desk: Desk) -> list[tuple[Link, StoredFile]]:
    """Usable links of a mailbox with their files, the newest first."""
    links = sorted(
        (
            link
            for link in desk.services.links.of_recipient(identity)
            if (wanted is None or link.key == wanted) and refusal(link, desk) is None
        ),
        key=lambda link: link.created_at,
        reverse=True,
    )
    found = ((link, file_of(link, desk)) for link in links[:_MOST_LINKS])
    return [(link, file) for link, file in found if file]


def remind(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Mail those whose reminder is due, as long as there is time; the rest is due next time."""
    failures = []
    for link_id in reminders.due(desk.services.links, desk.invocation.clock()):
        if not desk.invocation.has_time:
            break
        try:
            _remind_of(link_id, desk)
        except LinkMailerError as exc:
            log.failed(str(exc), type(exc).__name__)
            failures.append(exc)
    if failures:
        raise NotMailed(f"{len(failures)} reminders were not mailed; they are due again.")
    return {}


def _remind_of(link_id: str, desk: Desk) -> None:
    token = new_token(link_id, desk.services.random_bytes)
    link = reminders.take(desk.services.links, token, desk.invocation.clock())
    if link is None:
        return
    try:
        _mail_reminder(link, token, desk)
    except LinkMailerError:
        reminders.put_back(desk.services.links, link_id)
        raise


def _mail_reminder(link: Link, token: Token, desk: Desk) -> None:
    reason = refusal(link, desk)
    try:
        file = None if reason else file_of(link, desk)
    except LinkGeneratorError as exc:
        raise _not_looked_at(f"The reminder of {link.id} was not mailed", exc) from exc
    recipient = recipient_of(link)
    if reason or file is None or recipient is None:
        log.left("reminder", link, reason or "the file is gone")
        return
    answer = mails.reminder(recipient, Offer(link, file, token), desk)
    _check(answer, f"The reminder of {link.id} was")
    log.mailed("a reminder", link, answer.message_id)


def resend(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Mail links again; the answer says which were mailed, and of the others why not."""
    ids = event.get("linkIds")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise UnreadableTask("A task to mail links again names no links.")
    refused: dict[str, str] = {}
    for link_id in ids:
        reason = _resend(link_id, desk)
        if reason:
            refused[link_id] = reason
    return {"mailed": [one for one in ids if one not in refused], "notMailed": refused}


def _resend(link_id: str, desk: Desk) -> str | None:
    """Why a link was not mailed; None when it was."""
    if not desk.invocation.has_time:
        return "there was no time left; try again"
    link = desk.services.links.of_id(link_id)
    if link is None:
        return "there is no such link"
    reason = refusal(link, desk)
    if reason:
        return reason
    file = file_of(link, desk)
    recipient = recipient_of(link)
    if file is None or recipient is None:
        return "its file is gone"
    offered = offer(link, file, desk)
    if offered is None:
        return "it was mailed too often; share the file again"
    answer = mails.resent(recipient, offered, desk)
    if not answer.accepted:
        return f"SES did not take the mail ({answer.status})"
    log.mailed("a link again", link, answer.message_id)
    return None


def tell(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Tell the sender or the admin that a file was downloaded for the first time."""
    link = desk.services.links.of_id(str(event.get("linkId")))
    if link is None or desk.settings.notify not in (SENDER, ADMIN):
        return {}
    name = file_name(link.key)
    sentences = (
        f"{link.recipient} has downloaded {name} for the first time.",
        f"The link works until {moment(link.expires_at)}. To take it back: s3link links revoke "
        f"{link.id}",
    )
    if desk.settings.notify == ADMIN:
        _publish(f"Downloaded: {name}", sentences, desk)
    else:
        answer = mails.notice(desk.settings.sender, f"Downloaded: {name}", sentences, desk)
        _check(answer, f"News of the first download of {link.id} was")
    log.told(link, desk.settings.notify)
    return {}


def _publish(subject: str, sentences: tuple[str, ...], desk: Desk) -> None:
    # SNS takes ASCII only, without control characters.
    plain = subject.encode("ascii", "replace").decode()[:_SUBJECT_LIMIT]
    try:
        desk.services.topic.publish(
            TopicArn=desk.settings.topic, Subject=plain, Message="\n\n".join(sentences)
        )
    except (BotoCoreError, ClientError) as exc:
        raise AdminNotTold(
            f"CommonAlarmTopic did not take the news of a download ({code_of(exc)}). {_TRIED_AGAIN}"
        ) from exc


def _not_looked_at(what: str, error: LinkGeneratorError) -> NotMailed:
    """Of an error whose own sentence speaks of announcing."""
    return NotMailed(
        f"{what}, because S3 did not let LinkMailer look at a file ({type(error).__name__}). "
        f"{_TRIED_AGAIN}"
    )


def _check(answer: Answer, what: str) -> None:
    if not answer.accepted:
        raise NotMailed(
            f"{what} not mailed, because SES did not take the mail ({answer.status}). "
            f"{_TRIED_AGAIN}"
        ) from answer.cause


_TASKS: Mapping[str, Callable[[Mapping[str, Any], Desk], dict[str, Any]]] = {
    "request": request,
    "remind": remind,
    "resend": resend,
    "first-download": tell,
}

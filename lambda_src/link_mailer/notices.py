"""Mails that nobody asked for: a reminder to each whose file still waits, news of a first download
to the sender or the admin, and to the admin that a day's mails are used up.

A reminder is taken off the index before it is mailed, so that nobody gets two; it is put back only
if it may pass another time.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import FileNotReadable, InvalidShare
from files.store import StoredFile
from function.errors import code_of
from function.text import moment, unlinked
from mail.named_senders import sender_now
from mail.template_data import shortened
from portal_links import reminders
from portal_links.links import Link
from tables.service import TableError, write_patiently

from link_mailer import log, mails
from link_mailer.errors import TRIED_AGAIN, AdminNotTold, NotMailed
from link_mailer.offers import NotMailable, file_of, look_at, offers_of
from link_mailer.settings import ADMIN, SENDER, TaskContext

# Of a link's id, as `s3link links list` shows it: enough to tell any two apart, and to type.
_DIGITS_SHOWN = 12
_SUBJECT_LIMIT = 100  # characters, SNS's limit


def remind(event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    """Remind as long as there is time; the rest is due at the next run.

    One that fails stops no other. Raises NotMailed when some are due again.
    """
    due_again = 0
    for link_id in reminders.due(context.services.links, context.invocation.clock()):
        if not context.invocation.has_time:
            break
        try:
            due_again += not _is_done(link_id, context)
        except TableError as exc:
            log.failed(f"The reminder of {link_id} was not mailed ({exc.code})", exc.code)
            due_again += 1
    if due_again:
        raise NotMailed(
            "1 reminder was not mailed and is due again."
            if due_again == 1
            else f"{due_again} reminders were not mailed and are due again."
        )
    return {}


def _is_done(link_id: str, context: TaskContext) -> bool:
    """Take one reminder and mail it; False when it is due again."""
    now, taker = context.invocation.clock(), uuid4().hex
    done = False
    try:
        link = reminders.take(context.services.links, link_id, taker, now)
        done = link is None or _is_over(link, context)
    finally:
        if not done:
            # Until it is on the index again, nobody will be reminded. It may have been taken, too,
            # where the answer to that was lost.
            write_patiently(
                lambda: reminders.put_back(context.services.links, link_id, taker),
                context.invocation.pause,
            )
    return done


def _is_over(link: Link, context: TaskContext) -> bool:
    """Mail one reminder, if it is still of use; False when it may pass another time."""
    found = look_at(link, context)
    if isinstance(found, NotMailable):
        log.left("reminder", link, found.reason)
        return not found.for_now
    with offers_of([found], context) as offers:
        if not offers.made:
            [(_, reason)] = offers.refused
            log.left("reminder", link, reason)
            return True
        reply = offers.sent(mails.reminder(found.recipient, offers.made[0], context))
    if reply.accepted or reply.is_doubtful:
        log.mailed("a reminder", link, reply.message_id)
        with suppress(TableError):  # what has left is not due again, for want of a note of it
            reminders.sent(context.services.links, link.id, context.invocation.clock())
        return True
    log.failed(f"SES did not take the reminder of {link.id} ({reply.status})", reply.status)
    return not reply.may_pass_later


def tell(event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    """Tell whom NotifyOnDownload names; the sender is who shares the file, where it names them.

    Raises LinkMailerError.
    """
    link = context.services.links.of_id(str(event.get("linkId")))
    if link is None or context.settings.notify not in (SENDER, ADMIN):
        return {}
    if context.progress.row.sent:  # by a try that could not say that it was done
        return {}
    file = _file_of(link, context)
    name = shortened(file.name if file else link.name)
    one = _file_of_share(file, event)
    what = f"{unlinked(one)}, of {unlinked(name)}," if one else unlinked(name)
    sentences = (
        f"{link.recipient} has downloaded {what} for the first time.",
        f"The link expires on {moment(link.expires_at)}. To withdraw it: s3link links revoke "
        f"{link.id[:_DIGITS_SHOWN]} --name {context.settings.deployment}",
    )
    if context.settings.notify == ADMIN:
        _publish(f"Downloaded: {name}", sentences, context)
    else:
        sender = sender_now(file, context.settings.senders) if file else None
        recipient = sender.address if sender else context.settings.envelope.address
        reply = mails.notice(recipient, f"Downloaded: {name}", sentences, context)
        mails.check(reply, f"News of the first download of {link.id} was")
    log.told(link, context.settings.notify)
    context.progress.note_sent()
    return {}


def _file_of(link: Link, context: TaskContext) -> StoredFile | None:
    """As it is now; None where it cannot be looked up any more, and the link must do."""
    with suppress(FileNotReadable, InvalidShare):
        return file_of(link, context)
    return None


def _file_of_share(file: StoredFile | None, event: Mapping[str, Any]) -> str:
    """Which of several files it was; empty where that is not known, or where there is but one."""
    files = file.manifest.files if file and file.manifest else ()
    position = str(event.get("file"))
    names = {str(number): shortened(one.name) for number, one in enumerate(files)}
    return names.get(position, "") if len(files) > 1 else ""


def tell_of_a_full_day(context: TaskContext) -> None:
    """Tell the admin, once a day, that nobody else gets the links that they ask for.

    Raises TableError; a topic that does not take it is logged.
    """
    if not context.services.counts.allows_notice(context.invocation.clock()):
        return
    most, name = context.settings.mails_a_day, context.settings.deployment
    sentences = (
        f"So many mails that people asked for at the portal were sent today: {most}, which is "
        "MaxRequestedMailsPerDay. Until midnight UTC nobody else gets the links that they ask "
        "for; new files are mailed as ever.",
        f"Who asked: s3link logs --portal --name {name}. If they were people of yours, deploy "
        f"again with a higher number: s3link deploy --set MaxRequestedMailsPerDay={2 * most} "
        f"--name {name}",
    )
    try:
        _publish("No more links are mailed to those who ask, until midnight", sentences, context)
    except AdminNotTold as exc:
        log.failed(str(exc), "AdminNotTold")


def _publish(subject: str, sentences: tuple[str, ...], context: TaskContext) -> None:
    context.progress.hold()
    # SNS takes ASCII only, without control characters.
    plain = subject.encode("ascii", "replace").decode()[:_SUBJECT_LIMIT]
    try:
        context.services.topic.publish(
            TopicArn=context.settings.topic, Subject=plain, Message="\n\n".join(sentences)
        )
    except (BotoCoreError, ClientError) as exc:
        raise AdminNotTold(
            f"CommonAlarmTopic did not take news of the portal ({code_of(exc)}). {TRIED_AGAIN}"
        ) from exc

"""Tells the sender or the admin that a file was downloaded for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from files.names import file_name
from function.errors import code_of
from function.text import moment

from link_mailer import log, mails
from link_mailer.errors import AdminNotTold
from link_mailer.outcomes import TRIED_AGAIN, check
from link_mailer.services import Desk
from link_mailer.settings import ADMIN, SENDER

_SUBJECT_LIMIT = 100  # characters, SNS's limit


def tell(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Tell whom NotifyOnDownload names. Raises LinkMailerError."""
    link = desk.services.links.of_id(str(event.get("linkId")))
    if link is None or desk.settings.notify not in (SENDER, ADMIN):
        return {}
    name = mails.shortened(file_name(link.key))
    sentences = (
        f"{link.recipient} has downloaded {name} for the first time.",
        f"The link works until {moment(link.expires_at)}. To take it back: s3link links revoke "
        f"{link.id}",
    )
    if desk.settings.notify == ADMIN:
        _publish(f"Downloaded: {name}", sentences, desk)
    else:
        answer = mails.notice(desk.settings.sender, f"Downloaded: {name}", sentences, desk)
        check(answer, f"News of the first download of {link.id} was")
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
            f"CommonAlarmTopic did not take the news of a download ({code_of(exc)}). {TRIED_AGAIN}"
        ) from exc

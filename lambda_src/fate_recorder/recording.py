"""From SES's event to the ledger and the admin: the steps in their order.

SNS and Lambda may bring an event twice, late, or before another. The ledger keeps the worst fate;
the admin is told before that is written down, so that bad news comes twice rather than never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from ledger.fates import Known, record_fate, record_told
from portal_links import reminders
from portal_links.store import Links
from tables.service import TableClient, TableError

from fate_recorder import log
from fate_recorder.bad_news import bad_news_of
from fate_recorder.errors import AdminNotTold, FateNotRecorded, UnreadableEvent
from fate_recorder.events import MailEvent, mail_event_of


class TopicClient(Protocol):
    """The part of an SNS client that FateRecorder uses."""

    def publish(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """What FateRecorder acts on, and where: the ledger's table and the admin's topic.

    `links` are those of the portal, where there is one.
    """

    ledger: TableClient
    table: str
    topic: TopicClient
    topic_arn: str
    clock: Callable[[], datetime]
    deployment: str
    links: Links | None = None


def record_all(event: object, services: Services) -> None:
    """Record every message of an SNS event. Raises FateRecorderError, for Lambda to try again."""
    for message in _messages_of(event):
        mail_event = mail_event_of(message)
        if mail_event is None:
            log.skipped()
        else:
            record(mail_event, services)


def record(event: MailEvent, services: Services) -> None:
    """Write down what became of a mail, and tell the admin if it is bad and not yet told."""
    known = _write(event, services)
    log.recorded(event, known.row)
    if event.cause.is_final:
        _remind_no_more(event, services)
    if not (event.fate.is_bad and known.untold):
        return
    news = bad_news_of(event, known.row, services.deployment)
    try:
        services.topic.publish(TopicArn=services.topic_arn, Subject=news.subject, Message=news.text)
    except (BotoCoreError, ClientError) as exc:
        raise AdminNotTold(
            f"CommonAlarmTopic did not take the news of a mail that {event.fate.name} "
            f"({code_of(exc)}). Lambda tries again, and then the event waits in DeadLetterQueue."
        ) from exc
    if known.row is not None and event.delivery_id:
        with _named(event):
            record_told(
                services.ledger, services.table, event.delivery_id, event.fate, services.clock()
            )


def _write(event: MailEvent, services: Services) -> Known:
    if event.delivery_id is None:
        return Known(None, untold=True)
    with _named(event):
        return record_fate(services.ledger, services.table, event.delivery_id, event.fate)


def _remind_no_more(event: MailEvent, services: Services) -> None:
    """Who cannot get a mail, or does not want it, is sent no reminder of it either."""
    if services.links and event.delivery_id:
        with _named(event):
            reminders.drop(services.links, event.delivery_id)


@contextmanager
def _named(event: MailEvent) -> Iterator[None]:
    """The ledger's error as a sentence."""
    try:
        yield
    except TableError as exc:
        raise FateNotRecorded(
            f"The ledger did not take the fate of a mail ({event.fate.name}, {exc.code}). "
            "Lambda tries again, and then the event waits in DeadLetterQueue."
        ) from exc


def _messages_of(event: object) -> list[str]:
    """The messages of SNS's event. Raises UnreadableEvent for anything else."""
    try:
        return [str(record["Sns"]["Message"]) for record in event["Records"]]  # type: ignore[index]
    except (KeyError, TypeError) as exc:
        raise UnreadableEvent(
            "FateRecorder was called with something that SNS does not send; nothing was recorded."
        ) from exc

"""What an event of SES says about a mail. Pure.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from function.text import one_line
from ledger.fates import Fate
from mail.sending import DELIVERY_TAG

from fate_recorder.causes import (
    DELAYED,
    DELIVERED,
    REJECTED,
    RENDERING_FAILED,
    Cause,
    cause_of_bounce,
    cause_of_complaint,
)
from fate_recorder.errors import UnreadableEvent

# The mail server of the other side writes what it likes, the link of the mail included. What mail
# programs make clickable: schemes, "//", "www.", a domain with a path; what S3's links hold; and
# what is as long as a token, or a nonce.
_LINK = re.compile(
    r"//|www\.|X-Amz-|[.\u3002\uff0e\uff61](?=[\w-]*[^\W\d_])[\w-]{2,}(?::\d+)?[/?#]|"
    r"(?:https?|ftps?|file|mailto|data|javascript):|(?<![\w-])[\w-]{43}(?![\w-])",
    re.IGNORECASE,
)
# Longer words are no language: the middle of a link, perhaps.
_LONGEST_WORD = 80  # characters
_LONGEST_REASON = 300  # characters

# LinkGenerator's delivery ids; a tag that is none was not made by it.
_DELIVERY_ID = re.compile("[0-9a-f]{32}")

_UNREADABLE = (
    "A message on MailEventsTopic is not an event that SES publishes; nothing was recorded for it."
)


def _bounced(details: Mapping[str, Any]) -> Cause:
    return cause_of_bounce(_word(details, "bounceType"), _word(details, "bounceSubType"))


def _complained(details: Mapping[str, Any]) -> Cause:
    return cause_of_complaint(
        _word(details, "complaintSubType"), _word(details, "complaintFeedbackType")
    )


# SES's word for what happened, where in the event it says more, and what that comes to.
_KINDS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Cause]]] = {
    "Delivery": ("delivery", lambda _: DELIVERED),
    "DeliveryDelay": ("deliveryDelay", lambda _: DELAYED),
    "Bounce": ("bounce", _bounced),
    "Reject": ("reject", lambda _: REJECTED),
    "Rendering Failure": ("failure", lambda _: RENDERING_FAILED),
    "Complaint": ("complaint", _complained),
}


@dataclass(frozen=True)
class MailEvent:
    """What became of one mail. `delivery_id` is None for a mail that LinkGenerator did not send.

    `template` is the name of the one that could not be rendered.
    """

    fate: Fate
    cause: Cause
    delivery_id: str | None
    recipients: tuple[str, ...]
    template: str = ""


def mail_event_of(message: str) -> MailEvent | None:
    """The event in an SNS message; None for one that says nothing of a mail's fate.

    Raises UnreadableEvent for what is not an event of SES.
    """
    if not message.lstrip().startswith("{"):
        # SES writes a line of plain text to the topic when the event destination is made.
        return None
    try:
        event = json.loads(message)
        kind = event["eventType"]
        if kind not in _KINDS:
            return None
        place, cause_of = _KINDS[kind]
        mail, details = event["mail"], event.get(place) or {}
        cause = cause_of(details)
        return MailEvent(
            fate=Fate(
                cause.fate,
                _moment(details.get("timestamp") or mail["timestamp"]),
                harmless(str(mail["messageId"])),
                harmless(_reason(kind, details)),
            ),
            cause=cause,
            delivery_id=_delivery_id(mail),
            recipients=tuple(harmless(str(address)) for address in mail["destination"]),
            template=harmless(_word(details, "templateName")),
        )
    except (
        *(AttributeError, KeyError, TypeError, ValueError),
        *(OverflowError, RecursionError),
    ) as exc:
        raise UnreadableEvent(_UNREADABLE) from exc


def harmless(text: str) -> str:
    """One short line in which nothing is left that could be a link.

    It ends at the first link, for mail servers wrap lines: what follows may be the rest of it.
    """
    words = []
    for word in one_line(" ".join(text.split())).split(" "):
        if len(word) > _LONGEST_WORD or _LINK.search(word):
            words.append("(link)")
            break
        words.append(word)
    line = " ".join(words)
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}…"


def _reason(kind: str, details: Mapping[str, Any]) -> str:
    if kind == "Bounce":
        [first, *_] = details.get("bouncedRecipients") or [{}]
        types = f"{_word(details, 'bounceType')} {_word(details, 'bounceSubType')}"
        return _word(first, "diagnosticCode") or _word(first, "status") or types.strip()
    if kind == "DeliveryDelay":
        [first, *_] = details.get("delayedRecipients") or [{}]
        return _word(first, "diagnosticCode") or _word(details, "delayType")
    if kind == "Complaint":
        return _word(details, "complaintSubType") or _word(details, "complaintFeedbackType")
    return _word(details, "reason") or _word(details, "errorMessage")


def _word(details: Mapping[str, Any], name: str) -> str:
    return str(details.get(name) or "")


def _delivery_id(mail: Mapping[str, Any]) -> str | None:
    [first, *_] = (mail.get("tags") or {}).get(DELIVERY_TAG) or [None]
    return first if isinstance(first, str) and _DELIVERY_ID.fullmatch(first) else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

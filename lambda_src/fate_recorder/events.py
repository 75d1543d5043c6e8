"""What an event of SES says about a mail. Pure.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from function.text import one_line
from ledger import rows
from ledger.fates import Fate
from mail.sending import DELIVERY_TAG

from fate_recorder.errors import UnreadableEvent

# SES's word for what happened, where in the event it says more, and the fate in the ledger.
_KINDS: Mapping[str, tuple[str, str]] = {
    "Delivery": ("delivery", rows.DELIVERED),
    "DeliveryDelay": ("deliveryDelay", rows.DELAYED),
    "Bounce": ("bounce", rows.BOUNCED),
    "Reject": ("reject", rows.REJECTED),
    "Rendering Failure": ("failure", rows.RENDERING_FAILED),
    "Complaint": ("complaint", rows.COMPLAINED),
}

# The mail server of the other side writes what it likes, the link of the mail included. What mail
# programs make clickable: schemes, "//", "www.", a domain with a path; and what S3's links hold.
_LINK = re.compile(
    r"//|www\.|X-Amz-|[.\u3002\uff0e\uff61](?=[\w-]*[^\W\d_])[\w-]{2,}(?::\d+)?[/?#]|"
    r"(?:https?|ftps?|file|mailto|data|javascript):",
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


@dataclass(frozen=True)
class MailEvent:
    """What became of one mail. `delivery_id` is None for a mail that LinkGenerator did not send.

    `cause` is SES's own word for why, such as "Permanent" or "Suppressed"; empty without one.
    """

    fate: Fate
    delivery_id: str | None
    recipients: tuple[str, ...]
    cause: str = ""


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
        member, name = _KINDS[kind]
        mail, details = event["mail"], event.get(member) or {}
        reason, cause = _reason_and_cause(kind, details)
        return MailEvent(
            fate=Fate(
                name,
                _moment(details.get("timestamp") or mail["timestamp"]),
                harmless(str(mail["messageId"])),
                harmless(reason),
            ),
            delivery_id=_delivery_id(mail),
            recipients=tuple(harmless(str(address)) for address in mail["destination"]),
            cause=harmless(cause),
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


def _reason_and_cause(kind: str, details: Mapping[str, Any]) -> tuple[str, str]:
    if kind == "Bounce":
        [first, *_] = details.get("bouncedRecipients") or [{}]
        cause = f"{details.get('bounceType', '')} {details.get('bounceSubType', '')}"
        return str(first.get("diagnosticCode") or first.get("status") or cause), cause
    if kind == "DeliveryDelay":
        [first, *_] = details.get("delayedRecipients") or [{}]
        cause = str(details.get("delayType") or "")
        return str(first.get("diagnosticCode") or cause), cause
    if kind == "Complaint":
        cause = str(details.get("complaintSubType") or details.get("complaintFeedbackType") or "")
        return cause, cause
    if kind == "Reject":
        return str(details.get("reason") or ""), ""
    if kind == "Rendering Failure":
        return str(details.get("errorMessage") or ""), str(details.get("templateName") or "")
    return "", ""


def _delivery_id(mail: Mapping[str, Any]) -> str | None:
    [first, *_] = (mail.get("tags") or {}).get(DELIVERY_TAG) or [None]
    return first if isinstance(first, str) and _DELIVERY_ID.fullmatch(first) else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

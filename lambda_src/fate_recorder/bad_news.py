"""The sentences by which the admin hears that a mail did not reach its reader. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from function.text import quoted
from ledger import rows

from fate_recorder.events import MailEvent

_ANY_TEMPLATE = "LinkTemplate"


@dataclass(frozen=True)
class BadNews:
    """A mail to the admin; SNS takes a subject of up to 100 ASCII characters."""

    subject: str
    text: str


def bad_news_of(event: MailEvent, row: Mapping[str, Any] | None) -> BadNews:
    """What happened to which file for whom, why, and what to do. `row` is the ledger's."""
    recipient = str(row[rows.RECIPIENT]) if row else ", ".join(event.recipients) or "A recipient"
    file = quoted(str(row[rows.FILE])) if row else "a file that the ledger does not know any more"
    reason = f" ({event.fate.reason.rstrip('.')})" if event.fate.reason else ""
    text = event.cause.sentence.format(
        recipient=recipient, file=file, reason=reason, template=event.template or _ANY_TEMPLATE
    )
    return BadNews(f"s3link: {event.cause.subject}", text)

"""The sentences by which the admin hears that a mail did not reach its reader. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from files.manifest import is_manifest
from function.text import quoted, unlinked
from ledger import rows

from fate_recorder.events import MailEvent

_ANY_TEMPLATE = "LinkTemplate"


@dataclass(frozen=True)
class BadNews:
    """A mail to the admin; SNS takes a subject of up to 100 ASCII characters."""

    subject: str
    text: str


def bad_news_of(event: MailEvent, row: Mapping[str, Any] | None, deployment: str) -> BadNews:
    """What happened to which file for whom, why, and what to do. `row` is the ledger's, and
    commands name the deployment."""
    # The ledger's recipient was authorized; all else here was written by others.
    others = unlinked(", ".join(event.recipients))
    recipient = str(row[rows.RECIPIENT]) if row else others or "A recipient"
    unknown = "a file that the ledger does not know any more"
    file = unlinked(quoted(_file_of(row))) if row else unknown
    reason = f" ({unlinked(event.fate.reason.rstrip('.'))})" if event.fate.reason else ""
    template = unlinked(event.template) if event.template else _ANY_TEMPLATE
    text = event.cause.sentence.format(
        recipient=recipient, file=file, reason=reason, template=template, deployment=deployment
    )
    return BadNews(f"s3link: {event.cause.subject}", text)


def _file_of(row: Mapping[str, Any]) -> str:
    """The key; of a share the name by which all know it, for its manifest's says nothing."""
    key = str(row[rows.FILE])
    return str(row.get(rows.NAME, key)) if is_manifest(key) else key

"""The sentences by which the admin hears that a mail did not reach its reader. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from function.text import quoted, unlinked
from ledger import rows

from fate_recorder.events import MailEvent

# SES's words for a bounce (bounceType and bounceSubType) or a complaint (complaintSubType).
_TRANSIENT = "Transient"
_SUPPRESSED = ("Suppressed", "OnAccountSuppressionList")


@dataclass(frozen=True)
class BadNews:
    """A mail to the admin; SNS takes a subject of up to 100 ASCII characters."""

    subject: str
    text: str


def bad_news_of(event: MailEvent, row: Mapping[str, Any] | None) -> BadNews:
    """What happened to which file for whom, why, and what to do. `row` is the ledger's."""
    # The ledger's recipient was authorized; all else here was written by others.
    others = unlinked(", ".join(event.recipients))
    recipient = str(row[rows.RECIPIENT]) if row else others or "A recipient"
    unknown = "a file that the ledger does not know any more"
    file = unlinked(quoted(str(row[rows.FILE]))) if row else unknown
    reason = f" ({unlinked(event.fate.reason.rstrip('.'))})" if event.fate.reason else ""
    subject, text = {
        rows.BOUNCED: _bounced,
        rows.REJECTED: _rejected,
        rows.RENDERING_FAILED: _rendering_failed,
        rows.COMPLAINED: _complained,
    }[event.fate.name](event, recipient, file, reason)
    return BadNews(f"s3link: {subject}", text)


def _bounced(event: MailEvent, recipient: str, file: str, reason: str) -> tuple[str, str]:
    if _is_suppressed(event):
        return _suppressed(recipient, file, reason)
    if _TRANSIENT in event.cause:
        return "a mail came back", (
            f"{recipient} may not have got the link to {file}: the mail came back{reason}. The "
            "mailbox may be full or away for now, and an automatic reply looks the same. Ask the "
            "recipient, and upload the file again if the mail is not there."
        )
    return "a mail bounced", (
        f"{recipient} did not get the link to {file}: the mail bounced{reason}. Check the address "
        "and upload the file again for the right one. Addresses that bounce harm your standing "
        "with SES: take this one out of recipients, folders and EmailRecipient."
    )


def _is_suppressed(event: MailEvent) -> bool:
    return any(word in event.cause for word in _SUPPRESSED)


def _suppressed(recipient: str, file: str, reason: str) -> tuple[str, str]:
    """SES tells of it as a bounce or as a complaint, whichever put the address on the list."""
    return "a mail was not delivered", (
        f"{recipient} did not get the link to {file}: SES did not send the mail{reason}. It keeps "
        "the address on a suppression list, because it has bounced or complained before. If it is "
        "right and its owner wants the mail, take it off that list in the SES console and upload "
        "the file again."
    )


def _rejected(event: MailEvent, recipient: str, file: str, reason: str) -> tuple[str, str]:
    return "SES rejected a mail", (
        f"{recipient} did not get the link to {file}: SES rejected the mail{reason}. It took it "
        "for harmful; look at the file's name and the sender's note, and upload it again without."
    )


def _rendering_failed(event: MailEvent, recipient: str, file: str, reason: str) -> tuple[str, str]:
    return "a mail could not be made", (
        f"{recipient} did not get the link to {file}: SES could not make the mail from the "
        f"template {unlinked(event.cause) or 'LinkTemplate'}{reason}. Mend the template with "
        '"s3link deploy" and upload the file again.'
    )


def _complained(event: MailEvent, recipient: str, file: str, reason: str) -> tuple[str, str]:
    if _is_suppressed(event):
        return _suppressed(recipient, file, reason)
    return "a mail was reported as spam", (
        f"{recipient} reported the mail about {file} as spam{reason}. Ask them before you send "
        "them anything again: complaints can make SES stop all sending of this account."
    )

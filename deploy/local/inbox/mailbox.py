"""Every mail that would have been sent, in the order it was; SES and SNS put them here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from threading import Lock
from typing import Any
from uuid import uuid4


@dataclass(frozen=True)
class Mail:
    """One mail as its recipients see it. `time` is ISO 8601 in UTC; `reply_to` is empty where
    answers go to the sender."""

    id: str
    time: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    reply_to: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "time": self.time,
            "from": self.sender,
            "reply_to": list(self.reply_to),
            "to": list(self.recipients),
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
        }


class Mailbox:
    """All mails, newest last. Many threads may use it."""

    def __init__(self) -> None:
        self._mails: list[Mail] = []
        self._lock = Lock()
        # Where links in mails of the embedded AWS itself lead.
        self.endpoint = ""

    def deliver(
        self,
        sender: str,
        recipients: Sequence[str],
        subject: str,
        text: str,
        html: str = "",
        reply_to: Sequence[str] = (),
    ) -> Mail:
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown = _decoded(sender)
        replies = tuple(reply_to)
        mail = Mail(uuid4().hex, time, shown, tuple(recipients), subject, text, html, replies)
        with self._lock:
            self._mails.append(mail)
        return mail

    def mails(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)

    def find(self, mail_id: str) -> Mail | None:
        return next((mail for mail in self.mails() if mail.id == mail_id), None)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()


def _decoded(sender: str) -> str:
    """As mail programs show it; what is no encoded-word stays as it is."""
    try:
        return str(make_header(decode_header(sender)))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return sender


# One for the process, as moto's state is one for the process.
MAILBOX = Mailbox()

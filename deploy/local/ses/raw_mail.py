"""A mail that a sender has written out in full, read as SES reads it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import getaddresses


@dataclass(frozen=True)
class RawMail:
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str

    @classmethod
    def read(cls, content: bytes) -> RawMail:
        message = message_from_bytes(content, policy=policy.default)
        headers = [
            str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])
        ]
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        return cls(
            sender=str(message["From"] or ""),
            recipients=tuple(address for _, address in getaddresses(headers)),
            subject=str(message["Subject"] or ""),
            text=text.get_content() if text else "",
            html=html.get_content() if html else "",
        )

"""A mail as its sender gives it: its tags, and what it holds when it is written out in full. Pure.

https://docs.aws.amazon.com/ses/latest/APIReference/API_MessageTag.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import getaddresses

from moto.ses.exceptions import InvalidParameterValue

_LIMIT = 255  # characters of a name or a value
_ALLOWED = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
# The only names with a colon that a sender may use.
_FEEDBACK_NAMES = frozenset({"ses:feedback-id-a", "ses:feedback-id-b"})


@dataclass(frozen=True)
class Outgoing:
    """A mail on its way: what every event says about it."""

    message_id: str
    source: str
    recipients: tuple[str, ...]
    configuration_set: str | None
    tags: Mapping[str, str]  # the sender's own
    reply_to: tuple[str, ...] = ()


def tags_of(*given: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as the API gets them, later ones before earlier ones; raises SES's error.

    They come back in every event about the mail.
    """
    tags = {tag["Name"]: tag["Value"] for tags in given for tag in tags or ()}
    for name, value in tags.items():
        if name not in _FEEDBACK_NAMES:
            _check("name", name)
        _check("value", value)
    return tags


def _check(part: str, text: str) -> None:
    if not text:
        raise InvalidParameterValue(f"The tag {part} must be specified.")
    if len(text) > _LIMIT:
        raise InvalidParameterValue(f"Tag {part} cannot exceed {_LIMIT} characters.")
    if not _ALLOWED.fullmatch(text):
        raise InvalidParameterValue(
            f"Invalid tag {part} <{text}>: only alphanumeric ASCII characters, '_', and '-' are "
            "allowed."
        )


@dataclass(frozen=True)
class RawMail:
    """A mail that a sender has written out in full, read as SES reads it."""

    sender: str
    reply_to: tuple[str, ...]
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
            reply_to=tuple(map(str, message.get_all("Reply-To", []))),
            recipients=tuple(address for _, address in getaddresses(headers)),
            subject=str(message["Subject"] or ""),
            text=text.get_content() if text else "",
            html=html.get_content() if html else "",
        )

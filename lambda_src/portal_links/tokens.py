"""The secret in a portal link. Tokens are credentials: never log one, never store one. Pure.

A token names its link and proves it: 16 bytes of the link's id, then 16 random ones (128 bits), as
43 characters of URL-safe Base64. Only its SHA-256 is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from function.text import end_of_link

SECRET_BYTES = 16
_ID_BYTES = 16
_LENGTH = 43
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")

# Gives so many random bytes, as `secrets.token_bytes` does.
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True)
class Token:
    """A token as it stands in a link; `link_id` is 32 hexadecimal digits."""

    link_id: str
    text: str = field(repr=False)

    @property
    def hash(self) -> str:
        """What is stored of it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def is_one_of(self, hashes: Iterable[str]) -> bool:
        """Whether it was given out; how long this takes tells nothing about the hashes."""
        found = [hmac.compare_digest(self.hash, one) for one in hashes]
        return any(found)


def new_token(link_id: str, random_bytes: RandomBytes) -> Token:
    """A new token for a link."""
    return Token(link_id, _encoded(bytes.fromhex(link_id) + random_bytes(SECRET_BYTES)))


def parse_token(text: str) -> Token | None:
    """None for anything that `new_token` cannot have made, even if a mail program added to it."""
    text = end_of_link(text, _LENGTH)
    if not _TOKEN.fullmatch(text):
        return None
    parts = urlsafe_b64decode(f"{text}=")
    # The last character has bits that decoding drops: of four spellings one is the token.
    return Token(parts[:_ID_BYTES].hex(), text) if _encoded(parts) == text else None


def link_to(portal_url: str, token: Token) -> str:
    """The link that stands in a mail."""
    return f"{portal_url}/d/{token.text}"


def _encoded(parts: bytes) -> str:
    return urlsafe_b64encode(parts).decode().rstrip("=")

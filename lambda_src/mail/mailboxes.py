"""A mailbox as people write it, with a name or without: "Ann Example <ann@example.com>". Pure.

The name is a stranger's text. What could be read as another address, or as another line, is
refused, not repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category, normalize

from function.text import one_line

from mail.addresses import Address, parse_address

# As for the template's own SenderName.
LONGEST_NAME = 64  # characters
# "=?" begins an encoded-word (RFC 2047), which a mail's subject would show as what it encodes.
_NEVER_IN_A_NAME = ('"', "<", ">", "@", "\\", "=?")
# Letters that are blank (Hangul choseong and jungseong filler).
_FILLERS = "\u115f\u1160"


@dataclass(frozen=True)
class Mailbox:
    """An address, and the name of whom it belongs to, if that was given."""

    address: Address
    name: str = ""

    def __str__(self) -> str:
        """As `parse_mailbox` takes it."""
        return f"{self.name} <{self.address}>" if self.name else str(self.address)

    @property
    def shown(self) -> str:
        """Anybody may have any name, so that none stands without its address."""
        return f"{self.name} ({self.address})" if self.name else str(self.address)


def parse_mailbox(text: str) -> Mailbox:
    """Raises ValueError with the reason when the text is not exactly one mailbox."""
    text = text.strip(" ")
    if not (text.endswith(">") and "<" in text):
        return Mailbox(parse_address(text))
    name, _, address = text[:-1].rpartition("<")
    return Mailbox(parse_address(address), _parse_name(name.strip(" ")))


def _parse_name(text: str) -> str:
    """Without the quotes in which mail programs put it."""
    name = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if one_line(name) != name:
        raise ValueError("the name has line breaks or other control characters")
    # Compatibility forms, too: "＠" reads as "@".
    if any(part in normalize("NFKC", name) for part in _NEVER_IN_A_NAME):
        raise ValueError('the name may not have " < > @ \\ or =?')
    name = " ".join(name.split())
    if name and not any(map(_is_visible, normalize("NFKC", name))):
        raise ValueError("the name cannot be seen")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the name is longer than {LONGEST_NAME} characters")
    return name


def _is_visible(character: str) -> bool:
    return category(character) not in ("Cf", "Zs") and character not in _FILLERS

"""What LinkGenerator takes for an e-mail address: a bare one that names exactly one mailbox.

Display names, comments, quoted local parts, routes and lists are refused, not repaired: a repair
could mail somebody else. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# RFC 5321, 4.5.3.1; RFC 1035, 2.3.4.
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63

# RFC 5322 dot-atom without "%" and "!", which old relays read as a route to another host, and
# without "?", with which "=?utf-8?q?eve=40example.net?=" would be an encoded-word (RFC 2047).
_ATOM = r"[A-Za-z0-9#$&'*+/=^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True)
class Address:
    """One mailbox; `domain` is lower case and ASCII (punycode)."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def identity(self) -> str:
        """What two spellings of one mailbox have in common: case does not count."""
        return str(self).lower()


def parse_address(text: str) -> Address:
    """Raises ValueError with the reason when the text is not exactly one bare address."""
    local_part, at, domain = text.rpartition("@")
    if not at:
        raise ValueError("it has no @")
    if len(local_part) > _LONGEST_LOCAL_PART:
        raise ValueError(f"the part before the @ is longer than {_LONGEST_LOCAL_PART} characters")
    if not _LOCAL_PART.fullmatch(local_part):
        raise ValueError(
            "the part before the @ may have letters a to z, digits and .#$&'*+/=^_`{|}~- only"
        )
    return Address(local_part, parse_domain(domain))


def parse_domain(text: str) -> str:
    """The domain in lower-case ASCII. Raises ValueError with the reason when it is none."""
    domain = _ascii(text)
    labels = domain.split(".")
    if len(domain) > _LONGEST_DOMAIN or any(len(label) > _LONGEST_LABEL for label in labels):
        raise ValueError("the domain is too long")
    if len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError('the part after the @ is not a domain such as "example.com"')
    return domain


def _ascii(text: str) -> str:
    """Lower case, and punycode for a non-ASCII domain that names the same under every IDNA version.

    The standard library knows IDNA 2003, which quietly maps some characters to others (ß to ss,
    full-width letters, 。 to a dot, the Kelvin sign to k). A domain that does not survive the way
    back is refused.
    """
    domain = text.lower()
    if text.isascii():
        return domain
    try:
        encoded = domain.encode("idna").decode("ascii")
        survived = encoded != domain == encoded.encode("ascii").decode("idna")
    except UnicodeError as exc:
        raise ValueError("the domain cannot be written in punycode") from exc
    if not survived:
        raise ValueError("the domain is ambiguous; write it in punycode (xn--…)")
    return encoded

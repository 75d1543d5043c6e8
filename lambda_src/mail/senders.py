"""From whom mails come, and who gets the answers to them: settings that several functions have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.header import Header
from email.utils import formataddr
from typing import TypeVar

from function.environment import required
from function.errors import SettingsError
from function.text import quoted

from mail.addresses import Address, parse_address

_Parsed = TypeVar("_Parsed")

# SES refuses more: "Address length is more than 320 characters long".
_LONGEST_SENDER = 320
_LONGEST_WORD = 75  # RFC 2047, 2; Python's own limit is one more


@dataclass(frozen=True)
class Envelope:
    """By whom, from which template and through which configuration set mails are sent.

    `name` is what mail programs show of the sender. Answers go to `reply_to`, or to the sender's
    own address where that is empty.
    """

    address: Address
    template: str
    configuration_set: str
    name: str = ""
    reply_to: tuple[Address, ...] = ()

    @property
    def sender(self) -> str:
        """Name and address as SES takes them."""
        return _named(self.name, self.address)

    def answered_by(self, address: Address) -> Envelope:
        """The same, but that answers go to this address."""
        return replace(self, reply_to=(address,))


def checked(name: str, value: str, parse: Callable[[str], _Parsed]) -> _Parsed:
    """A setting that is an address or a domain. Raises SettingsError with its name and value."""
    try:
        return parse(value)
    except ValueError as exc:
        raise SettingsError(f"{name} has {quoted(value)}, which is not an address: {exc}.") from exc


def sender_of(environment: Mapping[str, str]) -> Address:
    """EmailSender. Raises SettingsError."""
    return checked("EmailSender", required(environment, "EmailSender"), parse_address)


def sender_name_of(environment: Mapping[str, str]) -> str:
    """SenderName, empty if there is none. Raises SettingsError for one that SES would not take."""
    name = environment.get("SenderName", "")
    length = len(_named(name, sender_of(environment)))
    if length > _LONGEST_SENDER:
        raise SettingsError(
            f"SenderName has {quoted(name)}, which takes {length} characters in a mail together "
            f"with EmailSender, but SES takes {_LONGEST_SENDER}; choose a shorter one."
        )
    return name


def _named(name: str, address: Address) -> str:
    """The name in quotes where it needs them, and with letters beyond ASCII as encoded-words
    (RFC 2047)."""
    if name.isascii() and "=?" not in name:
        return formataddr((name, str(address)))
    words = Header(name, "utf-8", maxlinelen=_LONGEST_WORD).encode(linesep="")
    return f"{words} <{address}>"


def reply_to_of(environment: Mapping[str, str]) -> tuple[Address, ...]:
    """ReplyTo, if there is one. Raises SettingsError."""
    given = environment.get("ReplyTo", "")
    return (checked("ReplyTo", given, parse_address),) if given else ()


def envelope_of(environment: Mapping[str, str], template_key: str) -> Envelope:
    """From EmailSender, SenderName and ReplyTo. Raises SettingsError."""
    return Envelope(
        address=sender_of(environment),
        name=sender_name_of(environment),
        template=required(environment, template_key),
        configuration_set=required(environment, "ConfigSetName"),
        reply_to=reply_to_of(environment),
    )

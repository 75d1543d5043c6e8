"""Who shares a file, as its metadata `sender` says; and whether they may be named. Pure.

SenderError              one sentence: which file, which sender, what to do next
├── InvalidSender        the metadata `sender` is not one mailbox
└── UnauthorizedSender   its address is not on AuthorizedSenders
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from collections.abc import Mapping

from files.metadata import SENDER, decoded
from files.store import StoredFile
from function.errors import FunctionError
from function.text import shown

from mail.authorized import Authorized, authorized_by, entries_of
from mail.mailboxes import Mailbox, parse_mailbox

_WAY_OUT = (
    "upload it again with one such as Ann Example <ann@example.com>, or without that metadata."
)


class SenderError(FunctionError):
    """Base of all errors about who shares a file."""


class InvalidSender(SenderError):
    """The metadata `sender` is not one mailbox."""


class UnauthorizedSender(SenderError):
    """Its address is not on AuthorizedSenders."""


def authorized_senders(environment: Mapping[str, str]) -> Authorized:
    """AuthorizedSenders; empty, nobody may be named. Raises SettingsError."""
    return authorized_by("AuthorizedSenders", entries_of(environment.get("AuthorizedSenders", "")))


def named_sender(file: StoredFile, authorized: Authorized) -> Mailbox | None:
    """Who shares the file, if its metadata says so. Raises InvalidSender, UnauthorizedSender."""
    value = file.metadata.get(SENDER)
    if value is None:
        return None
    try:
        text = decoded(value)
    except ValueError as exc:
        raise InvalidSender(
            f"{file.upload} was not announced: its metadata sender cannot be decoded; {_WAY_OUT}"
        ) from exc
    try:
        sender = parse_mailbox(text)
    except ValueError as exc:
        raise InvalidSender(
            f"{file.upload} was not announced: {shown(text)} in its metadata sender is not a name "
            f"with one address, for {exc}; {_WAY_OUT}"
        ) from exc
    if not authorized.allows(sender.address):
        raise UnauthorizedSender(
            f"{file.upload} was not announced to anybody: not on AuthorizedSenders: "
            f"{sender.address}. Add the address or its @domain there and deploy, "
            "or upload it again without the metadata sender."
        )
    return sender


def sender_now(file: StoredFile, authorized: Authorized) -> Mailbox | None:
    """Who shares a file that was announced before, if they may be named by now."""
    try:
        return named_sender(file, authorized)
    except SenderError:
        return None

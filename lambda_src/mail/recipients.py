"""Who gets a file, as its metadata, its key or EmailRecipient says; and whether they may.

Pure; one bad recipient refuses the whole upload.

RecipientError              one sentence: which file, which recipient, what to do next
├── NoRecipients            the metadata `recipients` names nobody
├── InvalidRecipient        something given as a recipient is not an address
└── UnauthorizedRecipient   an address is not on AuthorizedRecipients
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize
from urllib.parse import unquote

from files.manifest import SharedFile
from files.metadata import RECIPIENTS, decoded
from files.uploads import Upload
from function.environment import required
from function.errors import FunctionError, SettingsError
from function.text import quoted

from mail.addresses import Address, parse_address
from mail.authorized import Authorized, authorized_by, entries_of
from mail.senders import checked


class RecipientError(FunctionError):
    """Base of all errors about who shall get a file."""


class NoRecipients(RecipientError):
    """The metadata `recipients` names nobody."""


class InvalidRecipient(RecipientError):
    """Something given as a recipient is not an address."""


class UnauthorizedRecipient(RecipientError):
    """An address is not on AuthorizedRecipients."""


@dataclass(frozen=True)
class RecipientSettings:
    """EmailRecipient, who get what names nobody else, and AuthorizedRecipients."""

    default: tuple[Address, ...]
    authorized: Authorized

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> RecipientSettings:
        """Raises SettingsError that names the parameter and the value."""
        default = _addresses(environment, "EmailRecipient")
        return cls(default, _authorized(environment, default))


def recipients_of(
    upload: Upload, metadata: Mapping[str, str], settings: RecipientSettings
) -> tuple[Address, ...]:
    """The metadata `recipients`, else the first path segment, else EmailRecipient; each once.

    Raises InvalidRecipient, NoRecipients or UnauthorizedRecipient.
    """
    if RECIPIENTS in metadata:
        found = _from_metadata(upload, metadata[RECIPIENTS])
    else:
        found = _from_path(upload) or settings.default
    recipients = tuple({address.identity: address for address in reversed(found)}.values())[::-1]
    _authorize(upload, recipients, settings.authorized)
    return recipients


def _from_metadata(upload: Upload, value: str) -> tuple[Address, ...]:
    try:
        text = decoded(value)
    except ValueError as exc:
        raise InvalidRecipient(
            f"{upload} was not announced: its metadata recipients cannot be decoded; "
            "upload it again with addresses separated by commas."
        ) from exc
    entries = [entry.strip(" \t") for entry in text.split(",")]
    found = tuple(_parsed(upload, entry, "metadata recipients") for entry in entries if entry)
    # Somebody chose to name recipients and named none: EmailRecipient would be a guess.
    if not found:
        raise NoRecipients(
            f"{upload} was not announced: its metadata recipients is empty; upload it again with "
            "addresses there, or without that metadata to mail EmailRecipient."
        )
    return found


def means_an_address(folder: str) -> bool:
    """Whether it has an @, however that is written."""
    return "@" in unquote(normalize("NFKC", folder))


def folder_shown(file: SharedFile) -> str:
    """The folders of a file of a share, but for a first one that is an address: others of its
    recipients need not know it."""
    first, slash, rest = file.key.lstrip("/").partition("/")
    shown = replace(file, key=rest) if slash and means_an_address(first) else file
    return shown.folder


def _from_path(upload: Upload) -> tuple[Address, ...]:
    """A first segment that means an address names who gets the file: a mistyped one must not fall
    through to EmailRecipient, who would get what was meant for somebody else.

    It is the first one that has a name: whoever joins paths gets a slash too many before it.
    """
    segment, slash, _ = upload.key.lstrip("/").partition("/")
    if not slash or not means_an_address(segment):
        return ()
    return (_parsed(upload, segment, "first folder"),)


def _parsed(upload: Upload, text: str, source: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as exc:
        raise InvalidRecipient(
            f"{upload} was not announced: {quoted(text)} in its {source} is not an address, "
            f"for {exc}; upload it again with a bare address such as bob@example.com."
        ) from exc


def _authorize(upload: Upload, recipients: Sequence[Address], authorized: Authorized) -> None:
    refused = [str(address) for address in recipients if not authorized.allows(address)]
    if refused:
        raise UnauthorizedRecipient(
            f"{upload} was not announced to anybody: not on AuthorizedRecipients: "
            f"{', '.join(refused)}. Add the address or its @domain there and deploy, "
            "or upload it again for others."
        )


def _addresses(environment: Mapping[str, str], name: str) -> tuple[Address, ...]:
    entries = entries_of(required(environment, name))
    if not entries:
        raise SettingsError(f"{name} names nobody; give it at least one address and deploy.")
    return tuple(checked(name, entry, parse_address) for entry in entries)


def _authorized(environment: Mapping[str, str], defaults: tuple[Address, ...]) -> Authorized:
    name = "AuthorizedRecipients"
    entries = entries_of(environment.get(name, "")) or [str(address) for address in defaults]
    return authorized_by(name, entries)

"""Who gets a file, and whether they may. Pure; one bad recipient refuses the whole upload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from files.uploads import Upload
from function.text import decoded, quoted
from link_generator.errors import InvalidRecipient, NoRecipients, UnauthorizedRecipient
from link_generator.settings import Authorized, Settings

from mail.addresses import Address, parse_address

RECIPIENTS = "recipients"


def recipients_of(
    upload: Upload, metadata: Mapping[str, str], settings: Settings
) -> tuple[Address, ...]:
    """The metadata `recipients`, else the first path segment, else EmailRecipient; each once.

    Raises InvalidRecipient, NoRecipients or UnauthorizedRecipient.
    """
    if RECIPIENTS in metadata:
        found = _from_metadata(upload, metadata[RECIPIENTS])
    else:
        found = _from_path(upload) or settings.default_recipients
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


def _from_path(upload: Upload) -> tuple[Address, ...]:
    """A first segment with an @ was meant as an address: a mistyped one must not fall through to
    EmailRecipient, who would get what was meant for somebody else."""
    segment, slash, _ = upload.key.partition("/")
    if not slash or "@" not in segment:
        return ()
    return (_parsed(upload, segment, "first folder"),)


def _parsed(upload: Upload, text: str, source: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as exc:
        raise InvalidRecipient(
            f"{upload} was not announced: {quoted(text)} in its {source} is no address, "
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

"""What a file's sender may wish, as metadata of its S3 object: written and read here. Pure.

recipients      who gets the file (`mail.recipients` reads it)
note            the sender's own words, for the mail and the portal's page
expires         seconds after which the link stops, if that is sooner than it would anyway
max-downloads   how often the file may be downloaded, through the portal
"""

from __future__ import annotations

import contextlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.errors import HeaderParseError
from email.header import decode_header

from function.text import paragraphs, quoted

from files.errors import InvalidExpiry, InvalidMaxDownloads
from files.store import StoredFile

RECIPIENTS = "recipients"
NOTE = "note"
EXPIRES = "expires"
MAX_DOWNLOADS = "max-downloads"

# As for the template's own MaxDownloads.
MOST_DOWNLOADS = 1_000_000

# S3: "user-defined metadata is limited to 2 KB in size", the sum of all names and values.
METADATA_LIMIT = 2048  # bytes
# RFC 2047: an encoded word has at most 75 characters; 45 bytes become 60 in base64.
_ENCODED_WORD_BYTES = 45


def note_of(file: StoredFile) -> str:
    """The sender's words; as they came, if they only look encoded. A note delays no file."""
    note = file.metadata.get(NOTE, "")
    with contextlib.suppress(ValueError):
        note = decoded(note)
    return paragraphs(note)


def lifetime_wished(file: StoredFile, longest: timedelta) -> timedelta | None:
    """For how long the link shall work, which may be more than the `longest` that it can.

    Raises InvalidExpiry.
    """
    value = file.metadata.get(EXPIRES)
    if value is None:
        return None
    digits = value.strip().lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidExpiry(
            f"{file.upload} was not announced: its metadata expires is {quoted(value)}; upload it "
            f"again with whole seconds from 1 to {max(int(longest.total_seconds()), 1)}."
        )
    # Ten digits are far beyond the limit already, and timedelta has an end.
    return timedelta(seconds=int(digits[:10]))


def max_downloads_of(file: StoredFile, *, are_counted: bool) -> int | None:
    """How often it may be downloaded, 0 for any number; None leaves it to the portal.

    Raises InvalidMaxDownloads, also where downloads are not counted, as those from S3 itself.
    """
    value = file.metadata.get(MAX_DOWNLOADS)
    if value is None:
        return None
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(MOST_DOWNLOADS))):
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: its metadata max-downloads is {quoted(value)}; "
            f"upload it again with a whole number from 0 (any number) to {MOST_DOWNLOADS}."
        )
    if int(digits) > MOST_DOWNLOADS:
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: its metadata max-downloads is {quoted(value)}; "
            f"upload it again with at most {MOST_DOWNLOADS}, or 0 for any number."
        )
    if not are_counted:
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: downloads are counted by the portal only, which "
            "this deployment lacks; upload it again without the metadata max-downloads, or "
            "run `s3link deploy --with portal`."
        )
    return int(digits)


def metadata_size(metadata: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) for name, value in metadata.items())


def header_text(text: str) -> str:
    """`text` as it is when a header can carry it, else as RFC 2047 encoded words.

    Of several spaces those who sign a header keep all, or one.
    """
    if text.isascii() and text.isprintable() and "=?" not in text and "  " not in text:
        return text
    return " ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in _words(text))


def decoded(value: str) -> str:
    """A metadata value as it was meant: S3 returns non-ASCII values encoded by RFC 2047.

    Raises ValueError for an encoding that does not decode.
    """
    try:
        parts = decode_header(value)
        return "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii")
            for part, charset in parts
        )
    except (HeaderParseError, LookupError) as exc:
        raise ValueError("it is not text as RFC 2047 encodes it") from exc


def _words(text: str) -> Iterator[bytes]:
    """The UTF-8 of `text` in pieces that never cut a character in two."""
    word = b""
    for character in text:
        # A command line may hold bytes that are no text; they become question marks.
        encoded = character.encode(errors="replace")
        if len(word) + len(encoded) > _ENCODED_WORD_BYTES:
            yield word
            word = b""
        word += encoded
    yield word

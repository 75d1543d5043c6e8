"""What a file's sender may wish, as metadata of its S3 object: written and read here. Pure.

recipients      who gets the file (`mail.recipients` reads it)
sender          who shares it, where that is to be said (`mail.named_senders` reads it)
note            the sender's own words, for the mail and the portal's page
expires         seconds after which the link stops, if that is sooner than it would anyway
max-downloads   how often the file may be downloaded, through the portal
s3link-share    the id of the share that it belongs to, so that it is not announced alone
announce        "always", also where its name is that of a leftover (`files.leftovers`); "now", as
                well, and at once, where others would be waited for
"""

from __future__ import annotations

import contextlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.errors import HeaderParseError
from email.header import decode_header

from function.text import paragraphs, quoted

from files.errors import (
    HiddenMetadata,
    InvalidAnnounce,
    InvalidExpiry,
    InvalidMaxDownloads,
    MisspelledMetadata,
)
from files.leftovers import is_leftover
from files.manifest import MOST_DOWNLOADS
from files.store import StoredFile

RECIPIENTS = "recipients"
SENDER = "sender"
NOTE = "note"
EXPIRES = "expires"
MAX_DOWNLOADS = "max-downloads"
SHARE = "s3link-share"
ANNOUNCE, ALWAYS, NOW = "announce", "always", "now"

# With how many slips of the fingers each is still taken for meant. The shorter a name, the sooner
# another word is as near: "node" is no "note", "tender" no "sender".
_SLIPS: Mapping[str, int] = {
    **{RECIPIENTS: 2, SENDER: 0, NOTE: 0, EXPIRES: 1, MAX_DOWNLOADS: 2, SHARE: 2, ANNOUNCE: 0}
}
# Who writes S3's header where a client asks for the name alone gets it twice.
_HEADER = re.compile("(x-(amz-)?(meta-)?)+")

# S3: "user-defined metadata is limited to 2 KB in size", the sum of all names and values.
METADATA_LIMIT = 2048  # bytes
# RFC 2047: an encoded word has at most 75 characters; 45 bytes become 60 in base64.
_ENCODED_WORD_BYTES = 45


def check_names(file: StoredFile) -> None:
    """Raises MisspelledMetadata for a name that is not ours and was probably meant to be, and
    HiddenMetadata where S3 does not tell all names.

    To pass over a mistyped `recipients` would mail EmailRecipient what is meant for somebody else.
    """
    if file.hidden_metadata:
        raise HiddenMetadata(
            f"{file.upload} was not announced: S3 does not show all of its metadata, for it has "
            "characters that cannot be printed; upload it again without them."
        )
    for name in sorted(file.metadata.keys() - _SLIPS.keys()):
        for own, slips in _SLIPS.items():
            if _is_near(name, own, slips):
                raise MisspelledMetadata(
                    f"{file.upload} was not announced: its metadata {quoted(name)} is probably "
                    f"meant to be {own}; upload it again with that name, or with one that is less "
                    "like it."
                )


def is_left_out(file: StoredFile) -> bool:
    """Whether it is a leftover that its sender did not name.

    Raises InvalidAnnounce, and for a leftover what `check_names` does: perhaps it was named.
    """
    value = file.metadata.get(ANNOUNCE)
    if value is not None and _announce_of(value) not in (ALWAYS, NOW):
        raise InvalidAnnounce(
            f"{file.upload} was not announced: its metadata announce is {quoted(value)}; upload it "
            f"again with {ALWAYS} or {NOW}, or without that metadata."
        )
    if value is not None or not is_leftover(file.upload.key):
        return False
    check_names(file)
    return True


def is_complete(file: StoredFile) -> bool:
    """Whether its sender says that no other file is to be mailed with it."""
    return _announce_of(file.metadata.get(ANNOUNCE, "")) == NOW


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


def max_downloads_of(file: StoredFile) -> int | None:
    """How often it may be downloaded, 0 for any number; None leaves it to the portal.

    Raises InvalidMaxDownloads.
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


def _announce_of(value: str) -> str:
    return value.strip().lower()


def _is_near(name: str, own: str, slips: int) -> bool:
    """Whether `name` is `own`, but for what is easily mistaken: S3's prefix, hyphens, a plural, and
    so many slips."""
    words = re.findall("[a-z0-9]+", _HEADER.sub("", name.replace("_", "-"), count=1))
    typed, meant = "".join(words).removesuffix("s"), own.replace("-", "").removesuffix("s")
    if len(words) > len(own.split("-")):
        # One more word makes another name: "recipient-id".
        return typed == meant
    return _slips_between(typed, meant) <= slips


def _slips_between(typed: str, meant: str) -> int:
    """Letters that are missing, too many, wrong, or swapped with their neighbour (the distance of
    optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed):
        last, before, row = before, row, [i + 1]
        for j, wanted in enumerate(meant):
            slips = min(before[j] + (letter != wanted), before[j + 1] + 1, row[j] + 1)
            if i and j and (letter, typed[i - 1]) == (meant[j - 1], wanted):
                slips = min(slips, last[j - 1] + 1)
            row.append(slips)
    return row[-1]


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

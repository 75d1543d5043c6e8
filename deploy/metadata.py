"""Writes what travels with an upload: recipients, note and limits as S3 object metadata. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence

from deploy.errors import UploadError
from deploy.shared import EXPIRES, MAX_DOWNLOADS, NOTE, RECIPIENTS

# S3: "user-defined metadata is limited to 2 KB in size", the sum of all names and values.
_LIMIT_BYTES = 2048
# RFC 2047: an encoded word has at most 75 characters; 45 bytes become 60 in base64.
_ENCODED_WORD_BYTES = 45


def upload_metadata(
    recipients: Sequence[str], note: str, expires: int | None, max_downloads: int | None = None
) -> dict[str, str]:
    """The metadata that LinkGenerator reads; raises UploadError when S3 would not take it."""
    metadata: dict[str, str] = {}
    if recipients:
        metadata[RECIPIENTS] = ",".join(recipients)
    if note.strip():
        metadata[NOTE] = _header_text(note.strip())
    if expires is not None:
        metadata[EXPIRES] = str(expires)
    if max_downloads is not None:
        metadata[MAX_DOWNLOADS] = str(max_downloads)
    size = sum(len(name) + len(value) for name, value in metadata.items())
    if size > _LIMIT_BYTES:
        raise UploadError(
            f"Recipients and note take {size:,} bytes and S3 stores {_LIMIT_BYTES:,} with a file; "
            "shorten the note or send to fewer people at a time."
        )
    return metadata


def _header_text(text: str) -> str:
    """`text` as it is when a header can carry it, else as RFC 2047 encoded words."""
    if text.isascii() and text.isprintable() and "=?" not in text:
        return text
    return " ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in _words(text))


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

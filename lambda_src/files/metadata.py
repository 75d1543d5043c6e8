"""How text travels as the metadata of an S3 object; `text.decoded` reads it again. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

# S3: "user-defined metadata is limited to 2 KB in size", the sum of all names and values.
METADATA_LIMIT = 2048  # bytes
# RFC 2047: an encoded word has at most 75 characters; 45 bytes become 60 in base64.
_ENCODED_WORD_BYTES = 45


def metadata_size(metadata: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) for name, value in metadata.items())


def header_text(text: str) -> str:
    """`text` as it is when a header can carry it, else as RFC 2047 encoded words.

    Of several spaces those who sign a header keep all, or one.
    """
    if text.isascii() and text.isprintable() and "=?" not in text and "  " not in text:
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

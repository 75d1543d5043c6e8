"""The name under which a file is downloaded, and the header that says so. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from function.text import one_line

_NAMELESS = "download"

# RFC 8187 attr-char beside letters, digits and "-._~".
_ATTRIBUTE_CHARACTERS = "!#$&+^`|"
# In the quoted fallback a quote ends it, a backslash escapes, and some browsers decode a percent.
# A slash comes from characters such as ℀, which is a/c in ASCII.
_NOT_IN_FALLBACK = re.compile(r'[^\x20-\x7e]|["\\%/]')

# S3 refuses requests with too much in headers and query (RequestHeaderSectionTooLarge) and names
# 8 KB as the limit for headers; of these the signature takes up to 2 KB, the browser 1 KB.
_LONGEST_IN_LINK = 4500


def file_name(key: str) -> str:
    """The key's last path segment as one harmless line; what mail and browser both show."""
    segments = [segment for segment in key.split("/") if segment]
    name = one_line(segments[-1]).replace("\\", "_") if segments else ""
    return name if name.replace(".", " ").strip() else _NAMELESS


def content_disposition(name: str) -> str:
    """The header for a download under this name (RFC 6266): ASCII, fallback first.

    A name is shortened, before its extension, only where the link would get too long for S3.
    """
    header = _header(name)
    while len(quote(header, safe="")) > _LONGEST_IN_LINK:
        name = _shorter(name)
        header = _header(name)
    return header


def _header(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    fallback = _NOT_IN_FALLBACK.sub("_", plain)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{_encoded(name)}"


def _encoded(name: str) -> str:
    return quote(name, safe=_ATTRIBUTE_CHARACTERS)


def _shorter(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > len(stem):
        return name[: len(name) * 9 // 10]
    return stem[: len(stem) * 9 // 10] + dot + extension

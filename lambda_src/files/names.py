"""The name under which a file is mailed and downloaded, and the header that says so. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from function.text import one_line

_NAMELESS = "download"
_FORMS: Final = ("NFC", "NFD")

# One parameter of a Content-Disposition, its value a quoted string or a token (RFC 6266, 4.1). A
# quoted string is read as a whole, so that nothing in it is taken for a parameter.
_PARAMETER = re.compile(r'(?:^|;)\s*([^\s;="]+)\s*=\s*("(?:\\.|[^"\\])*"?|[^;]*)', re.DOTALL)
# The charsets that RFC 8187 knows; Python has many more, some of which are no charsets.
_CHARSETS = {"utf-8", "iso-8859-1"}

# RFC 8187 attr-char beside letters, digits and "-._~".
_ATTRIBUTE_CHARACTERS = "!#$&+^`|"
# In the quoted fallback a quote ends it, a backslash escapes, and some browsers decode a percent.
# A slash comes from characters such as ℀, which is a/c in ASCII.
_NOT_IN_FALLBACK = re.compile(r'[^\x20-\x7e]|["\\%/]')

# S3 refuses requests with too much in headers and query (RequestHeaderSectionTooLarge) and names
# 8 KB as the limit for headers; of these the signature takes up to 2 KB, the browser 1 KB.
LONGEST_IN_LINK = 4500

# Of a name that ASCII can show, fewer characters than these say less than its ASCII does.
_FEWEST = 24


def file_name(key: str, disposition: str = "") -> str:
    """The file's name as one harmless line; what mail and browser both show.

    It is the one in the object's own Content-Disposition, for many programs store files under
    UUIDs; where that has no usable one, the key's last path segment.
    """
    for stated in _stated_names(disposition):
        # Some browsers once sent a whole path of Windows (RFC 6266, 4.3: take its last segment).
        name = _harmless(re.split(r"[/\\]", stated)[-1].strip())
        if name:
            return name
    segments = [segment for segment in key.split("/") if segment]
    return (_harmless(segments[-1]) if segments else "") or _NAMELESS


def one_spelling(name: str) -> str:
    """The name with one spelling for each character (NFC), in which names are compared.

    macOS writes "ü" as two characters, which look like the one that everybody types.
    """
    return unicodedata.normalize("NFC", name)


def spellings(name: str) -> list[str]:
    """The name as it is, then in the two spellings that keys have (NFC, NFD), each once."""
    return list(dict.fromkeys([name, *(unicodedata.normalize(form, name) for form in _FORMS)]))


def content_disposition(name: str, longest: int = LONGEST_IN_LINK) -> str:
    """The header for a download under this name (RFC 6266), in ASCII.

    Where it would be longer than that, as the value in a link, it says less: first the fallback
    goes, then the end of the name before its extension, then all but ASCII.
    """
    header = ""
    for header in _headers(name):
        if in_link(header) <= longest:
            break
    return header


def in_link(header: str) -> int:
    """How many characters it takes as a value in a link."""
    return len(quote(header, safe=""))


def _stated_names(disposition: str) -> Iterator[str]:
    """What a Content-Disposition says, `filename*` first; it is as hostile as its sender."""
    values: dict[str, str] = {}
    for name, value in _PARAMETER.findall(disposition):
        values.setdefault(name.lower(), _unquoted(value.strip()))
    charset, _, rest = values.get("filename*", "").partition("'")
    _, mark, encoded = rest.partition("'")
    if mark and charset.lower() in _CHARSETS:
        with suppress(UnicodeError):
            yield unquote_to_bytes(encoded).decode(charset)
    yield _raw_text(values.get("filename", ""))


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    # Paths of Windows have their backslashes unescaped.
    return re.sub(r'\\(["\\])', r"\1", value[1:].removesuffix('"'))


def _raw_text(value: str) -> str:
    """UTF-8 that was sent as it is, which HTTP's clients read as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _harmless(name: str) -> str:
    """One line without a path; empty for a name that says nothing, or only dots."""
    name = one_line(name).replace("\\", "_")
    return name if name.replace(".", " ").strip() else ""


def _headers(name: str) -> Iterator[str]:
    """From the one that says most to the shortest."""
    fallback = _fallback(name)
    yield f"{_ascii(fallback)}; filename*=UTF-8''{_encoded(name)}"
    if fallback != name:
        # The beginning of a name in its own letters says more than underscores do.
        is_readable = any(map(str.isalnum, fallback.rpartition(".")[0] or fallback))
        fewest = _FEWEST if is_readable else 1
        for shorter in _shortened(name):
            if len(shorter) >= min(fewest, len(name)):
                yield f"attachment; filename*=UTF-8''{_encoded(shorter)}"
    yield from map(_ascii, _shortened(fallback))


def _ascii(name: str) -> str:
    return f'attachment; filename="{name}"'


def _fallback(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _NOT_IN_FALLBACK.sub("_", plain)


def _encoded(name: str) -> str:
    return quote(name, safe=_ATTRIBUTE_CHARACTERS)


def _shortened(name: str) -> Iterator[str]:
    """The name as it is, then shorter and shorter, before its extension if that is one."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > len(stem):
        stem, dot, extension = name, "", ""
    while stem:
        yield stem + dot + extension
        stem = stem[: len(stem) * 9 // 10].rstrip()

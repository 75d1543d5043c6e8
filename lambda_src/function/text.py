"""Makes text from outside harmless for one line of a log, a mail or a header. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

# Characters that change the direction of the text around them: "annexe" + U+202E + "fdp.exe"
# reads "annexeexe.pdf" (Unicode Standard Annex 9, "Directional Formatting Characters").
_DIRECTION_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Control characters, lone surrogates, line and paragraph separators (Unicode general categories).
_UNPRINTABLE_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}

# What mail programs make clickable unasked: names of hosts, even bare ones (the dot may be one of
# IDNA's), schemes, and shares as Windows writes them. Numbers such as "5.1.1" are none, nor are
# these ends of file names, which are no top-level domains (".zip" and ".md" are), nor a single
# letter, as in "J.R. Smith".
_EXTENSIONS = (
    "7z|avi|bz2|csv|docx?|exe|gif|gz|html?|iso|jpe?g|json|log|mp[34]|od[pst]|pdf|png|pptx?|rar|svg|"
    "tar|tiff?|txt|wav|xlsx?|xml|xz"
)
_DOT = re.compile(
    rf"(?<=[^.])[.\u2024\u3002\uff0e\uff61](?=[^.])(?!(?:{_EXTENSIONS})(?:[\"')\],;]|\.?$))"
    r"(?![a-z](?:[\"')\],;.]|$))",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?<=[a-z0-9+.-]):(?=\S)", re.IGNORECASE)
_SHARE = re.compile(r"\\(?=\\)")
_NUMBER = re.compile(r"[^\w\\]*(\d+-)?\d+([.:]\d+){1,2}[^\w\\]*")

_LONGEST_SHOWN = 80  # characters

_ZONE = re.compile("[A-Z]{1,5}")
_OFFSET = len("2026-11-25T07:58")  # where it begins in a moment as ISO 8601 has it

# What mail programs and people leave at the end of a link that stood in a sentence: its full stop,
# brackets and quotes, the signs of Markdown, a space.
_AFTER_A_LINK = frozenset("/.,;:!?)]}>\"'*_|`\\ \t\r\n\u00a0\u200b»›”’…。、，）」")
_MOST_AFTER_A_LINK = 8  # characters

_BYTES_PER_STEP = 1000
_UNITS = ("kB", "MB", "GB", "TB")


def quoted(text: str) -> str:
    """The text in double quotes, on one line, with everything invisible shown as an escape."""
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in text) + '"'


def shown(text: str) -> str:
    """The beginning of a text from outside, quoted for a sentence."""
    return quoted(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def end_of_link(text: str, length: int) -> str:
    """The first `length` characters of what ends a link, if nothing follows but what mail programs
    append; else the text as it is."""
    rest = text[length:]
    is_appended = len(rest) <= _MOST_AFTER_A_LINK and _AFTER_A_LINK.issuperset(rest)
    return text[:length] if is_appended else text


def one_line(text: str) -> str:
    """The text without direction controls and with `_` for every control character."""
    return "".join(
        "_" if unicodedata.category(c) in _UNPRINTABLE_CATEGORIES else c
        for c in _DIRECTION_CONTROLS.sub("", text)
    )


def paragraphs(text: str) -> str:
    """The text with its line breaks, each line harmless in itself."""
    return "\n".join(one_line(line.replace("\t", " ")) for line in text.splitlines()).strip()


def unlinked(text: str) -> str:
    """The text so that no mail program makes a link of any part: "evil[.]example/login".

    For whatever a stranger or a sender has written into a mail of ours.
    """
    return re.sub(r"\S+", lambda word: _unlinked_word(word[0]), text)


def _unlinked_word(word: str) -> str:
    if _NUMBER.fullmatch(word):
        return word
    return _SHARE.sub(r"[\\]", _SCHEME.sub("[:]", _DOT.sub("[.]", word)))


def file_size(size: int) -> str:
    """A number of bytes as people say it: "0 bytes", "12.3 MB". ASCII only."""
    if size < _BYTES_PER_STEP:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount = float(size)
    for unit in _UNITS:
        amount /= _BYTES_PER_STEP
        if round(amount, 1) < _BYTES_PER_STEP:
            return f"{amount:.1f} {unit}"
    return f"{amount:.1f} {_UNITS[-1]}"


def moment(when: datetime, *, with_seconds: bool = False) -> str:
    """A moment in UTC as people write it, "Saturday 21 November 2026, 18:05 UTC"; before that in
    the function's own time zone (TZ), if it has another one.
    """
    here, utc = when.astimezone(), when.astimezone(UTC)
    clock = "%H:%M:%S" if with_seconds else "%H:%M"
    if not here.utcoffset():
        return f"{_date(utc)}, {utc:{clock}} UTC"
    there = "" if here.date() == utc.date() else f"{utc:%A}, "
    return f"{_date(here)}, {here:{clock}} {zone_of(here)} ({there}{utc:{clock}} UTC)"


def zone_of(when: datetime) -> str:
    """A moment's zone as its own people call it, "CET"; by its offset, "+03:00", where it has no
    such name."""
    name = when.tzname() or ""
    return name if _ZONE.fullmatch(name) else when.isoformat(timespec="minutes")[_OFFSET:]


def _date(when: datetime) -> str:
    return f"{when:%A} {when.day} {when:%B %Y}"

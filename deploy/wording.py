"""Words that depend on a number, moments, and names that were mistyped. Pure."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from collections.abc import Iterable
from datetime import datetime

_ZONE = re.compile("[A-Z]{1,5}")
_OFFSET = len("2026-11-25T07:58")  # where it begins


def counted(number: float, noun: str) -> str:
    """A number and what it counts: "1 mail", "1,000 mails"."""
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def enumerated(names: Iterable[str]) -> str:
    """At least one name: "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def part_of(part: int, total: int, noun: str, about: str = "") -> str:
    """What became of some of them, up to the verb: "1 of 2 mails was", "2 of 3 mails were".

    `about` stands before a total that nobody knows for sure.
    """
    verb = "was" if 1 in (part, total) else "were"
    return f"{part:,} of {about}{counted(total, noun)} {verb}"


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """Which of the known names is meant by a mistyped one, whatever its case; None if unclear."""
    by_lower_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(typed.lower(), by_lower_case, n=1)
    return by_lower_case[near[0]] if near else None


def meant(typed: str, known: Iterable[str]) -> str:
    """What to add to a sentence about a mistyped name: " Did you mean json?", or nothing."""
    near = nearest(typed, known)
    return f" Did you mean {near}?" if near else ""


def moment(time: datetime | str | None, exact: bool = False) -> str:
    """A moment for reading, in local time, "2026-11-25 07:58 CET"; with seconds when `exact`.

    Text is as rows have it, None is unknown. Documents have moments in UTC (moment_text), as
    RFC 3339 wants it.
    """
    if not time:
        return "?"
    when = _local(time)
    return f"{when:%Y-%m-%d} {clock_time(when) if exact else f'{when:%H:%M} {_zone(when)}'}"


def day(time: datetime) -> str:
    """The day on which a moment is here, "2026-11-25"."""
    return f"{_local(time):%Y-%m-%d}"


def clock_time(time: datetime) -> str:
    """The time of the operator's own clock, "07:58:01 CET"."""
    when = _local(time)
    return f"{when:%H:%M:%S} {_zone(when)}"


def _local(time: datetime | str) -> datetime:
    return (datetime.fromisoformat(time) if isinstance(time, str) else time).astimezone()


def _zone(when: datetime) -> str:
    """As its own people call it, "CET"; else by its offset, "+03:00", as Windows has no such
    names, and not every zone has one."""
    name = when.tzname() or ""
    return name if _ZONE.fullmatch(name) else when.isoformat(timespec="minutes")[_OFFSET:]


def harmless(text: str, kept: str = "") -> str:
    """What a terminal would obey or hide is written as an escape, but for what is `kept`."""
    if text.replace(kept, "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else json.dumps(c)[1:-1] for c in text)


def shell_word(text: str) -> str:
    """As it is typed into a shell; in bash and zsh also what cannot be typed, and would command a
    terminal if it were printed."""
    if text.isprintable():
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{''.join(c if c.isprintable() else _escape(c) for c in escaped)}'"


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"

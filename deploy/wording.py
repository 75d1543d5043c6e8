"""Words that depend on a number, and moments. Pure."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime


def counted(number: float, noun: str) -> str:
    """A number and what it counts: "1 mail", "1,000 mails"."""
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def moment(time: datetime | str | None) -> str:
    """A moment for reading, "2026-11-25 06:58:01Z"; text is as rows have it, None is unknown.

    Documents have the same moment with a T (moment_text), as RFC 3339 wants it.
    """
    if not time:
        return "?"
    when = datetime.fromisoformat(time) if isinstance(time, str) else time
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


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

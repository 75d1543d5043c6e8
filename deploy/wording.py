"""Words that depend on a number. Pure."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """A number and what it counts: "1 mail", "1,000 mails"."""
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"

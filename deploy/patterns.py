"""Patterns for the keys of files, in which each * stands for any characters. Pure."""

from __future__ import annotations

import re


def key_pattern(pattern: str) -> re.Pattern[str]:
    """To be matched in full."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)

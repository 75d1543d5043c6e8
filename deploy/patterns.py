"""Patterns for the keys of files, in which each * stands for any characters. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from deploy.lambda_packages import one_spelling


def key_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a whole key fits, in whichever spelling its characters and the pattern's are."""
    parts = one_spelling(pattern).split("*")
    compiled = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
    return lambda key: compiled.fullmatch(one_spelling(key)) is not None

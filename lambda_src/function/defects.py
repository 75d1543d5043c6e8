"""Where a defect is, in words that may be logged. Pure."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def place_of(exc: Exception) -> str:
    """Names the line, not the exception's own words: those could quote a link or a note."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} in {PurePath(frame.filename).name}, line {frame.lineno}"

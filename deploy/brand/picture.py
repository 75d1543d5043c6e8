"""A picture that was made safe. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """Its file, and how large it says it is."""

    content: bytes
    width: float
    height: float

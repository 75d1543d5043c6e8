"""What a check says: fine, worth knowing, or in the way; and the next thing to do. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One sentence of a check. `fix` is a command or a step; it is empty when all is well."""

    check: str
    level: Level
    sentence: str
    fix: str = ""

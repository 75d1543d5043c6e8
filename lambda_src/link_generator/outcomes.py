"""How it ended with one upload: the words of LinkGenerator's answer, which a redrive reads."""

from __future__ import annotations

MAILED = "mailed"
ALREADY_MAILED = "already mailed"
IN_PROGRESS = "in progress"
GONE = "gone"
SKIPPED = "skipped"

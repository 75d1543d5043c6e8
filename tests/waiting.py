"""Waits for what happens in the background: for as long as a busy machine may need, and no longer.

How long something takes proves nothing, so no test looks at it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300.0  # seconds; only a test that fails waits so long
_PACE = 0.02  # seconds


def until(condition: Callable[[], object], pace: float = _PACE) -> None:
    """Look, every `pace` seconds, until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(pace)

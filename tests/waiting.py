"""Waits for what happens in the background: for as long as a busy machine may need, and no longer.

How long something takes proves nothing, so no test looks at it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300.0  # seconds; only a test that fails waits so long
_PACE = 0.02  # seconds


def until(condition: Callable[[], object]) -> None:
    """Look until it is so: often, but less so where a look takes long.

    Whoever looks all the time keeps a small machine from doing what is waited for.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        began = time.monotonic()
        if condition():
            return
        looked = time.monotonic()
        assert looked < deadline, "it has not happened"
        time.sleep(max(_PACE, looked - began))

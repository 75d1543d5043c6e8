"""Reads how often a schedule runs: rate(15 minutes). Pure.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
"""

from __future__ import annotations

import re
from datetime import timedelta

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")


def interval(expression: str) -> timedelta | None:
    """The time between two runs; None for what is no rate."""
    match = _RATE.fullmatch(expression)
    if not match:
        return None
    number, unit = match.groups()
    return timedelta(**{f"{unit}s": int(number)})

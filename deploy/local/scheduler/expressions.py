"""When a schedule runs, as its expression says: every so often, or once.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


def interval(expression: str) -> timedelta | None:
    """The time between two runs; None for what is not a rate."""
    match = _RATE.fullmatch(expression)
    if not match:
        return None
    number, unit = match.groups()
    return timedelta(**{f"{unit}s": int(number)})


def moment(expression: str, time_zone: str = "UTC") -> datetime | None:
    """When it runs once, in that zone; None for what is no moment."""
    match = _AT.fullmatch(expression)
    if not match:
        return None
    try:
        return datetime.fromisoformat(match.group(1)).replace(tzinfo=ZoneInfo(time_zone))
    except (ValueError, LookupError):
        return None

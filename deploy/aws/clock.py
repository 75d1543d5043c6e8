"""Says how wrong this machine's clock is when AWS refuses the time that a request was signed at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from botocore.exceptions import ClientError

from deploy.errors import AccessError

# "Signature expired: 20261129T120000Z is now earlier than ...", "Signature not yet current: ..."
_OF_THE_CLOCK = re.compile("Signature (expired|not yet current)")
# AWS takes requests that are up to 5 minutes off; below a minute the clock is not the cause.
_LEAST = timedelta(minutes=1)


def is_of_the_clock(message: str) -> bool:
    """Whether it was the time that made AWS refuse a signature."""
    return bool(_OF_THE_CLOCK.search(message))


def clock_sentence(
    exc: ClientError, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AccessError:
    """By how much the clock is wrong, going by the Date of AWS's answer, and how to set it."""
    behind = _behind(exc, now())
    if behind is None or abs(behind) < _LEAST:
        how = "is not the time at AWS"
    else:
        minutes = round(abs(behind) / timedelta(minutes=1))
        how = f"is {_duration(minutes)} {'slow' if behind > timedelta() else 'fast'}"
    return AccessError(
        f"This machine's clock {how}, so AWS refuses what it signs; set the clock (`sudo "
        "timedatectl set-ntp true` on Linux), then repeat the command."
    )


def _behind(exc: ClientError, now: datetime) -> timedelta | None:
    """How far this machine's clock is behind AWS's; None without a date in the answer."""
    headers = exc.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        there = parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return (there if there.tzinfo else there.replace(tzinfo=UTC)) - now


def _duration(minutes: int) -> str:
    """In the largest unit of which there are two at least."""
    for unit, length in (("day", 24 * 60), ("hour", 60)):
        if minutes >= 2 * length:
            return f"{round(minutes / length)} {unit}s"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"

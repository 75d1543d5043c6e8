"""Which time zone this machine is in, for a while. POSIX rules need no file of zones."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

UTC = "UTC0"
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
ISTANBUL = "<+03>-3"


def set_zone(rule: str) -> None:
    os.environ["TZ"] = rule
    time.tzset()


@contextmanager
def zone(rule: str) -> Iterator[None]:
    before = os.environ["TZ"]
    set_zone(rule)
    try:
        yield
    finally:
        set_zone(before)

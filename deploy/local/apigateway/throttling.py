"""How many requests a second a route takes: its stage's DefaultRouteSettings.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any


@dataclass
class _Bucket:
    """Tokens, one for each request; `limits` are the rate and the burst they hold for."""

    limits: tuple[float, float]
    tokens: float
    filled: float


class Throttle:
    """A bucket of tokens for each route of one API. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[str, _Bucket] = {}

    def takes(self, route: str, settings: Mapping[str, Any]) -> bool:
        """Whether the route takes a request now; if so, it counts. Without limits: always."""
        rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
        if rate is None or burst is None:
            return True
        limits = float(rate), float(burst)
        with self._lock:
            now = self._clock()
            bucket = self._buckets.get(route)
            if bucket is None or bucket.limits != limits:
                bucket = self._buckets[route] = _Bucket(limits, limits[1], now)
            flown_in = (now - bucket.filled) * limits[0]
            bucket.tokens = min(bucket.tokens + flown_in, limits[1])
            bucket.filled = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True

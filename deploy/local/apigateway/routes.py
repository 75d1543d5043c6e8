"""Chooses the route of a request among an API's route keys, and limits its requests a second.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

DEFAULT = "$default"
ANY = "ANY"

_VARIABLE = re.compile(r"\{([^{}+]+)(\+?)\}")
_KEY = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) (/.*)")
# How well a part of a route's path fits: a smaller number fits better.
_EXACTLY, _AS_VARIABLE, _GREEDILY = 0, 1, 2


@dataclass(frozen=True)
class Match:
    """The key of the route that a request takes, and what its variables stand for."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The route's own path, with its variables; for the default route its name."""
        return self.key.partition(" ")[2] or self.key


def is_route_key(key: str) -> bool:
    match = _KEY.fullmatch(key)
    if not match:
        return key == DEFAULT
    variables = [_VARIABLE.fullmatch(part) for part in match.group(2).split("/")]
    return not any(variable and variable.group(2) for variable in variables[:-1])


def choose(keys: Iterable[str], method: str, path: str) -> Match | None:
    """The route that fits best: an exact path before a variable, a method before ANY."""
    fitting = [(*fit, key) for key in keys if (fit := _fit(key, method, path))]
    if fitting:
        _, _, parameters, key = min(fitting, key=lambda each: each[:2])
        return Match(key, parameters)
    return Match(DEFAULT) if DEFAULT in keys else None


def _fit(key: str, method: str, path: str) -> tuple[list[int], bool, dict[str, str]] | None:
    """How well the parts of the path fit, whether the method is any, and the variables."""
    route_method, _, route_path = key.partition(" ")
    if not route_path or route_method not in (method, ANY):
        return None
    parameters: dict[str, str] = {}
    kinds: list[int] = []
    wanted, parts = route_path.split("/"), path.split("/")
    for number, part in enumerate(wanted):
        variable = _VARIABLE.fullmatch(part)
        value = parts[number] if number < len(parts) else None
        if variable and variable.group(2):
            rest = "/".join(parts[number:])
            if not rest:
                return None
            return [*kinds, _GREEDILY], route_method == ANY, {**parameters, variable.group(1): rest}
        if variable and value:
            parameters[variable.group(1)] = value
        elif part != value:
            return None
        kinds.append(_AS_VARIABLE if variable else _EXACTLY)
    return (kinds, route_method == ANY, parameters) if len(parts) == len(wanted) else None


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

    def allows(self, route: str, settings: Mapping[str, Any]) -> bool:
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

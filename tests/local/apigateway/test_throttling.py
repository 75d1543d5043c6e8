"""How many requests a route takes."""

from __future__ import annotations

from deploy.local.apigateway.routes import Throttle

LIMITS = {"throttlingRateLimit": 2, "throttlingBurstLimit": 3}


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(throttle: Throttle, count: int, route: str = "GET /") -> int:
    return sum(throttle.allows(route, LIMITS) for _ in range(count))


def test_a_burst() -> None:
    """So many at once, and then as many a second as flow in."""
    watch = Watch()
    throttle = Throttle(watch)

    assert taken(throttle, 5) == 3
    watch.now += 1
    assert taken(throttle, 5) == 2
    watch.now += 60
    assert taken(throttle, 5) == 3


def test_routes_do_not_count_for_each_other() -> None:
    """Default settings are those of each route."""
    throttle = Throttle(Watch())

    assert taken(throttle, 3, "GET /") == 3
    assert taken(throttle, 3, "POST /") == 3


def test_new_limits_hold_at_once() -> None:
    """A deployment that changes them begins with a full bucket."""
    throttle = Throttle(Watch())
    assert taken(throttle, 4) == 3

    more = {**LIMITS, "throttlingBurstLimit": 5}

    assert sum(throttle.allows("GET /", more) for _ in range(9)) == 5


def test_without_limits() -> None:
    """Every request is taken."""
    assert all(Throttle().allows("GET /", {}) for _ in range(99))

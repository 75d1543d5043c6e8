"""Asks several things at once, and gives the answers in their order. Knows nothing of AWS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def side_by_side(
    ask: Callable[[_Asked], _Answer], about: Sequence[_Asked], most: int
) -> tuple[_Answer, ...]:
    """What `ask` says about each, at most so many at once.

    Raises what it raises about the first for which it does; what has not begun then never does.
    """
    if most == 1 or len(about) == 1:
        return tuple(map(ask, about))
    with ThreadPoolExecutor(most) as threads:
        asked = [threads.submit(ask, one) for one in about]
        try:
            return tuple(one.result() for one in asked)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

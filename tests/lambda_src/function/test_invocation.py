"""Waiting for a moment, within the time that Lambda gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from function.invocation import Invocation

from tests.lambda_src.fakes import NOW, Clock


@pytest.mark.parametrize(
    ("moment", "ends", "slept"),
    [
        (20, 540, 20),
        (-5, 540, 0),
        # What is to be done then would not be done before the end.
        (20, 60, 0),
    ],
)
def test_waiting_for_a_moment(moment: int, ends: int, slept: int) -> None:
    """Until then, if it is to come and there is time."""
    clock = Clock()
    invocation = Invocation(
        "request-1", NOW + timedelta(seconds=ends), lambda: clock.now, clock.sleep, lambda: 0.5
    )

    invocation.wait_until(NOW + timedelta(seconds=moment))

    assert sum(clock.slept) == slept

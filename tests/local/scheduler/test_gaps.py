"""What moto's own EventBridge Scheduler does not do; fails once moto has closed the gap."""

from __future__ import annotations

import inspect

from moto.scheduler import models as scheduler_models


def test_moto_fires_no_schedule() -> None:
    """Once it does, delete schedules.py."""
    assert "awslambda" not in inspect.getsource(scheduler_models)

"""What moto's own EventBridge Scheduler does not do; fails once moto has closed the gap."""

from __future__ import annotations

import inspect

import pytest
from moto.scheduler import models as scheduler_models


def test_moto_fires_no_schedule() -> None:
    """Once it does, delete schedules.py."""
    assert "awslambda" not in inspect.getsource(scheduler_models)


def _made(group: str | None, expression: str) -> scheduler_models.Schedule:
    return scheduler_models.EventBridgeSchedulerBackend(
        "eu-west-1", "123456789012"
    ).create_schedule(
        description="",
        end_date="",
        flexible_time_window={},
        group_name=group or "",
        kms_key_arn="",
        name="a",
        schedule_expression=expression,
        schedule_expression_timezone="",
        start_date="",
        state="",
        target={"RoleArn": "arn:aws:iam::123456789012:role/none"},
        action_after_completion=None,
    )


def test_moto_takes_any_expression_and_role() -> None:
    """Once it does not, delete the check in backend.py that it makes."""
    assert _made(None, "now and then").schedule_expression == "now and then"


def test_moto_fails_at_a_group_that_is_not_there() -> None:
    """Once it says ResourceNotFoundException, delete that from backend.py."""
    with pytest.raises(KeyError):
        _made("none", "rate(1 day)")

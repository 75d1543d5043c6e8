"""How often a schedule runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.local.scheduler.schedules import interval


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(15 minutes)", timedelta(minutes=15)),
        ("rate(2 hours)", timedelta(hours=2)),
        ("rate(1 day)", timedelta(days=1)),
        ("rate(0 minutes)", None),
        ("rate(15 seconds)", None),
        ("rate(15)", None),
        ("cron(0 8 * * ? *)", None),
        ("at(2026-11-25T09:30:00)", None),
        ("", None),
    ],
)
def test_rates(expression: str, expected: timedelta | None) -> None:
    """Minutes, hours or days; everything else is not a rate."""
    assert interval(expression) == expected

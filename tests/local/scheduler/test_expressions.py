"""When a schedule runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.scheduler.expressions import interval, moment


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


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("at(2026-11-25T09:30:00)", "UTC", datetime(2026, 11, 25, 9, 30, tzinfo=UTC)),
        ("at(2026-11-25T09:30:00)", "Europe/Berlin", datetime(2026, 11, 25, 8, 30, tzinfo=UTC)),
        ("at(2026-07-25T09:30:00)", "Europe/Berlin", datetime(2026, 7, 25, 7, 30, tzinfo=UTC)),
        ("at(2026-11-25T09:30:00)", "Europe/Nowhere", None),
        ("at(2026-13-25T09:30:00)", "UTC", None),
        ("at(2026-11-25 09:30:00)", "UTC", None),
        ("at(2026-11-25T09:30:00Z)", "UTC", None),
        ("rate(1 minute)", "UTC", None),
    ],
)
def test_moments(expression: str, zone: str, expected: datetime | None) -> None:
    """A date and a time in the schedule's zone; everything else is no moment."""
    assert moment(expression, zone) == expected

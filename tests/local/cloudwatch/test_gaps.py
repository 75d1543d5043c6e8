"""What moto's own CloudWatch does not do; a test here fails once moto has closed the gap."""

from __future__ import annotations

from tests.local.plain_moto import MotoStack


def test_dashboard(moto_stack: MotoStack) -> None:
    """moto gives a dashboard another name at every change. Gap of Dashboard."""
    before = moto_stack.create("AWS::CloudWatch::Dashboard", {"DashboardBody": "{}"})

    moto_stack.update("AWS::CloudWatch::Dashboard", {"DashboardBody": '{"widgets": []}'})

    assert moto_stack.physical_id() != before

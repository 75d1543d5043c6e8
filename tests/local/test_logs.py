"""Log groups are made, changed and deleted as their templates say."""

from __future__ import annotations

from typing import Any

from tests.local.account import Account
from tests.local.plain_moto import MotoStack
from tests.local.stacks import Stacks


def test_log_group(stacks: Stacks, account: Account) -> None:
    """A log group's retention follows the template."""
    logs = account.client("logs")

    def retention() -> Any:
        [group] = logs.describe_log_groups()["logGroups"]
        return group.get("retentionInDays")

    stacks.subject("AWS::Logs::LogGroup", {"LogGroupName": "log", "RetentionInDays": 30})
    first = retention()
    stacks.subject("AWS::Logs::LogGroup", {"LogGroupName": "log", "RetentionInDays": "90"})
    second = retention()
    stacks.subject("AWS::Logs::LogGroup", {"LogGroupName": "log"})

    assert (first, second, retention()) == (30, 90, None)


def test_moto_ignores_changes(moto_stack: MotoStack) -> None:
    """moto ignores changes of a log group. Gap of LogGroup."""
    moto_stack.create("AWS::Logs::LogGroup", {"LogGroupName": "subject", "RetentionInDays": 1})

    moto_stack.update("AWS::Logs::LogGroup", {"LogGroupName": "subject", "RetentionInDays": 30})

    [group] = moto_stack.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 1

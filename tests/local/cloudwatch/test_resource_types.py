"""Alarms and dashboards are made, changed and deleted as their templates say."""

from __future__ import annotations

import json
from typing import Any

from tests.local.account import Account
from tests.local.stacks import Stacks

_ALARM: dict[str, Any] = {
    "AlarmName": "alarm",
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Dimensions": [{"Name": "FunctionName", "Value": "function"}],
    "Statistic": "Sum",
    "Period": "300",
    "EvaluationPeriods": 1,
    "Threshold": "1",
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}


def test_alarm(stacks: Stacks, account: Account) -> None:
    """An alarm is made, changed and deleted with its resource."""
    cloudwatch = account.client("cloudwatch")

    stacks.subject("AWS::CloudWatch::Alarm", _ALARM)
    stacks.subject("AWS::CloudWatch::Alarm", {**_ALARM, "Threshold": 5, "OKActions": ["arn:x"]})
    [alarm] = cloudwatch.describe_alarms()["MetricAlarms"]
    stacks.client.delete_stack(StackName="a")

    assert (alarm["Threshold"], alarm["Period"], alarm["OKActions"]) == (5.0, 300, ["arn:x"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_dashboard(stacks: Stacks, account: Account) -> None:
    """A dashboard keeps its made-up name when its body changes."""
    cloudwatch = account.client("cloudwatch")
    stacks.subject("AWS::CloudWatch::Dashboard", {"DashboardBody": "{}"})
    name = stacks.resources("a")["Subject"]

    stacks.subject("AWS::CloudWatch::Dashboard", {"DashboardBody": '{"widgets": []}'})

    assert stacks.resources("a")["Subject"] == name
    body = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    assert json.loads(body) == {"widgets": []}

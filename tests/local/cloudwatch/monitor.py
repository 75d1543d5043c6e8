"""An alarm, its metric, its clock and the topic that it tells, as tests use them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.cloudwatch.alarms import AlarmWatch
from tests.local.account import Account

_NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = _NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Monitor:
    """An alarm called `alarm` on a metric of its own, and a topic that it tells."""

    def __init__(self, account: Account) -> None:
        account.aws.alarms.stop()  # it looks every second, by another clock
        self.clock = Clock()
        self.watch = AlarmWatch("eu-west-1", clock=self.clock)
        self.cloudwatch = account.client("cloudwatch")
        self.sqs = account.client("sqs")
        sns = account.client("sns")
        self.topic = sns.create_topic(Name="alarms")["TopicArn"]
        self._queue = self.sqs.create_queue(QueueName="told")["QueueUrl"]
        sns.subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint="arn:aws:sqs:eu-west-1:123456789012:told",
            Attributes={"RawMessageDelivery": "true"},
        )

    def alarm(self, **changes: Any) -> None:
        given = {
            "AlarmName": "alarm",
            "AlarmDescription": "Something failed.",
            "Namespace": "Test",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": "function"}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 2,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [self.topic],
            "OKActions": [self.topic],
            **changes,
        }
        self.cloudwatch.put_metric_alarm(**given)

    def measure(self, value: float, function: str = "function") -> None:
        """A data point at this moment of the clock."""
        self.cloudwatch.put_metric_data(
            Namespace="Test",
            MetricData=[
                {
                    "MetricName": "Errors",
                    "Dimensions": [{"Name": "FunctionName", "Value": function}],
                    "Value": value,
                    "Timestamp": self.clock.now,
                }
            ],
        )

    def evaluate(self) -> str:
        """Let the alarms be evaluated at this moment; gives the alarm's state."""
        self.watch.evaluate()
        [alarm] = self.cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]
        return str(alarm["StateValue"])

    def told(self) -> list[dict[str, Any]]:
        """What the topic was told since the last time."""
        answer = self.sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

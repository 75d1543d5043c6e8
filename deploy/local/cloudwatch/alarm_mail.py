"""What an alarm says when its state changes: CloudWatch's message to its topics, and the mail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import botocore.session

from deploy.local import LOCAL_ACCOUNT
from deploy.local.sns.backend import publish_as_service

_SERVICE = "cloudwatch.amazonaws.com"
_SUBJECT_LENGTH = 100  # characters, SNS's limit


@dataclass(frozen=True)
class StateChange:
    """An alarm (moto's object) that went from one state to another."""

    alarm: Any
    before: str
    time: datetime
    region: str

    @classmethod
    def of(cls, alarm: Any, before: str, time: datetime, region: str) -> StateChange:
        return cls(alarm, before, time, region)

    @property
    def state(self) -> str:
        return str(self.alarm.state_value)

    @property
    def actions(self) -> list[str]:
        by_state = {
            "ALARM": self.alarm.alarm_actions,
            "OK": self.alarm.ok_actions,
            "INSUFFICIENT_DATA": self.alarm.insufficient_data_actions,
        }
        return list(by_state[self.state] or [])

    @property
    def subject(self) -> str:
        subject = f'{self.state}: "{self.alarm.name}" in {region_name(self.region)}'
        return subject[:_SUBJECT_LENGTH]


def announce(change: StateChange) -> None:
    """Publish a state change to the topics that the alarm names for it."""
    message = {"default": json.dumps(_document(change)), "email": _mail(change)}
    for action in change.actions:
        if action.startswith("arn:aws:sns:"):
            publish_as_service(
                _SERVICE, change.alarm.alarm_arn, action, json.dumps(message), change.subject
            )


def _document(change: StateChange) -> dict[str, Any]:
    alarm = change.alarm
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": LOCAL_ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": _timestamp(alarm.configuration_updated_timestamp),
        "NewStateValue": change.state,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _timestamp(change.time),
        "Region": region_name(change.region),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": change.before,
        "OKActions": list(alarm.ok_actions or []),
        "AlarmActions": list(alarm.alarm_actions or []),
        "InsufficientDataActions": list(alarm.insufficient_data_actions or []),
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": (alarm.statistic or "").upper(),
            "Unit": alarm.unit,
            "Dimensions": [
                {"value": dimension.value, "name": dimension.name} for dimension in alarm.dimensions
            ],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def _mail(change: StateChange) -> str:
    alarm, place = change.alarm, region_name(change.region)
    dimensions = ", ".join(f"{one.name} = {one.value}" for one in alarm.dimensions)
    needed = alarm.datapoints_to_alarm or alarm.evaluation_periods
    return f"""\
You are receiving this email because your Amazon CloudWatch Alarm "{alarm.name}" in the {place} \
region has entered the {change.state} state, because "{alarm.state_reason}" at \
"{change.time:%A %d %B, %Y %H:%M:%S} UTC".

Alarm Details:
- Name:                       {alarm.name}
- Description:                {alarm.description or ""}
- State Change:               {change.before} -> {change.state}
- Reason for State Change:    {alarm.state_reason}
- Timestamp:                  {change.time:%A %d %B, %Y %H:%M:%S} UTC
- AWS Account:                {LOCAL_ACCOUNT}
- Alarm Arn:                  {alarm.alarm_arn}

Threshold:
- The alarm is in the ALARM state when the metric is {alarm.comparison_operator} \
{alarm.threshold} for at least {needed} of the last {alarm.evaluation_periods} period(s) of \
{alarm.period} seconds.

Monitored Metric:
- MetricNamespace:            {alarm.namespace}
- MetricName:                 {alarm.metric_name}
- Dimensions:                 [{dimensions}]
- Period:                     {alarm.period} seconds
- Statistic:                  {alarm.statistic}
- TreatMissingData:           {alarm.treat_missing_data or "missing"}
"""


@lru_cache
def region_name(region: str) -> str:
    """A region as alarms call it, such as EU (Ireland)."""
    partitions = botocore.session.get_session().get_data("partitions")["partitions"]
    for partition in partitions:
        if region in partition["regions"]:
            description: str = partition["regions"][region]["description"]
            return description.replace("Europe (", "EU (")
    return region


def _timestamp(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}+0000"

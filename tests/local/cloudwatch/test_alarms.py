"""Alarms change their state with their metrics."""

from __future__ import annotations

import pytest
from moto import mock_aws
from moto.cloudwatch.models import CloudWatchBackend

from deploy.local.cloudwatch.alarms import Rule
from tests.local.account import Account
from tests.local.cloudwatch.monitor import Monitor


@pytest.fixture
def monitor(account: Account) -> Monitor:
    return Monitor(account)


_AT_LEAST_TWO = {"comparison": "GreaterThanOrEqualToThreshold", "threshold": 2.0}


@pytest.mark.parametrize(
    ("needed", "missing", "datapoints", "before", "after"),
    [
        (1, "notBreaching", [2.0], "OK", "ALARM"),
        (1, "notBreaching", [1.9], "ALARM", "OK"),
        (1, "notBreaching", [None], "ALARM", "OK"),
        (1, "breaching", [None], "OK", "ALARM"),
        (1, "missing", [None], "OK", "INSUFFICIENT_DATA"),
        (1, "ignore", [None], "ALARM", "ALARM"),
        (1, "ignore", [1.0], "ALARM", "OK"),
        (2, "missing", [3.0, 1.0], "OK", "OK"),
        (2, "missing", [3.0, 3.0, None], "OK", "ALARM"),
        (2, "breaching", [3.0, None], "OK", "ALARM"),
        (2, "notBreaching", [3.0, None], "OK", "OK"),
    ],
)
def test_states(
    needed: int, missing: str, datapoints: list[float | None], before: str, after: str
) -> None:
    """So many datapoints must breach; missing ones count as TreatMissingData says."""
    rule = Rule(needed=needed, missing=missing, **_AT_LEAST_TWO)

    assert rule.judge(datapoints, before) == after


def test_sum_over_the_period(monitor: Monitor) -> None:
    """What happened within the last period counts, of this function only."""
    monitor.alarm()
    quiet = monitor.evaluate()
    monitor.measure(1)
    monitor.measure(5, function="other")
    once = monitor.evaluate()
    monitor.clock.move(30)
    monitor.measure(1)
    twice = monitor.evaluate()
    monitor.clock.move(61)
    later = monitor.evaluate()

    assert (quiet, once, twice, later) == ("OK", "OK", "ALARM", "OK")


@pytest.mark.parametrize(
    ("statistic", "state"),
    [("Sum", "ALARM"), ("Maximum", "ALARM"), ("Average", "OK"), ("Minimum", "OK")],
)
def test_statistics(monitor: Monitor, statistic: str, state: str) -> None:
    """The values of a period are put together as the alarm asks."""
    monitor.alarm(Statistic=statistic)
    monitor.measure(2)
    monitor.measure(0)

    assert monitor.evaluate() == state


def test_a_summary_of_many_values_disturbs_no_alarm(monitor: Monitor) -> None:
    """moto keeps what StatisticValues say without single values."""
    summary = {"SampleCount": 2, "Sum": 2, "Minimum": 1, "Maximum": 1}
    monitor.alarm()
    monitor.cloudwatch.put_metric_data(
        Namespace="Other", MetricData=[{"MetricName": "Other", "StatisticValues": summary}]
    )
    monitor.measure(2)

    assert monitor.evaluate() == "ALARM"


def test_queue_depth(monitor: Monitor) -> None:
    """The depth of a queue is known without anybody measuring it."""
    url = monitor.sqs.create_queue(QueueName="letters")["QueueUrl"]
    monitor.alarm(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "letters"}],
        Statistic="Maximum",
    )
    empty = monitor.evaluate()
    for _ in range(2):
        monitor.sqs.send_message(QueueUrl=url, MessageBody="event")
    deep = monitor.evaluate()
    monitor.sqs.purge_queue(QueueUrl=url)

    assert (empty, deep, monitor.evaluate()) == ("OK", "ALARM", "OK")


def test_gap_moto_never_evaluates() -> None:
    """moto keeps alarms as made. Once this fails, see deploy/local/cloudwatch/alarms.py."""
    with mock_aws():
        plain_moto = CloudWatchBackend("eu-west-1", "123456789012")
        alarm = plain_moto.put_metric_alarm(
            name="alarm",
            namespace="Test",
            metric_name="Errors",
            comparison_operator="GreaterThanOrEqualToThreshold",
            evaluation_periods=1,
            period=60,
            threshold=1,
            statistic="Sum",
            description="",
            dimensions=[],
            alarm_actions=[],
        )

        plain_moto.put_metric_data("Test", [{"MetricName": "Errors", "Value": 5}])
        state = next(iter(plain_moto.describe_alarms())).state_value

    assert (state, alarm.state_reason) == ("OK", "Unchecked: Initial alarm creation")

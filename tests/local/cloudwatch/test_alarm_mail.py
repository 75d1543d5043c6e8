"""Alarms tell the topics that they name when their state changes."""

from __future__ import annotations

import json

import pytest

from deploy.local.cloudwatch.alarm_mail import region_name
from tests.local.account import Account
from tests.local.cloudwatch.monitor import Monitor
from tests.local.mail import mails
from tests.waiting import until


@pytest.fixture
def monitor(account: Account) -> Monitor:
    return Monitor(account)


def test_what_a_topic_is_told(monitor: Monitor) -> None:
    """A change of state is told once, in the words of CloudWatch."""
    monitor.alarm()
    monitor.evaluate()
    monitor.told()
    monitor.measure(2)

    monitor.evaluate()
    monitor.evaluate()

    [message] = monitor.told()
    assert message["AlarmName"] == "alarm"
    assert message["AlarmDescription"] == "Something failed."
    assert (message["OldStateValue"], message["NewStateValue"]) == ("OK", "ALARM")
    assert message["Region"] == "EU (Ireland)"
    assert message["NewStateReason"] == (
        "Threshold Crossed: 1 datapoint(s) [2.0] breaching the threshold "
        "(2.0, GreaterThanOrEqualToThreshold)."
    )
    assert message["Trigger"]["Dimensions"] == [{"value": "function", "name": "FunctionName"}]


def test_a_new_alarm_begins_without_data(monitor: Monitor) -> None:
    """A new alarm has seen nothing; that it is well is a change that is told."""
    monitor.alarm()

    monitor.evaluate()

    [message] = monitor.told()
    assert (message["OldStateValue"], message["NewStateValue"]) == ("INSUFFICIENT_DATA", "OK")


def test_a_changed_alarm_keeps_its_state(monitor: Monitor) -> None:
    """Changing an alarm tells nobody that it is in the state it was in."""
    monitor.alarm()
    monitor.measure(2)
    monitor.evaluate()
    monitor.told()

    monitor.alarm(AlarmDescription="Other words.")

    assert monitor.evaluate() == "ALARM"
    assert monitor.told() == []


def test_set_alarm_state(monitor: Monitor) -> None:
    """SetAlarmState makes an alarm act, until it is evaluated again."""
    monitor.alarm()
    monitor.evaluate()
    monitor.told()

    monitor.cloudwatch.set_alarm_state(
        AlarmName="alarm", StateValue="ALARM", StateReason="to test the way to the admin"
    )
    state = monitor.evaluate()

    assert state == "OK"
    assert [message["NewStateValue"] for message in monitor.told()] == ["ALARM", "OK"]


def test_disabled_actions(monitor: Monitor) -> None:
    """With ActionsEnabled false, the state changes and nobody is told."""
    monitor.alarm(ActionsEnabled=False)
    monitor.measure(2)

    assert monitor.evaluate() == "ALARM"
    assert monitor.told() == []


def test_a_topic_that_does_not_let_alarms_publish(monitor: Monitor, account: Account) -> None:
    """The topic's policy decides, as on AWS; the alarm itself goes on."""
    account.client("sns").set_topic_attributes(
        TopicArn=monitor.topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Statement": []}),
    )
    monitor.alarm()
    monitor.measure(2)

    assert monitor.evaluate() == "ALARM"
    assert monitor.told() == []


def test_the_admins_mail(account: Account) -> None:
    """The embedded AWS evaluates alarms by itself, and a confirmed admin can read the mail."""
    sns, cloudwatch = account.client("sns"), account.client("cloudwatch")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="admin@example.com")
    token = mails()[0].text.partition("Token=")[2].split()[0]
    sns.confirm_subscription(TopicArn=topic, Token=token)
    monitor_data = {"Namespace": "Test", "MetricData": [{"MetricName": "Errors", "Value": 1}]}
    cloudwatch.put_metric_data(**monitor_data)

    cloudwatch.put_metric_alarm(
        AlarmName="files-are-stuck",
        AlarmDescription='Read why with "s3link logs".',
        Namespace="Test",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[topic],
    )
    until(lambda: len(mails()) > 1)

    mail = mails()[-1]
    assert mail.subject == 'ALARM: "files-are-stuck" in EU (Ireland)'
    assert 'Read why with "s3link logs".' in mail.text
    assert "INSUFFICIENT_DATA -> ALARM" in mail.text


@pytest.mark.parametrize(
    ("region", "name"),
    [("eu-west-1", "EU (Ireland)"), ("us-east-1", "US East (N. Virginia)"), ("xx-1", "xx-1")],
)
def test_region_names(region: str, name: str) -> None:
    """Alarms call a region by its place."""
    assert region_name(region) == name

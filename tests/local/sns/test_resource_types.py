"""Topics, their subscriptions and policies follow their templates."""

from __future__ import annotations

import json
from typing import Any

from deploy.local.inbox.mailbox import MAILBOX
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


def test_topic_with_subscription_and_policy(stacks: Stacks, account: Account) -> None:
    """A topic that changes keeps its subscribers; its policy goes with the policy's resource."""
    sns = account.client("sns")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    others = {
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Subject"},
                "Protocol": "email",
                "Endpoint": "admin@example.com",
            },
        },
        "Policy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "Subject"}],
                "PolicyDocument": {"Statement": [statement]},
            },
        },
    }
    stacks.subject("AWS::SNS::Topic", {"DisplayName": "Alarms"}, **others)
    arn = stacks.resources("a")["Subject"]

    stacks.subject("AWS::SNS::Topic", {"DisplayName": "All alarms"}, **others)

    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["DisplayName"] == "All alarms"
    assert attributes["SubscriptionsPending"] == "1"
    assert json.loads(attributes["Policy"])["Statement"] == [statement]
    assert [mail.recipients for mail in MAILBOX.mails()] == [("admin@example.com",)]

    stacks.subject("AWS::SNS::Topic", {"DisplayName": "All alarms"})

    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["SubscriptionsPending"] == "0"
    assert json.loads(attributes["Policy"])["Id"] == "__default_policy_ID"

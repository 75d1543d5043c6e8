"""Queues and log groups are made, changed and deleted as their templates say."""

from __future__ import annotations

import json
from typing import Any

from tests.local.account import Account
from tests.local.stacks import Stacks


def test_queue_and_its_policy(stacks: Stacks, account: Account) -> None:
    """A queue's attributes and policy follow the template."""
    sqs = account.client("sqs")
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*"}]}
    queue = {"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": True}
    others = {
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Subject"}], "PolicyDocument": policy},
        }
    }
    stacks.subject("AWS::SQS::Queue", queue, **others)

    stacks.subject("AWS::SQS::Queue", {**queue, "MessageRetentionPeriod": 60}, **others)

    url = stacks.resources("a")["Subject"]
    given = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert given["MessageRetentionPeriod"] == "60"
    assert given["SqsManagedSseEnabled"] == "true"
    assert json.loads(given["Policy"]) == policy

    stacks.subject("AWS::SQS::Queue", queue)

    given = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert not given.get("Policy")


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

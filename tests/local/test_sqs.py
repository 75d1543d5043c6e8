"""Queues are made, changed and deleted as their templates say."""

from __future__ import annotations

import json

from tests.local.account import Account
from tests.local.plain_moto import MotoStack
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


def test_moto_ignores_most_changes(moto_stack: MotoStack) -> None:
    """moto ignores most changes of a queue. Gap of Queue."""
    queue = {"QueueName": "subject", "MessageRetentionPeriod": 60}
    url = moto_stack.create("AWS::SQS::Queue", queue)

    moto_stack.update("AWS::SQS::Queue", {**queue, "MessageRetentionPeriod": 120})

    given = moto_stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert given["Attributes"]["MessageRetentionPeriod"] == "60"

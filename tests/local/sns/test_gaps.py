"""What moto's own SNS does not do; a test here fails once moto has closed the gap."""

from __future__ import annotations

from tests.local.plain_moto import ACCOUNT, REGION, MotoStack


def test_topic(moto_stack: MotoStack) -> None:
    """moto makes a new topic at every change, without its subscribers. Gap of Topic."""
    sns = moto_stack.client("sns")
    arn = moto_stack.create("AWS::SNS::Topic", {"TopicName": "subject"})
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue")

    moto_stack.update("AWS::SNS::Topic", {"TopicName": "subject", "DisplayName": "Alarms"})

    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []

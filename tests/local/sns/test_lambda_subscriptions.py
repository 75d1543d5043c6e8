"""What is published to a topic reaches the functions that subscribe to it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from moto.sns.models import Subscription

from deploy.local import LOCAL_ACCOUNT
from tests.local.account import Account, Diary
from tests.local.lambda_.test_asynchronous import wait_for_dead_letter, with_queue
from tests.local.mail import CONFIGURATION_SET, MailAccount
from tests.local.stacks import Stacks, template

_TOPIC = f"arn:aws:sns:eu-west-1:{LOCAL_ACCOUNT}:events"


def _subscribe(account: Account, function: str, source: str = _TOPIC, **attributes: str) -> str:
    """A topic with the function as its subscriber; the function lets `source` in."""
    sns = account.client("sns")
    topic = str(sns.create_topic(Name="events")["TopicArn"])
    account.client("lambda").add_permission(
        FunctionName="function",
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=source,
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function, Attributes=attributes)
    return topic


def test_event_is_as_aws_documents_it(account: Account, diary: Diary) -> None:
    """Message, subject and attributes are there, and where they come from."""
    topic = _subscribe(account, account.create_function(diary.source()))
    attribute = {"DataType": "String", "StringValue": "bounce"}

    published = account.client("sns").publish(
        TopicArn=topic, Message="hello", Subject="A note", MessageAttributes={"kind": attribute}
    )

    [record] = diary.wait_for(1)[0]["event"]["Records"]
    sns = record.pop("Sns")
    subscription = record.pop("EventSubscriptionArn")
    assert subscription.startswith(f"{topic}:")
    assert record == {"EventSource": "aws:sns", "EventVersion": "1.0"}
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", sns.pop("Timestamp"))
    assert sns.pop("UnsubscribeUrl").endswith(subscription)
    assert sns == {
        "Type": "Notification",
        "MessageId": published["MessageId"],
        "TopicArn": topic,
        "Subject": "A note",
        "Message": "hello",
        "MessageAttributes": {"kind": {"Type": "String", "Value": "bounce"}},
        "SignatureVersion": "1",
        "Signature": "",
        "SigningCertUrl": "",
    }


def test_publisher_does_not_wait(account: Account, diary: Diary) -> None:
    """Publish returns at once, and the function runs afterwards."""
    function = account.create_function(diary.source("time.sleep(900)"), Timeout=900)
    topic = _subscribe(account, function)

    account.client("sns").publish(TopicArn=topic, Message="hello")

    assert account.metric("Invocations") == 0  # which counts those that are over
    diary.wait_for(1)


def test_message_that_the_function_cannot_take(account: Account, diary: Diary) -> None:
    """It is tried twice more and then is a dead letter, event and all."""
    topic = _subscribe(account, account.create_function(diary.source("raise ValueError('no')")))
    with_queue(account)

    account.client("sns").publish(TopicArn=topic, Message="hello")

    letter = wait_for_dead_letter(account)
    assert len(diary.entries) == 3
    assert json.loads(letter["Body"])["Records"][0]["Sns"]["Message"] == "hello"
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"


def test_function_that_lets_another_topic_in(
    account: Account, diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    """A message is lost when the function's policy names another topic."""
    function = account.create_function(diary.source())
    topic = _subscribe(account, function, source=f"{_TOPIC}-of-others")

    account.client("sns").publish(TopicArn=topic, Message="hello")

    assert f"{topic} may not invoke {function}; its message is lost." in caplog.messages
    assert account.metric("AsyncEventsReceived") == 0
    assert diary.entries == []


def test_function_that_is_gone(account: Account, diary: Diary) -> None:
    """Publishing succeeds although the subscriber is not there any more."""
    topic = _subscribe(account, account.create_function(diary.source()))
    account.client("lambda").delete_function(FunctionName="function")

    answer = account.client("sns").publish(TopicArn=topic, Message="hello")

    assert answer["MessageId"]


def test_filters(account: Account, diary: Diary) -> None:
    """A subscription gets the messages that its filter lets through."""
    policy = json.dumps({"kind": ["bounce"]})
    topic = _subscribe(account, account.create_function(diary.source()), FilterPolicy=policy)

    for kind in ("delivery", "bounce"):
        account.client("sns").publish(
            TopicArn=topic,
            Message=kind,
            MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
        )

    entries = diary.wait_for(1)
    assert [entry["event"]["Records"][0]["Sns"]["Message"] for entry in entries] == ["bounce"]


def test_what_ses_tells(account: Account, diary: Diary) -> None:
    """A mail's fate goes from SES through the topic to the function."""
    topic = _subscribe(account, account.create_function(diary.source()))
    mail = MailAccount(account)
    mail.ses.create_configuration_set_event_destination(
        ConfigurationSetName=CONFIGURATION_SET,
        EventDestination={
            "Name": "topic",
            "Enabled": True,
            "MatchingEventTypes": ["bounce"],
            "SNSDestination": {"TopicARN": topic},
        },
    )

    mail.send("bounce@simulator.amazonses.com", name="a.pdf")

    [record] = diary.wait_for(1)[0]["event"]["Records"]
    assert json.loads(record["Sns"]["Message"])["eventType"] == "Bounce"


def test_subscription_of_a_stack(account: Account, stacks: Stacks, diary: Diary) -> None:
    """Topic, subscription and permission of a template are enough."""
    function = account.create_function(diary.source())
    resources: dict[str, Any] = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "events"}},
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": "function",
                "Principal": "sns.amazonaws.com",
                "SourceArn": {"Ref": "Topic"},
            },
        },
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": "Permission",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "lambda",
                "Endpoint": function,
            },
        },
    }
    assert stacks.apply("a", template(resources)) == "CREATE_COMPLETE"

    account.client("sns").publish(TopicArn=_TOPIC, Message="hello")

    assert diary.wait_for(1)[0]["event"]["Records"][0]["Sns"]["Message"] == "hello"


def test_moto_still_publishes_to_docker() -> None:
    """Once moto does not call `send_sns_message`, see if lambda_subscriptions.py can go."""
    assert "send_sns_message" in Subscription.publish.__code__.co_names

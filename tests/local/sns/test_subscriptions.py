"""E-mail subscriptions wait for their confirmation; from then on messages are mails."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.sns.models import SNSBackend, sns_backends

from tests.local.account import Account
from tests.local.mail import mails

_LINK = re.compile(r"https?://\S+")
_ADMIN = "admin@example.com"


class Topic:
    """A topic, and a person who reads the mails about it."""

    def __init__(self, account: Account) -> None:
        self.sns = account.client("sns")
        self.arn = self.sns.create_topic(Name="alarms")["TopicArn"]

    def subscribe(self, protocol: str = "email") -> str:
        answer = self.sns.subscribe(TopicArn=self.arn, Protocol=protocol, Endpoint=_ADMIN)
        return str(answer["SubscriptionArn"])

    def publish(self, message: str, **options: Any) -> None:
        self.sns.publish(TopicArn=self.arn, Message=message, **options)

    def subscriptions(self) -> list[str]:
        listed = self.sns.list_subscriptions_by_topic(TopicArn=self.arn)["Subscriptions"]
        return [one["SubscriptionArn"] for one in listed]


def _click() -> str:
    """Open the link in the newest mail; gives the page."""
    link = _LINK.search(mails()[-1].text)
    assert link is not None
    with urllib.request.urlopen(link.group()) as answer:
        return str(answer.read().decode())


@pytest.fixture
def topic(account: Account) -> Topic:
    return Topic(account)


def test_subscription_is_pending(topic: Topic) -> None:
    """Until the link in the confirmation mail is opened, no message becomes a mail."""
    answer = topic.subscribe()

    topic.publish("too early")

    assert answer == "pending confirmation"
    assert topic.subscriptions() == ["PendingConfirmation"]
    attributes = topic.sns.get_topic_attributes(TopicArn=topic.arn)["Attributes"]
    assert attributes["SubscriptionsPending"] == "1"
    assert attributes["SubscriptionsConfirmed"] == "0"
    [confirmation] = mails()
    assert confirmation.recipients == (_ADMIN,)
    assert confirmation.subject == "AWS Notification - Subscription Confirmation"


def test_confirmation(topic: Topic) -> None:
    """Opening the link confirms, and messages arrive with their subject."""
    topic.subscribe()

    page = _click()
    topic.publish("The queue is too deep.", Subject="ALARM")
    topic.publish("no subject")

    assert "Subscription confirmed!" in page
    [arn] = topic.subscriptions()
    assert arn.startswith(f"{topic.arn}:")
    _, first, second = mails()
    assert (first.recipients, first.subject) == ((_ADMIN,), "ALARM")
    assert first.text.startswith("The queue is too deep.\n")
    assert second.subject == "AWS Notification Message"


def test_the_html_of_a_confirmation_mail_has_the_same_link(topic: Topic) -> None:
    """Whichever part is read, the link is there."""
    topic.subscribe()

    [mail] = mails()
    link = _LINK.search(mail.text)
    assert link is not None
    assert link.group().replace("&", "&amp;") in mail.html


def test_confirmation_through_the_api(topic: Topic) -> None:
    """ConfirmSubscription takes the token of the mail."""
    topic.subscribe()
    token = mails()[0].text.partition("Token=")[2].split()[0]

    confirmed = topic.sns.confirm_subscription(TopicArn=topic.arn, Token=token)

    assert [confirmed["SubscriptionArn"]] == topic.subscriptions()


def test_a_subscription_that_only_its_owner_can_end(topic: Topic) -> None:
    """Confirmed by a signed call that asks for it; the link in its mails then does nothing."""
    topic.subscribe()
    token = mails()[0].text.partition("Token=")[2].split()[0]
    confirmed = topic.sns.confirm_subscription(
        TopicArn=topic.arn, Token=token, AuthenticateOnUnsubscribe="true"
    )
    topic.publish("The queue is too deep.")

    with pytest.raises(urllib.error.HTTPError) as refused:
        _click()

    refused.value.close()
    assert refused.value.code == 403
    assert topic.subscriptions() == [confirmed["SubscriptionArn"]]
    topic.sns.unsubscribe(SubscriptionArn=confirmed["SubscriptionArn"])
    assert topic.subscriptions() == []


def test_a_wrong_token(topic: Topic) -> None:
    """Nobody else can confirm."""
    topic.subscribe()

    with pytest.raises(ClientError) as refused:
        topic.sns.confirm_subscription(TopicArn=topic.arn, Token="0" * 64)

    assert "Invalid parameter: Token" in str(refused.value)
    assert topic.subscriptions() == ["PendingConfirmation"]


@pytest.mark.parametrize(
    ("query", "status"), [("TopicArn={arn}&Token=no", 400), ("TopicArn=nothing&Token=no", 400)]
)
def test_a_link_that_is_not_right(topic: Topic, account: Account, query: str, status: int) -> None:
    """A confirmation link that was shortened or is out of date says so."""
    topic.subscribe()
    link = f"{account.aws.endpoint}/_s3link/confirm?{query.format(arn=topic.arn)}"

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link)

    with refused.value as answer:
        assert answer.status == status
        assert "link" in json.load(answer)["message"]


def test_subscribing_again(topic: Topic) -> None:
    """A pending address gets a new confirmation mail, a confirmed one does not."""
    topic.subscribe()
    topic.subscribe()
    asked_twice = len(mails())
    _click()
    topic.subscribe()

    assert asked_twice == 2
    assert len(mails()) == 2
    assert len(topic.subscriptions()) == 1


def test_unsubscribing(topic: Topic) -> None:
    """The link below every message ends the subscription."""
    topic.subscribe()
    _click()
    topic.publish("one")

    page = _click()
    topic.publish("two")

    assert "Subscription removed!" in page
    assert len(mails()) == 2
    assert topic.subscriptions() == []


def test_messages_by_protocol(topic: Topic) -> None:
    """With MessageStructure json, a mail has the text meant for mail."""
    topic.subscribe()
    _click()

    topic.publish(json.dumps({"default": "{}", "email": "for people"}), MessageStructure="json")

    assert mails()[-1].text.startswith("for people\n")


def test_other_protocols_need_no_confirmation(topic: Topic, account: Account) -> None:
    """A queue of the account is subscribed at once, as on AWS."""
    account.client("sqs").create_queue(QueueName="queue")

    topic.sns.subscribe(
        TopicArn=topic.arn,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:eu-west-1:123456789012:queue",
    )

    assert topic.subscriptions() != ["PendingConfirmation"]
    assert mails() == []


@pytest.fixture
def plain_moto() -> Iterator[SNSBackend]:
    with mock_aws():
        backend = SNSBackend("eu-west-1", "123456789012")
        sns_backends["123456789012"]["eu-west-1"] = backend
        yield backend


def test_gap_moto_confirms_at_once(plain_moto: SNSBackend) -> None:
    """moto confirms an e-mail subscription. Once this fails, see deploy/local/sns/backend.py."""
    topic = plain_moto.create_topic("alarms")

    subscription = plain_moto.subscribe(topic.arn, _ADMIN, "email")

    assert subscription.attributes["PendingConfirmation"] is False

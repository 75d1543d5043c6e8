"""SNS with e-mail: subscriptions wait until they are confirmed, then every message is a mail.

moto confirms every subscription at once and drops what is published to an e-mail address.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from moto.core.responses import ActionResult
from moto.sns import models, responses
from moto.sns import urls as moto_urls
from moto.sns.exceptions import SNSInvalidParameter

from deploy.local.iam.policies import lets_service, read_policy
from deploy.local.inbox.mailbox import MAILBOX

EMAIL_PROTOCOLS = frozenset({"email", "email-json"})
PENDING = "PendingConfirmation"

_SENDER = "AWS Notifications <no-reply@sns.amazonaws.com>"
_DEFAULT_SUBJECT = "AWS Notification Message"
_TOKEN_BYTES = 32

_log = logging.getLogger(__name__)


class SnsBackend(models.SNSBackend):
    """moto's SNS, and what becomes of subscriptions and messages for mail addresses."""

    @property
    def _url_module(self) -> Any:
        return _Urls

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> Any:
        known = self._find_subscription(topic_arn, endpoint, protocol)
        subscription = super().subscribe(topic_arn, endpoint, protocol)
        if protocol in EMAIL_PROTOCOLS and (known is None or is_pending(known)):
            subscription.token = secrets.token_hex(_TOKEN_BYTES)
            subscription.attributes["PendingConfirmation"] = True
            subscription.attributes["ConfirmationWasAuthenticated"] = False
            _ask_for_confirmation(subscription)
        return subscription

    def confirm(self, topic_arn: str, token: str, only_authenticated: bool = False) -> Any:
        """The subscription that the token was mailed for, from now on confirmed.

        With `only_authenticated`, nobody can end it with the link in its mails.
        """
        for subscription in self.subscriptions.values():
            expected = getattr(subscription, "token", "")
            if subscription.topic_arn == topic_arn and expected and token == expected:
                subscription.attributes["PendingConfirmation"] = False
                subscription.attributes["ConfirmationWasAuthenticated"] = only_authenticated
                subscription.confirmed = True
                return subscription
        raise SNSInvalidParameter("Invalid parameter: Token")

    def publish(self, message: str, arn: str | None, *args: Any, **kwargs: Any) -> str:
        message_id: str = super().publish(message, arn, *args, **kwargs)
        if arn in self.topics:
            text = message
            if kwargs.get("message_structure") == "json":
                structured = json.loads(message)
                text = structured.get("email", structured["default"])
            self._mail_to_subscribers(self.topics[arn], text, kwargs.get("subject"))
        return message_id

    def _mail_to_subscribers(self, topic: Any, message: str, subject: str | None) -> None:
        for subscription in self._get_topic_subscriptions(topic):
            if subscription.protocol in EMAIL_PROTOCOLS and not is_pending(subscription):
                MAILBOX.deliver(
                    _SENDER,
                    [subscription.endpoint],
                    subject or _DEFAULT_SUBJECT,
                    f"{message}\n\n{_footer(subscription)}",
                )


class SnsResponse(responses.SNSResponse):
    """moto's SNS API, with subscriptions that may still wait to be confirmed."""

    def subscribe(self) -> ActionResult:
        result: Any = super().subscribe().result
        subscription = self.backend.subscriptions[result["SubscriptionArn"]]
        if is_pending(subscription) and not self._get_bool_param("ReturnSubscriptionArn", False):
            return ActionResult({"SubscriptionArn": "pending confirmation"})
        return ActionResult(result)

    def confirm_subscription(self) -> ActionResult:
        topic_arn = self._get_param("TopicArn")
        self.backend.get_topic(topic_arn)
        subscription = self.backend.confirm(
            topic_arn,
            self._get_param("Token"),
            str(self._get_param("AuthenticateOnUnsubscribe")).lower() == "true",
        )
        return ActionResult({"SubscriptionArn": subscription.arn})

    def list_subscriptions(self) -> ActionResult:
        return _listed(super().list_subscriptions())

    def list_subscriptions_by_topic(self) -> ActionResult:
        return _listed(super().list_subscriptions_by_topic())

    def get_topic_attributes(self) -> ActionResult:
        result: Any = super().get_topic_attributes().result
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        subscriptions = self.backend._get_topic_subscriptions(topic)
        pending = sum(is_pending(subscription) for subscription in subscriptions)
        result["Attributes"]["SubscriptionsPending"] = str(pending)
        result["Attributes"]["SubscriptionsConfirmed"] = str(len(subscriptions) - pending)
        return ActionResult(result)


class _Urls:
    """Where moto finds a service's routes."""

    url_bases = moto_urls.url_bases
    url_paths: Mapping[str, Any] = {**moto_urls.url_paths, "{0}/$": SnsResponse.dispatch}


def publish_as_service(
    service: str, source_arn: str, topic_arn: str, message: str, subject: str
) -> bool:
    """Publish for an AWS service, `message` by protocol; give whether the topic's policy lets it.

    `source_arn` is what the service acts for: an alarm, a configuration set.
    """
    if not service_may_publish(service, source_arn, topic_arn):
        _log.warning("%s may not publish to %s; its message is lost.", service, topic_arn)
        return False
    _backend_of(topic_arn).publish(
        message, arn=topic_arn, subject=subject, message_structure="json"
    )
    return True


def service_may_publish(service: str, source_arn: str, topic_arn: str) -> bool:
    topic = _backend_of(topic_arn).topics.get(topic_arn)
    account = topic_arn.split(":")[4]
    return topic is not None and lets_service(
        read_policy(topic.policy), service, "sns:Publish", topic_arn, source_arn, account
    )


def _backend_of(topic_arn: str) -> Any:
    _, _, _, region, account, _ = topic_arn.split(":")
    return models.sns_backends[account][region]


def is_pending(subscription: Any) -> bool:
    return bool(subscription.attributes.get("PendingConfirmation"))


def _listed(answer: ActionResult) -> ActionResult:
    result: Any = answer.result
    shown = [
        {
            "SubscriptionArn": PENDING if is_pending(subscription) else subscription.arn,
            "Owner": subscription.owner,
            "Protocol": subscription.protocol,
            "Endpoint": subscription.endpoint,
            "TopicArn": subscription.topic_arn,
        }
        for subscription in result["Subscriptions"]
    ]
    return ActionResult({**result, "Subscriptions": shown})


def _ask_for_confirmation(subscription: Any) -> None:
    query = {"TopicArn": subscription.topic_arn, "Token": subscription.token}
    link = f"{MAILBOX.endpoint}/_s3link/confirm?{urlencode(query)}"
    topic = subscription.topic_arn
    MAILBOX.deliver(
        _SENDER,
        [subscription.endpoint],
        "AWS Notification - Subscription Confirmation",
        f"You have chosen to subscribe to the topic:\n{topic}\n\n"
        "To confirm this subscription, click or visit the link below "
        f"(If this was in error no action is necessary):\n{link}\n",
        '<div style="font: 15px/1.6 sans-serif; padding: 16px">'
        f"<p>You have chosen to subscribe to the topic:<br><b>{escape(topic)}</b></p>"
        "<p>To confirm this subscription, click or visit the link below "
        "(If this was in error no action is necessary):<br>"
        f'<a href="{escape(link)}">Confirm subscription</a></p></div>',
    )


def _footer(subscription: Any) -> str:
    link = (
        f"{MAILBOX.endpoint}/_s3link/unsubscribe?{urlencode({'SubscriptionArn': subscription.arn})}"
    )
    return (
        "--\nIf you wish to stop receiving notifications from this topic, please click or visit "
        f"the link below to unsubscribe:\n{link}\n"
    )

"""Brings what is published to a topic to the functions that subscribe to it, as SNS does.

moto would run the function in Docker, inside Publish, whatever the function's policy says.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.sns.models import Subscription

from deploy.local.inbox.mailbox import MAILBOX
from deploy.local.lambda_.asynchronous import AsynchronousInvocations
from deploy.local.lambda_.invocations import find_function, service_may_invoke
from deploy.local.replacement import replaced

_SERVICE = "sns.amazonaws.com"

_log = logging.getLogger(__name__)


@contextmanager
def topics_reach_functions(queue: AsynchronousInvocations) -> Iterator[None]:
    """Inside the block, a topic's messages for functions go to `queue`."""
    publish_otherwise = Subscription.publish

    def publish(
        subscription: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        **others: Any,
    ) -> None:
        if subscription.protocol != "lambda":
            publish_otherwise(
                subscription, message, message_id, subject, message_attributes, **others
            )
            return
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if others.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, "lambda")
        event = sns_event(subscription, message, message_id, subject, message_attributes)
        _deliver(subscription, event, queue)

    with replaced(Subscription, "publish", publish):
        yield


def _deliver(subscription: Any, event: dict[str, Any], queue: AsynchronousInvocations) -> None:
    function, topic = subscription.endpoint, subscription.topic_arn
    region = function.split(":")[3]
    account = subscription.account_id
    if _may_invoke(function, topic):
        queue.accept(account, region, function, json.dumps(event).encode())
    else:
        _log.warning("%s may not invoke %s; its message is lost.", topic, function)


def _may_invoke(arn: str, topic: str) -> bool:
    """Whether the function is there and its policy lets the topic in."""
    try:
        return service_may_invoke(find_function(arn), _SERVICE, topic)
    except LambdaClientError:
        return False


def sns_event(
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None,
    message_attributes: dict[str, Any] | None,
) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    unsubscribe = f"{MAILBOX.endpoint}/_s3link/unsubscribe?SubscriptionArn={subscription.arn}"
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription.arn,
                "Sns": {
                    "Type": "Notification",
                    "MessageId": message_id,
                    "TopicArn": subscription.topic_arn,
                    "Subject": subject,
                    "Message": message,
                    "Timestamp": now,
                    "SignatureVersion": "1",
                    # Nobody signs here; a function gets its events from Lambda alone.
                    "Signature": "",
                    "SigningCertUrl": "",
                    "UnsubscribeUrl": unsubscribe,
                    "MessageAttributes": message_attributes or {},
                },
            }
        ]
    }

"""What tests of mail have in common: a verified sender, a template, and a topic for events."""

from __future__ import annotations

import json
from typing import Any

from deploy.local.inbox.mailbox import MAILBOX, Mail
from tests.local.account import Account

SENDER = "files@example.com"
TEMPLATE = "announcement"
CONFIGURATION_SET = "mails"
ALL_EVENTS = ["send", "delivery", "bounce", "complaint", "reject", "renderingFailure"]


class MailAccount:
    """An account that may send, and that hears what becomes of its mails."""

    def __init__(self, account: Account) -> None:
        self.ses = account.client("ses")
        self._sns = account.client("sns")
        self._sqs = account.client("sqs")
        self.ses.verify_email_identity(EmailAddress=SENDER)
        self.ses.create_template(
            Template={
                "TemplateName": TEMPLATE,
                "SubjectPart": "A file: {{name}}",
                "TextPart": "Take {{name}}.\n{{#if note}}\nNote: {{note}}\n{{/if}}\nBye.\n",
                "HtmlPart": "<p>Take {{name}}.</p>{{#if note}}<i>{{note}}</i>{{/if}}",
            }
        )
        self.ses.create_configuration_set(ConfigurationSet={"Name": CONFIGURATION_SET})

    def listen(self, *kinds: str) -> None:
        """Have the events of these kinds published to a topic, and from there to a queue."""
        topic = self._sns.create_topic(Name="mail-events")["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="mail-events")["QueueUrl"]
        self._sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint="arn:aws:sqs:eu-west-1:123456789012:mail-events",
            Attributes={"RawMessageDelivery": "true"},
        )
        self.ses.create_configuration_set_event_destination(
            ConfigurationSetName=CONFIGURATION_SET,
            EventDestination={
                "Name": "topic",
                "Enabled": True,
                "MatchingEventTypes": list(kinds),
                "SNSDestination": {"TopicARN": topic},
            },
        )

    def events(self) -> list[dict[str, Any]]:
        """The events since the last time, in the order they were published."""
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def send(self, *recipients: str, **data: str) -> dict[str, Any]:
        """One bulk call, a mail for each recipient, with the same data."""
        destinations = [{"Destination": {"ToAddresses": [address]}} for address in recipients]
        return dict(self.send_bulk(destinations, data))

    def send_bulk(self, destinations: list[Any], data: dict[str, str], **other: str) -> Any:
        given = {
            "Source": SENDER,
            "Template": TEMPLATE,
            "ConfigurationSetName": CONFIGURATION_SET,
            "DefaultTemplateData": json.dumps(data),
            "Destinations": destinations,
            **other,
        }
        return self.ses.send_bulk_templated_email(**given)


def mails() -> list[Mail]:
    return MAILBOX.mails()

"""What SES tells a configuration set's topics about a mail, in SES's own JSON.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from moto.core.exceptions import ServiceException

from deploy.local.ses.messages import Outgoing
from deploy.local.sns.backend import publish_as_service, service_may_publish

_SERVICE = "ses.amazonaws.com"
_SUBJECT = "Amazon SES Email Event Notification"
_SIMULATOR = "simulator.amazonses.com"
# The simulator's addresses that bounce, and the kind of bounce that SES calls it.
_BOUNCING = {"bounce": "General", "suppressionlist": "Suppressed"}
_TRANSIT = 500  # milliseconds that SES says it took


class InvalidSnsDestination(ServiceException):
    code = "InvalidSNSDestination"


def check_destination(ses: Any, configuration_set: str, destination: Mapping[str, Any]) -> None:
    """SES publishes a first message when a destination is made; the topic must let it."""
    topic_arn = destination.get("SNSDestination", {}).get("TopicARN")
    source = _arn(ses, f"configuration-set/{configuration_set}")
    if topic_arn and not service_may_publish(_SERVICE, source, topic_arn):
        raise InvalidSnsDestination(f"Could not publish to SNS topic <{topic_arn}>.")


def publish_send(ses: Any, mail: Outgoing, subject: str) -> None:
    _publish(ses, mail, "send", "Send", "send", {}, subject)


def publish_delivery(ses: Any, mail: Outgoing, subject: str, recipients: Sequence[str]) -> None:
    details = {
        "timestamp": _now(),
        "processingTimeMillis": _TRANSIT,
        "recipients": list(recipients),
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": "embedded-aws.example.com",
    }
    _publish(ses, mail, "delivery", "Delivery", "delivery", details, subject)


def publish_rendering_failure(ses: Any, mail: Outgoing, template: str, error: str) -> None:
    details = {"errorMessage": error, "templateName": template}
    _publish(ses, mail, "renderingFailure", "Rendering Failure", "failure", details, None)


def publish_simulated(ses: Any, mail: Outgoing, subject: str, address: str) -> bool:
    """Whether the address is one of SES's mailbox simulator that never gets its mail.

    https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
    """
    user = _simulated_user(address)
    if user == "complaint":
        details = {
            "complainedRecipients": [{"emailAddress": address}],
            "timestamp": _now(),
            "feedbackId": mail.message_id,
            "complaintFeedbackType": "abuse",
        }
        publish_delivery(ses, mail, subject, [address])
        _publish(ses, mail, "complaint", "Complaint", "complaint", details, subject)
    elif user in _BOUNCING:
        _publish_bounce(ses, mail, subject, address, "Permanent", _BOUNCING[user])
    return user == "complaint" or user in _BOUNCING


def publish_automatic_answers(
    ses: Any, mail: Outgoing, subject: str, recipients: Sequence[str]
) -> None:
    """Out of the office: the mail is there, and SES takes the answer for a bounce that passes."""
    for address in recipients:
        if _simulated_user(address) == "ooto":
            _publish_bounce(ses, mail, subject, address, "Transient", "General")


def _simulated_user(address: str) -> str | None:
    """Which address of the mailbox simulator it is, without its label; None for any other."""
    user, _, domain = parseaddr(address)[1].partition("@")
    return user.partition("+")[0] if domain == _SIMULATOR else None


def _publish_bounce(
    ses: Any, mail: Outgoing, subject: str, address: str, bounce_type: str, subtype: str
) -> None:
    bounced = {"emailAddress": address}
    if bounce_type == "Permanent":
        bounced |= {
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }
    details = {
        "bounceType": bounce_type,
        "bounceSubType": subtype,
        "bouncedRecipients": [bounced],
        "timestamp": _now(),
        "feedbackId": mail.message_id,
    }
    _publish(ses, mail, "bounce", "Bounce", "bounce", details, subject)


def _publish(
    ses: Any,
    mail: Outgoing,
    kind: str,
    event_type: str,
    member: str,
    details: Mapping[str, Any],
    subject: str | None,
) -> None:
    """Publish one event to every enabled destination of the mail's configuration set."""
    if not mail.configuration_set:
        return
    event = {"eventType": event_type, "mail": _about(ses, mail, subject), member: details}
    for destination in ses.destinations.get(mail.configuration_set, {}).values():
        topic_arn = destination.get("SNSDestination", {}).get("TopicARN")
        wanted = destination.get("Enabled") and kind in destination["MatchingEventTypes"]
        if topic_arn and wanted:
            source = _arn(ses, f"configuration-set/{mail.configuration_set}")
            message = json.dumps({"default": json.dumps(event)})
            publish_as_service(_SERVICE, source, topic_arn, message, _SUBJECT)


def _about(ses: Any, mail: Outgoing, subject: str | None) -> dict[str, Any]:
    sender = parseaddr(mail.source)[1]
    about: dict[str, Any] = {
        "timestamp": _now(),
        "source": mail.source,
        "sourceArn": _arn(ses, f"identity/{sender}"),
        "sendingAccountId": ses.account_id,
        "messageId": mail.message_id,
        "destination": list(mail.recipients),
        "headersTruncated": False,
        "tags": {
            "ses:configuration-set": [mail.configuration_set],
            "ses:from-domain": [sender.partition("@")[2]],
            **{name: [value] for name, value in mail.tags.items()},
        },
    }
    if subject is not None:
        common = {"from": [mail.source], "to": list(mail.recipients), "subject": subject}
        about["headers"] = [
            {"name": "From", "value": mail.source},
            {"name": "To", "value": ", ".join(mail.recipients)},
            {"name": "Subject", "value": subject},
        ]
        about["commonHeaders"] = {**common, "messageId": mail.message_id}
    return about


def _arn(ses: Any, resource: str) -> str:
    return f"arn:aws:ses:{ses.region_name}:{ses.account_id}:{resource}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

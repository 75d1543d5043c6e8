"""Hands the mails to SES and reads what it says about each. The one place that sends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from link_generator.settings import Settings
from signing.links import Delivery

from mail.addresses import Address
from mail.template_data import link_data_of

# SES SendBulkTemplatedEmail: "up to 50 destinations in each call".
DESTINATIONS_PER_CALL = 50

# The tag that tells SES's events, and so FateRecorder, which delivery a mail was.
DELIVERY_TAG = "s3link-delivery"


class MailService(Protocol):
    """The part of an SES client that LinkGenerator uses."""

    def send_bulk_templated_email(self, *args: Any, **parameters: Any) -> Any: ...


class _Answered:
    """SES says of each mail whether it took it."""

    status: str

    @property
    def accepted(self) -> bool:
        return self.status == "Success"


@dataclass(frozen=True)
class Outcome(_Answered):
    """What SES said about one delivery; `cause` is set when a whole call failed."""

    delivery: Delivery
    status: str
    message_id: str | None = None
    cause: Exception | None = None

    @property
    def accepted_id(self) -> str | None:
        """SES's id of the mail that it took."""
        return self.message_id or "unknown" if self.accepted else None


@dataclass(frozen=True)
class Envelope:
    """By whom, from which template and through which configuration set mails are sent."""

    sender: str
    template: str
    configuration_set: str


@dataclass(frozen=True)
class Answer(_Answered):
    """SES's word for one mail, and its id when it took it."""

    status: str
    message_id: str | None = None
    cause: Exception | None = None


def send(
    group: Sequence[Delivery],
    data: Mapping[str, str],
    settings: Settings,
    service: MailService,
) -> list[Outcome]:
    """One bulk call for at most 50 deliveries; one outcome per delivery, in their order."""
    envelope = Envelope(str(settings.sender), settings.template, settings.configuration_set)
    destinations = [
        destination(one.recipient, {**data, **link_data_of(one.link)}, one.id) for one in group
    ]
    answers = send_bulk(destinations, envelope, service)
    return [
        Outcome(delivery, answer.status, answer.message_id, answer.cause)
        for delivery, answer in zip(group, answers, strict=True)
    ]


def destination(
    recipient: Address, data: Mapping[str, Any], delivery: str | None = None
) -> dict[str, Any]:
    """One mail of a bulk call, about one delivery or about none."""
    mail: dict[str, Any] = {
        "Destination": {"ToAddresses": [str(recipient)]},
        "ReplacementTemplateData": json.dumps(data),
    }
    if delivery:
        # Comes back with every event about the mail, and so tells which delivery it was.
        mail["ReplacementTags"] = [{"Name": DELIVERY_TAG, "Value": delivery}]
    return mail


def send_bulk(
    destinations: Sequence[Mapping[str, Any]], envelope: Envelope, service: MailService
) -> list[Answer]:
    """One call for at most 50 mails; one answer for each, in their order."""
    try:
        answer = service.send_bulk_templated_email(
            Source=envelope.sender,
            Template=envelope.template,
            ConfigurationSetName=envelope.configuration_set,
            # Empty on purpose: a value that were missing below must not be replaced by another
            # recipient's, but end as a Rendering Failure event.
            DefaultTemplateData="{}",
            Destinations=destinations,
        )
    except ClientError as exc:
        return [Answer(_status_of(exc), cause=exc)] * len(destinations)
    except BotoCoreError as exc:
        return [Answer(type(exc).__name__, cause=exc)] * len(destinations)
    entries = answer.get("Status", [])
    # SES answers in the order of the request; an entry that is missing was not accepted.
    padded = [*entries, *[{}] * (len(destinations) - len(entries))]
    return [Answer(one.get("Status", "NoStatus"), one.get("MessageId")) for one in padded]


def _status_of(exc: ClientError) -> str:
    """The error's code; SES has one for both of its limits, and only its words tell them apart."""
    error = exc.response.get("Error", {})
    code = error.get("Code", "Unknown")
    is_quota = code in ("Throttling", "ThrottlingException") and "Daily" in error.get("Message", "")
    return "AccountDailyQuotaExceeded" if is_quota else code

"""Hands the mails to SES and reads what it says about each. The one place that sends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from ledger.rows import DELIVERY_TAG

from link_generator.links import Delivery
from link_generator.mail_data import link_data_of
from link_generator.settings import Settings

# SES SendBulkTemplatedEmail: "up to 50 destinations in each call".
DESTINATIONS_PER_CALL = 50


class MailService(Protocol):
    """The part of an SES client that LinkGenerator uses."""

    def send_bulk_templated_email(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Outcome:
    """What SES said about one delivery; `cause` is set when a whole call failed."""

    delivery: Delivery
    status: str
    message_id: str | None = None
    cause: Exception | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Success"

    @property
    def accepted_id(self) -> str | None:
        """SES's id of the mail that it took."""
        return self.message_id or "unknown" if self.accepted else None


def send(
    group: Sequence[Delivery],
    data: Mapping[str, str],
    settings: Settings,
    service: MailService,
) -> list[Outcome]:
    """One bulk call for at most 50 deliveries; one outcome per delivery, in their order."""
    try:
        answer = service.send_bulk_templated_email(
            Source=str(settings.sender),
            Template=settings.template,
            ConfigurationSetName=settings.configuration_set,
            # Empty on purpose: a value that were missing below must not be replaced by another
            # recipient's, but end as a Rendering Failure event.
            DefaultTemplateData="{}",
            Destinations=[_destination(delivery, data) for delivery in group],
        )
    except ClientError as exc:
        return [Outcome(delivery, _status_of(exc), cause=exc) for delivery in group]
    except BotoCoreError as exc:
        return [Outcome(delivery, type(exc).__name__, cause=exc) for delivery in group]
    return _outcomes(group, answer.get("Status", []))


def _destination(delivery: Delivery, data: Mapping[str, str]) -> dict[str, Any]:
    return {
        "Destination": {"ToAddresses": [str(delivery.recipient)]},
        "ReplacementTemplateData": json.dumps({**data, **link_data_of(delivery.link)}),
        # Comes back with every event about the mail, and so tells which delivery it was.
        "ReplacementTags": [{"Name": DELIVERY_TAG, "Value": delivery.id}],
    }


def _status_of(exc: ClientError) -> str:
    """The error's code; SES has one for both of its limits, and only its words tell them apart."""
    error = exc.response.get("Error", {})
    code = error.get("Code", "Unknown")
    is_quota = code in ("Throttling", "ThrottlingException") and "Daily" in error.get("Message", "")
    return "AccountDailyQuotaExceeded" if is_quota else code


def _outcomes(group: Sequence[Delivery], entries: Sequence[Mapping[str, str]]) -> list[Outcome]:
    """SES answers in the order of the request; an entry that is missing was not accepted."""
    padded = [*entries, *[{}] * (len(group) - len(entries))]
    return [
        Outcome(delivery, entry.get("Status", "NoStatus"), entry.get("MessageId"))
        for delivery, entry in zip(group, padded, strict=True)
    ]

"""Hands mails to SES, up to 50 at once, and reads its reply to each. The one place that sends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from function.errors import code_of

from mail.addresses import Address
from mail.senders import Envelope

# SES SendBulkTemplatedEmail: "up to 50 destinations in each call".
DESTINATIONS_PER_CALL = 50

# SES ReplacementTemplateData, in characters.
MOST_DATA = 262_144

# The tag that tells SES's events, and so FateRecorder, which delivery a mail was.
DELIVERY_TAG = "s3link-delivery"

# SES did not take the mail, and may a moment later: over the rate per second …
_BUSY = {"AccountThrottled", "Throttling", "ThrottlingException"}
# … or out of order or out of reach. A time-out is not among them: SES may have taken the mail.
_UNWELL = {
    *("TransientFailure", "ServiceUnavailable", "503"),
    *("ConnectTimeoutError", "EndpointConnectionError"),
}
_UNWELL_TRIES = 3
# No answer came, or none that tells: SES may have taken the mail, or not.
_NO_STATUS = "NoStatus"
_DOUBTFUL = {
    *("ReadTimeoutError", "ConnectionClosedError", "HTTPClientError", "ResponseParserError"),
    *("InternalFailure", "InternalServerError", "InternalServiceError", _NO_STATUS),
    *("500", "502", "504"),  # of what stands before SES, too
}
_QUOTA_EXCEEDED = "AccountDailyQuotaExceeded"


class MailService(Protocol):
    """The part of an SES client that functions use."""

    def send_bulk_templated_email(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Reply:
    """SES's word for one mail, and its id if it took it; `cause` is set when a whole call failed.

    `status` is that of a recipient (SES BulkEmailDestinationStatus), the code of a whole call, or
    botocore's word for a call without an answer.
    """

    status: str
    message_id: str | None = None
    cause: Exception | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Success"

    @property
    def accepted_id(self) -> str | None:
        """SES's id of the mail, if it took it."""
        return self.message_id or "unknown" if self.accepted else None

    @property
    def is_doubtful(self) -> bool:
        """Whether SES may have taken the mail, though it did not say so."""
        return self.status in _DOUBTFUL

    @property
    def may_pass_later(self) -> bool:
        """Whether the same mail may be taken another time: SES is busy, unwell or out of reach."""
        return self.may_try_again(0) or self.status == _QUOTA_EXCEEDED

    def may_try_again(self, tries: int) -> bool:
        """Whether to try the same mail again now, after so many tries before."""
        if self.status in _UNWELL:
            return tries + 1 < _UNWELL_TRIES
        return self.status in _BUSY


def are_too_many(replies: Sequence[Reply]) -> bool:
    """Whether fewer mails at once may pass: SES took none of them, for its rate per second.

    SES SendBulkTemplatedEmail: "The number of destinations you can contact in a single call can be
    limited by your account's maximum sending rate", which is 1 a second in the sandbox.
    """
    return all(one.cause and one.status in _BUSY for one in replies)


def written_size(data: Mapping[str, Any]) -> int:
    """How many characters a mail's data has, as SES counts them."""
    return len(_written(data))


def destination(
    recipient: Address, data: Mapping[str, Any], delivery: str | None = None
) -> dict[str, Any]:
    """One mail of a bulk call, about one delivery or about none."""
    mail: dict[str, Any] = {
        "Destination": {"ToAddresses": [str(recipient)]},
        "ReplacementTemplateData": _written(data),
    }
    if delivery:
        # Comes back with every event about the mail, and so tells which delivery it was.
        mail["ReplacementTags"] = [{"Name": DELIVERY_TAG, "Value": delivery}]
    return mail


def send_bulk(
    destinations: Sequence[Mapping[str, Any]], envelope: Envelope, service: MailService
) -> list[Reply]:
    """One call for at most 50 mails; one reply to each, in their order."""
    answers_to = [str(address) for address in envelope.reply_to]
    replies = {"ReplyToAddresses": answers_to} if answers_to else {}
    try:
        answer = service.send_bulk_templated_email(
            Source=envelope.sender,
            Template=envelope.template,
            ConfigurationSetName=envelope.configuration_set,
            # Empty on purpose: a value that were missing below must not be replaced by another
            # recipient's, but end as a Rendering Failure event.
            DefaultTemplateData="{}",
            Destinations=destinations,
            **replies,
        )
    except (ClientError, BotoCoreError, ResponseParserError) as exc:
        return [Reply(_status_of(exc), cause=exc)] * len(destinations)
    entries = answer.get("Status", [])
    # SES answers in the order of the request; an entry that is missing was not accepted.
    padded = [*entries, *[{}] * (len(destinations) - len(entries))]
    return [Reply(one.get("Status", _NO_STATUS), one.get("MessageId")) for one in padded]


def _written(data: Mapping[str, Any]) -> str:
    # SES's limit counts what is written: as an escape, a letter of two bytes takes six.
    return json.dumps(data, ensure_ascii=False)


def _status_of(exc: ClientError | BotoCoreError | ResponseParserError) -> str:
    """The error's code; SES has one for both of its limits, and only its words tell them apart."""
    if isinstance(exc, ResponseParserError):  # an answer that was cut off; no error of botocore's
        return type(exc).__name__
    code = code_of(exc)
    words = exc.response.get("Error", {}).get("Message", "") if isinstance(exc, ClientError) else ""
    is_quota = code in ("Throttling", "ThrottlingException") and "Daily" in words
    return _QUOTA_EXCEEDED if is_quota else code

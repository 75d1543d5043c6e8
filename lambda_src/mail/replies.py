"""What SES's refusals mean, each as an error with a sentence. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from files.uploads import Upload
from link_generator.errors import (
    ConfigurationSetMissing,
    MailError,
    MailServiceDown,
    MailThrottled,
    SenderNotVerified,
    SendingNotAllowed,
    SendingPaused,
    TemplateMissing,
)
from link_generator.settings import Settings

from mail.sending import Outcome

# Statuses of single recipients (SES BulkEmailDestinationStatus), codes of whole calls, and
# botocore's exceptions for calls without an answer.
_STATUSES: dict[type[MailError], tuple[str, ...]] = {
    TemplateMissing: ("TemplateDoesNotExist", "TemplateDoesNotExistException"),
    ConfigurationSetMissing: (
        "ConfigurationSetDoesNotExist",
        "ConfigurationSetDoesNotExistException",
    ),
    SenderNotVerified: (
        "MailFromDomainNotVerified",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
    ),
    SendingPaused: (
        "AccountSuspended",
        "AccountSendingPaused",
        "AccountSendingPausedException",
        "ConfigurationSetSendingPaused",
        "ConfigurationSetSendingPausedException",
    ),
    SendingNotAllowed: ("AccessDenied", "AccessDeniedException"),
    MailThrottled: (
        "AccountThrottled",
        "AccountDailyQuotaExceeded",
        "LimitExceededException",
        "Throttling",
        "ThrottlingException",
    ),
    MailServiceDown: (
        "TransientFailure",
        "InternalFailure",
        "ServiceUnavailable",
        "503",
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "ReadTimeoutError",
    ),
}
_KINDS = {status: kind for kind, statuses in _STATUSES.items() for status in statuses}

# SES did not take the mail, and may a moment later: over the rate per second …
_BUSY = {"AccountThrottled", "Throttling", "ThrottlingException"}
# … or out of order or out of reach. A time-out is not among them: SES may have taken the mail.
_UNWELL = {
    *("TransientFailure", "ServiceUnavailable", "503"),
    *("ConnectTimeoutError", "EndpointConnectionError"),
}
_UNWELL_TRIES = 3


def may_try_again(status: str, tries: int) -> bool:
    """Whether to try a mail with this status again now, after so many tries before."""
    if status in _UNWELL:
        return tries + 1 < _UNWELL_TRIES
    return status in _BUSY


def are_too_many(outcomes: Sequence[Outcome]) -> bool:
    """Whether fewer mails at once may pass: SES took none of them, for its rate per second.

    SES SendBulkTemplatedEmail: "The number of destinations you can contact in a single call can be
    limited by your account's maximum sending rate", which is 1 a second in the sandbox.
    """
    return all(one.cause and one.status in _BUSY for one in outcomes)


# CloudFormation does not see what was deleted behind its back, so deploying does not mend it.
_MAKE_AGAIN = "make it again under this name, as ses_email_sender.yaml describes it."


def mail_error(upload: Upload, refused: Sequence[Outcome], settings: Settings) -> MailError:
    """One error for all refused recipients, each named beside its status.

    It is of the kind that all statuses share, else a plain MailError.
    """
    recipients: dict[str, list[str]] = defaultdict(list)
    for outcome in refused:
        recipients[outcome.status].append(str(outcome.delivery.recipient))
    kinds = {_KINDS.get(status, MailError) for status in recipients}
    kind = kinds.pop() if len(kinds) == 1 else MailError
    statuses = "; ".join(f"{status} for {', '.join(to)}" for status, to in recipients.items())
    return kind(
        f"{upload} was not mailed to {len(refused)} of its recipients: {statuses}. "
        f"{_advice(kind, settings)}"
    )


def _advice(kind: type[MailError], settings: Settings) -> str:
    return {
        TemplateMissing: f"SES has no template {settings.template}; {_MAKE_AGAIN}",
        ConfigurationSetMissing: (
            f"SES has no configuration set {settings.configuration_set}; {_MAKE_AGAIN}"
        ),
        SenderNotVerified: (
            f"Verify {settings.sender} in SES, and in the sandbox each recipient as well; "
            "s3link doctor shows which are missing."
        ),
        SendingPaused: "SES has paused sending; its console says why on the account dashboard.",
        SendingNotAllowed: (
            "LinkGenerator's role needs ses:SendBulkTemplatedEmail on the sender's identity, "
            "the template and the configuration set; deploy the generator stack."
        ),
        MailThrottled: (
            "The sending rate or the daily quota of SES is used up; Lambda tries again, and then "
            "the event waits in DeadLetterQueue."
        ),
        MailServiceDown: "Lambda tries again, and then the event waits in DeadLetterQueue.",
    }.get(kind, "The SES API reference explains each status (BulkEmailDestinationStatus).")

"""What it means that SES, the ledger or the portal's table did not do it: each as an error with a
sentence. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from files.uploads import Upload
from tables.service import TableError

from link_generator.deliveries import Sent
from link_generator.errors import (
    ConfigurationSetMissing,
    LedgerUnavailable,
    LinksNotMade,
    MailError,
    MailServiceDown,
    MailThrottled,
    NotGathered,
    NotRecorded,
    SenderNotVerified,
    SendingNotAllowed,
    SendingPaused,
    TemplateMissing,
)
from link_generator.settings import Settings
from link_generator.wake_ups import WakeUpError

_TRIED_AGAIN = "Lambda tries again, and then the event waits in DeadLetterQueue."

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
        "ResponseParserError",
        *("500", "502", "504"),
    ),
}
_KINDS = {status: kind for kind, statuses in _STATUSES.items() for status in statuses}

# CloudFormation does not see what was deleted behind its back, so deploying does not mend it.
_MAKE_AGAIN = "make it again under this name, as ses_email_sender.yaml describes it."


def mail_error(upload: Upload, refused: Sequence[Sent], settings: Settings) -> MailError:
    """One error for all refused recipients, each named beside its status.

    It is of the kind that all statuses share, else a plain MailError.
    """
    recipients: dict[str, list[str]] = defaultdict(list)
    for sent in refused:
        recipients[sent.reply.status].append(str(sent.delivery.recipient))
    kinds = {_KINDS.get(status, MailError) for status in recipients}
    kind = kinds.pop() if len(kinds) == 1 else MailError
    statuses = "; ".join(f"{status} for {', '.join(to)}" for status, to in recipients.items())
    return kind(
        f"{upload} was not mailed to {len(refused)} of its recipients: {statuses}. "
        f"{_mail_advice(kind, settings)}"
    )


def _mail_advice(kind: type[MailError], settings: Settings) -> str:
    return {
        TemplateMissing: f"SES has no template {settings.envelope.template}; {_MAKE_AGAIN}",
        ConfigurationSetMissing: (
            f"SES has no configuration set {settings.envelope.configuration_set}; {_MAKE_AGAIN}"
        ),
        SenderNotVerified: (
            f"Verify {settings.envelope.address} in SES, and in the sandbox each recipient as "
            f"well; {settings.command('doctor')} shows which are missing."
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
        MailServiceDown: _TRIED_AGAIN,
    }.get(kind, "The SES API reference explains each status (BulkEmailDestinationStatus).")


def ledger_unavailable(upload: Upload, error: TableError) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"{upload} was not announced, because the deliveries ledger could not be asked who was "
        f"mailed before ({error.code}). {_ledger_advice(error)}"
    )


def not_gathered(what: object, error: TableError) -> NotGathered:
    """`what` was to be mailed with others."""
    advice = _TRIED_AGAIN
    if error.final:
        advice = "Deploy the generator stack again, which has the table and the right to use it."
    return NotGathered(
        f"{what} was not announced yet, because the table of gathered files did not do its part "
        f"({error.code}). {advice}"
    )


def not_woken(what: object, error: WakeUpError) -> NotGathered:
    return NotGathered(
        f"{what} was not announced yet, because EventBridge Scheduler did not take the time to "
        f"look for others that belong to it ({error.code}). {_TRIED_AGAIN}"
    )


def manifest_not_put(what: object, code: str) -> NotGathered:
    advice = _TRIED_AGAIN
    if code == "AccessDenied":
        advice = "Deploy the generator stack again, whose role may put manifests."
    return NotGathered(
        f"{what} was not announced yet, because S3 did not take the manifest of its share "
        f"({code}). {advice}"
    )


def not_recorded(
    upload: Upload, accepted: Sequence[Sent], error: TableError
) -> LedgerUnavailable | NotRecorded:
    """Whom the next try may mail a second time; with nobody accepted nothing is in doubt."""
    if not accepted:
        return ledger_unavailable(upload, error)
    mailed = ", ".join(str(one.delivery.recipient) for one in accepted)
    return NotRecorded(
        f"{upload} was mailed to {mailed}, but the deliveries ledger could not record it "
        f"({error.code}), so they may be mailed once more. {_ledger_advice(error)}"
    )


def _ledger_advice(error: TableError) -> str:
    if error.final:
        return "Deploy the generator stack again, which has the table and the right to use it."
    return _TRIED_AGAIN


def links_not_made(upload: Upload, error: TableError) -> LinksNotMade:
    advice = _TRIED_AGAIN
    if error.final:
        advice = "Deploy again: the portal stack has the table, the generator stack its use."
    return LinksNotMade(
        f"{upload} was not announced, because the portal's table did not take its links "
        f"({error.code}). {advice}"
    )

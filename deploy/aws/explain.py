"""Turns the errors of AWS calls into one sentence. It looks at exceptions and the clock, and calls
nothing; what arose on this machine is `local_errors`' matter.

What is not understood is not explained: `explain` returns None and the error passes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from deploy.aws.clock import clock_sentence, is_of_the_clock
from deploy.aws.connection_errors import NO_CONNECTION
from deploy.aws.local_errors import LOG_IN, explain_local
from deploy.errors import AccessError, ConnectionFailedError, S3LinkError, StackError

_THROTTLED = {
    "BandwidthLimitExceeded",
    "OperationAborted",  # S3, while an earlier change of the same bucket is still under way
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_CLOCK = {"RequestExpired", "RequestTimeTooSkewed"}
_NOT_ACCEPTED = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "UnauthorizedOperation",
    "403",  # what a HEAD request, which has no body, makes of AccessDenied
}
_LIMITS = {
    "LimitExceeded",
    "LimitExceededException",
    "ServiceQuotaExceededException",
    "TooManyBuckets",
}

# "User: <who> is not authorized to perform: <action> on resource: <what> because <why>". SES also
# writes User `<who>' and no colons, S3 quotes the resource, whose key may have spaces.
_DENIAL = re.compile(
    r"(?:User:? `?(?P<who>[^\s']+)'? )?is not authorized to perform:? `?(?P<action>[\w-]+:\w+)'?"
    r"(?: on resource:? (?:\"(?P<quoted>[^\"]+)\"|`?(?P<what>[^\s']+)))?"
)
# How the services say that something is not there, of what commands work with.
NOT_THERE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NotFound",  # SNS
    "QueueDoesNotExist",
    "ResourceNotFoundException",
}
# A refused HEAD request has no body to name the action in. S3 also refuses where nothing is there,
# unless the caller may list.
_ACTIONS_OF_HEADS = {
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject, s3:ListBucket; of a version s3:GetObjectVersion, "
    "s3:ListBucketVersions",
}
_NO_STACK = re.compile(r"Stack (?:with id |\[)?(?P<stack>[^\s\]]+)\]? does not exist")


def explain(exc: BaseException) -> S3LinkError | None:
    """The sentence for an error of an AWS call, or None when it is not one that is understood."""
    if isinstance(exc, ClientError):
        return _explain_answer(exc)
    if isinstance(exc, BotoCoreError):
        return explain_local(exc)
    if isinstance(exc, ResponseParserError):
        return ConnectionFailedError(
            "The endpoint did not answer as AWS does; check --endpoint-url and the proxy."
        )
    return None


def explain_missing(
    exc: BaseException,
    then: str = "`s3link doctor`, with the same options, says what was deleted, and what to do.",
) -> S3LinkError | None:
    """The sentence for what is not there, for whoever cannot say better what that means."""
    if not isinstance(exc, ClientError) or error_code(exc) not in NOT_THERE:
        return None
    return StackError(
        f"AWS does not find what {exc.operation_name} is about ({_plain(error_message(exc))}); "
        f"{then}"
    )


def error_code(exc: ClientError) -> str:
    """AWS's word for what went wrong."""
    return str(exc.response.get("Error", {}).get("Code", ""))


def error_message(exc: ClientError) -> str:
    """AWS's sentence for what went wrong."""
    return str(exc.response.get("Error", {}).get("Message", ""))


def http_status(exc: ClientError) -> int:
    """The HTTP status of AWS's answer, 0 without one."""
    return exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def is_transient(exc: Exception) -> bool:
    """Whether the same question may well be answered a moment later: throttled, or a blip."""
    if isinstance(exc, ClientError):
        return error_code(exc) in _THROTTLED or _is_out_of_order(exc)
    return isinstance(exc, NO_CONNECTION)


def is_throttled(exc: ClientError) -> bool:
    """Whether AWS did nothing, because too much was asked of it at once."""
    return error_code(exc) in _THROTTLED


def is_missing_stack(exc: ClientError) -> bool:
    """Whether CloudFormation says that there is no such stack."""
    return error_code(exc) == "ValidationError" and "does not exist" in error_message(exc)


def denied_action(exc: BaseException) -> str | None:
    """What AWS denied, as IAM calls it where AWS says so; None when it did not deny anything."""
    if not isinstance(exc, ClientError) or error_code(exc) not in _DENIED:
        return None
    denial = _DENIAL.search(error_message(exc))
    operation = exc.operation_name
    return denial["action"] if denial else _ACTIONS_OF_HEADS.get(operation, operation)


def _explain_answer(exc: ClientError) -> S3LinkError | None:
    """The sentence for an error that AWS answered with."""
    for codes, sentence in _ANSWERS:
        if error_code(exc) in codes:
            return sentence(exc)
    if http_status(exc) == HTTPStatus.NOT_IMPLEMENTED:
        return S3LinkError(
            f"{exc.operation_name} cannot be asked for here: {_plain(error_message(exc))}."
        )
    return _out_of_order(exc) if _is_out_of_order(exc) else None


def _is_out_of_order(exc: ClientError) -> bool:
    """Whether the service failed; what it does not know it will not know in a moment."""
    return http_status(exc) >= 500 and http_status(exc) != HTTPStatus.NOT_IMPLEMENTED


def _out_of_order(exc: ClientError) -> ConnectionFailedError:
    return ConnectionFailedError(
        f"AWS could not answer {exc.operation_name} ({error_code(exc)}: "
        f"{_plain(error_message(exc))}); repeat the command in a few minutes, and see "
        "https://health.aws.amazon.com/."
    )


def _expired(exc: ClientError) -> AccessError:
    return AccessError(f"The AWS session has expired; {LOG_IN}.")


def _not_accepted(exc: ClientError) -> AccessError:
    if is_of_the_clock(error_message(exc)):
        return clock_sentence(exc)
    return AccessError(
        f"AWS does not accept these credentials ({error_code(exc)}); check the keys of the "
        "profile, this machine's clock, and that the region is enabled for the account."
    )


def _denied(exc: ClientError) -> AccessError:
    denial = _DENIAL.search(error_message(exc))
    operation = exc.operation_name
    denied = operation
    if operation in _ACTIONS_OF_HEADS:
        denied = f"{operation} ({_ACTIONS_OF_HEADS[operation]})"
    if denial:
        who = f" for {denial['who']}" if denial["who"] else ""
        resource = denial["quoted"] or denial["what"]
        what = f" on {resource}" if resource else ""
        denied = f"{denial['action']}{what}{who}"
    return AccessError(
        f"AWS denied {denied}; ask your administrator to allow it, or use another --profile."
    )


def _throttled(exc: ClientError) -> S3LinkError:
    return S3LinkError(
        f"AWS asks to slow down ({exc.operation_name}); wait a minute and repeat the command."
    )


def _limit(exc: ClientError) -> S3LinkError:
    return S3LinkError(
        f"A quota of the account is used up ({exc.operation_name}: {_plain(error_message(exc))}); "
        "free some of it, or ask for more in the Service Quotas console."
    )


def _missing_stack(exc: ClientError) -> S3LinkError | None:
    missing = _NO_STACK.search(error_message(exc))
    if missing is None:
        return None
    return StackError(
        f"There is no stack {missing['stack']} in this account and region; check --name and "
        "--region, or deploy it first."
    )


_ANSWERS: tuple[tuple[set[str], Callable[[ClientError], S3LinkError | None]], ...] = (
    (_CLOCK, clock_sentence),
    (_EXPIRED, _expired),
    (_NOT_ACCEPTED, _not_accepted),
    (_DENIED, _denied),
    (_THROTTLED, _throttled),
    (_LIMITS, _limit),
    ({"ValidationError"}, _missing_stack),
)


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".")

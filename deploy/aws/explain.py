"""Turns the errors of AWS calls into one sentence. Pure: it looks at exceptions, and calls nothing.

What is not understood is not explained: `explain` returns None and the error passes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from deploy.errors import AccessError, ConnectionFailedError, S3LinkError, StackError

_LOG_IN = "log in again (`aws sso login` or `aws login`) or renew the keys, then repeat the command"

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
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
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

_NO_CONNECTION = (
    botocore_errors.ConnectTimeoutError,
    botocore_errors.ConnectionClosedError,
    botocore_errors.EndpointConnectionError,
    botocore_errors.ProxyConnectionError,
    botocore_errors.ReadTimeoutError,
)
_NOT_RENEWED = (
    botocore_errors.CredentialRetrievalError,
    botocore_errors.LoginError,
    botocore_errors.NoAuthTokenError,
    botocore_errors.RefreshWithMFAUnsupportedError,
    botocore_errors.SSOError,
    botocore_errors.TokenRetrievalError,
)

# "User: <who> is not authorized to perform: <action> on resource: <what> because <why>"
_DENIAL = re.compile(
    r"(?:User: (?P<who>\S+) )?is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<what>\S+))?"
)
# What OpenSSL says of an answer in plain HTTP, by its version.
_NO_TLS = re.compile("WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|HTTP_REQUEST|UNKNOWN_PROTOCOL")
_NO_STACK = re.compile(r"Stack (?:with id |\[)?(?P<stack>[^\s\]]+)\]? does not exist")


def explain(exc: BaseException) -> S3LinkError | None:
    """The sentence for an error of an AWS call, or None when it is not one that is understood."""
    if isinstance(exc, ClientError):
        return _explain_answer(exc)
    if isinstance(exc, BotoCoreError):
        return _explain_local(exc)
    if isinstance(exc, ResponseParserError):
        return ConnectionFailedError(
            "The endpoint did not answer as AWS does; check --endpoint-url and the proxy."
        )
    return None


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
        return error_code(exc) in _THROTTLED or http_status(exc) >= 500
    return isinstance(exc, _NO_CONNECTION)


def is_throttled(exc: ClientError) -> bool:
    """Whether AWS did nothing, because too much was asked of it at once."""
    return error_code(exc) in _THROTTLED


def is_missing_stack(exc: ClientError) -> bool:
    """Whether CloudFormation says that there is no such stack."""
    return error_code(exc) == "ValidationError" and "does not exist" in error_message(exc)


def _explain_answer(exc: ClientError) -> S3LinkError | None:
    """The sentence for an error that AWS answered with."""
    for codes, sentence in _ANSWERS:
        if error_code(exc) in codes:
            return sentence(exc)
    return _out_of_order(exc) if http_status(exc) >= 500 else None


def _out_of_order(exc: ClientError) -> ConnectionFailedError:
    return ConnectionFailedError(
        f"AWS could not answer {exc.operation_name} ({error_code(exc)}: "
        f"{_plain(error_message(exc))}); repeat the command in a few minutes, and see "
        "https://health.aws.amazon.com/."
    )


def _expired(exc: ClientError) -> AccessError:
    return AccessError(f"The AWS session has expired; {_LOG_IN}.")


def _not_accepted(exc: ClientError) -> AccessError:
    return AccessError(
        f"AWS does not accept these credentials ({error_code(exc)}); check the keys of the "
        "profile, this machine's clock, and that the region is enabled for the account."
    )


def _denied(exc: ClientError) -> AccessError:
    denial = _DENIAL.search(error_message(exc))
    denied = exc.operation_name
    if denial:
        who = f" for {denial['who']}" if denial["who"] else ""
        what = f" on {denial['what']}" if denial["what"] else ""
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
    (_EXPIRED, _expired),
    (_NOT_ACCEPTED, _not_accepted),
    (_DENIED, _denied),
    (_THROTTLED, _throttled),
    (_LIMITS, _limit),
    ({"ValidationError"}, _missing_stack),
)


def _explain_local(exc: BotoCoreError) -> S3LinkError | None:
    """The sentence for an error that arose on this machine, before or instead of an answer."""
    if isinstance(exc, botocore_errors.NoCredentialsError):
        return AccessError(
            "No AWS credentials were found; run `aws configure` or `aws sso login`, or add "
            "--profile."
        )
    if isinstance(exc, botocore_errors.PartialCredentialsError):
        return AccessError(
            f"The AWS credentials are incomplete: {exc.kwargs['cred_var']} is missing from "
            f"{exc.kwargs['provider']}; complete them with `aws configure`."
        )
    if isinstance(exc, botocore_errors.ConfigParseError):
        return AccessError(
            f"The AWS configuration file {exc.kwargs['path']} is not in the form that AWS's tools "
            "read; correct it, or name another in AWS_CONFIG_FILE."
        )
    if isinstance(exc, _NOT_RENEWED):
        return AccessError(f"The AWS session could not be renewed; {_LOG_IN}.")
    if isinstance(exc, botocore_errors.InvalidRegionError):
        return AccessError(
            f'"{exc.kwargs["region_name"]}" is not an AWS region; correct --region, for example '
            "eu-west-1."
        )
    return _explain_connection(exc)


def _explain_connection(exc: BotoCoreError) -> S3LinkError | None:
    proxy = exc.kwargs.get("proxy_url")
    endpoint = f"the proxy {proxy}" if proxy else exc.kwargs.get("endpoint_url")
    if isinstance(exc, botocore_errors.SSLError) and _NO_TLS.search(str(exc)):
        return ConnectionFailedError(
            f"{endpoint} does not speak TLS; use http:// in its place, if it is yours."
        )
    if isinstance(exc, botocore_errors.SSLError):
        return ConnectionFailedError(
            f"The certificate of {endpoint} is not trusted here; if a proxy opens TLS "
            "connections, name its certificates in AWS_CA_BUNDLE."
        )
    if isinstance(exc, _NO_CONNECTION):
        return ConnectionFailedError(
            f"AWS could not be reached at {endpoint}; check the network, the proxy, --region "
            "and --endpoint-url."
        )
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".")

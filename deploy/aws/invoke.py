"""Invokes a function and waits until it has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError

from deploy.aws.explain import is_throttled
from deploy.errors import FunctionError
from deploy.lambda_packages import quoted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients


# Nothing has left this machine.
_NO_CONNECTION_MADE = (
    botocore_errors.ConnectTimeoutError,
    botocore_errors.EndpointConnectionError,
    botocore_errors.ProxyConnectionError,
)


def invoke_function(clients: Clients, function: str, event: str) -> Any:
    """What the function answers to an event; None if that is not JSON.

    Raises FunctionError with the function's own sentence when it fails, which may be after much of
    its work. Nothing is tried again here: see `is_not_begun` for what may be.
    """
    answer = clients.waiting_lambda.invoke(
        FunctionName=function, InvocationType="RequestResponse", Payload=event.encode()
    )
    payload = _json(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionError(_failure(payload))
    return payload


def is_not_begun(exc: Exception) -> bool:
    """Whether Lambda has certainly not begun what an invocation asked for.

    Every other error leaves that open, for the answer may be all that was lost.
    """
    if isinstance(exc, ClientError):
        return is_throttled(exc)
    return isinstance(exc, _NO_CONNECTION_MADE)


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _failure(payload: Any) -> str:
    said = payload if isinstance(payload, Mapping) else {}
    message = said.get("errorMessage") or said.get("errorType") or "the function failed"
    return quoted(str(message))[1:-1]

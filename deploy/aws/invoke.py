"""Invokes a function and waits until it has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deploy.errors import FunctionError
from deploy.lambda_packages import quoted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients


def invoke_function(clients: Clients, function: str, event: str) -> Any:
    """What the function answers to an event; None if that is not JSON.

    Raises FunctionError with the function's own sentence when it fails, which may be after much of
    its work. Nothing is tried again here.
    """
    answer = clients.waiting_lambda.invoke(
        FunctionName=function, InvocationType="RequestResponse", Payload=event.encode()
    )
    payload = _json(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionError(_failure(payload))
    return payload


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _failure(payload: Any) -> str:
    said = payload if isinstance(payload, Mapping) else {}
    message = said.get("errorMessage") or said.get("errorType") or "the function failed"
    return quoted(str(message))[1:-1]

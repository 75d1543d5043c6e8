"""Invoke, as everyone calls it: moto's call, led to `Functions`; and who may call it.

moto runs a function in Docker, inside the call, whatever the type of invocation.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from deploy.local.iam.policies import lets_service
from deploy.local.lambda_.asynchronous import AsynchronousInvocations
from deploy.local.lambda_.functions import Functions, ThrottledError
from deploy.local.lambda_.settings import LATEST
from deploy.local.replacement import replaced


def find_function(arn: str) -> Any:
    """moto's function. Raises LambdaClientError when there is none."""
    account, region = arn.split(":")[4], arn.split(":")[3]
    return lambda_backends[account][region].get_function(arn)


def service_may_invoke(function: Any, service: str, source_arn: str) -> bool:
    """Whether the function's own policy lets an AWS service in, for `source_arn`."""
    policy = {"Statement": list(function.policy.statements)}
    arn, account = function.function_arn, function.account_id
    return lets_service(policy, service, "lambda:InvokeFunction", arn, source_arn, account)


class TooManyRequestsError(LambdaClientError):
    """The service's answer to a caller who waits for a function that may not run now."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


@contextmanager
def invocations_run(functions: Functions, queue: AsynchronousInvocations) -> Iterator[None]:
    """Inside the block, functions run in child processes, and events wait in `queue`."""
    delete_function = LambdaBackend.delete_function

    def invoke(
        function: Any,
        body: str | bytes,
        request_headers: Any,
        response_headers: MutableMapping[str, str],
    ) -> bytes:
        payload = _payload(body)
        match request_headers.get("x-amz-invocation-type", "RequestResponse"):
            case "DryRun":
                return b""
            case "Event":
                arn = function.function_arn
                request_id = queue.accept(function.account_id, function.region, arn, payload)
                response_headers["x-amzn-RequestId"] = request_id
                return b""
            case _:
                return _run_now(functions, function, payload, response_headers)

    def delete(backend: Any, function_name: str, qualifier: str | None = None) -> None:
        function = backend.get_function(function_name, qualifier)
        delete_function(backend, function_name, qualifier)
        functions.forget(function)

    with (
        replaced(LambdaFunction, "invoke", invoke),
        replaced(LambdaBackend, "delete_function", delete),
    ):
        yield


def _run_now(
    functions: Functions,
    function: Any,
    payload: bytes,
    response_headers: MutableMapping[str, str],
) -> bytes:
    request_id = str(uuid4())
    try:
        result = functions.invoke(function, request_id, payload)
    except ThrottledError as exc:
        raise TooManyRequestsError from exc
    response_headers["x-amzn-RequestId"] = request_id
    response_headers["x-amz-executed-version"] = LATEST
    response_headers["x-amz-log-result"] = base64.b64encode(result.log_tail).decode()
    if result.answer.failed:
        response_headers["x-amz-function-error"] = "Unhandled"
    return result.answer.payload


def _payload(body: str | bytes | None) -> bytes:
    """The event as bytes; nothing is an empty event, as on AWS."""
    payload = body.encode() if isinstance(body, str) else body or b""
    if not payload:
        return b"{}"
    try:
        json.loads(payload)
    except ValueError as exc:
        raise LambdaClientError(
            "InvalidRequestContentException", f"Could not parse request body into json: {exc}"
        ) from exc
    return payload

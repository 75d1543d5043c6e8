"""Runs the functions behind an HTTP API, if their policies let API Gateway in."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from moto.awslambda.exceptions import LambdaClientError

from deploy.local.apigateway.answers import failed, unavailable
from deploy.local.lambda_.functions import Functions, Result, StoppedError, ThrottledError
from deploy.local.lambda_.invocations import find_function, service_may_invoke
from deploy.local.wire.stopped_services import StoppedServices

_SERVICE = "apigateway.amazonaws.com"
_URI = re.compile(
    r"(?:arn:aws:apigateway:[\w-]+:lambda:path/2015-03-31/functions/)?"
    r"(arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+)(?:/invocations)?"
)

_log = logging.getLogger(__name__)


def function_of(uri: str) -> str | None:
    """The ARN of the function that an integration or authorizer names; None when it names none."""
    match = _URI.fullmatch(uri)
    return match.group(1) if match else None


class Invoker:
    """Invokes functions and waits for their answers."""

    def __init__(self, functions: Functions, services: StoppedServices) -> None:
        self._functions = functions
        self._services = services

    def invoke(self, arn: str, source_arn: str, event: Mapping[str, Any], limit: float) -> bytes:
        """What the function answers within `limit` seconds, once it has a process.

        On AWS it would not wait for one; and here the functions' patience stretches the limit.
        `source_arn` names the part of the API that asks. Raises ApiError.
        """
        if "lambda" in self._services.names:
            raise failed("Lambda is stopped in the embedded AWS.")
        function = _permitted(arn, source_arn)
        try:
            begun, answer = self._run(function, json.dumps(event).encode())
            begun.wait()
            result = answer.result(limit * self._functions.patience)
        except TimeoutError as exc:  # the function goes on, as on AWS
            raise unavailable(f"The function has not answered within {limit:g} seconds.") from exc
        except ThrottledError as exc:
            raise unavailable(f"The function is throttled: {exc}") from exc
        except StoppedError as exc:
            raise unavailable("The embedded AWS is stopping.") from exc
        except Exception as exc:  # a package that cannot be unpacked, for example
            _log.exception("%s could not be run.", arn)
            raise failed(f"The function could not be run: {exc!r}") from exc
        if result.answer.failed:
            raise failed("The Lambda function returned an error; its log tells which.")
        return result.answer.payload

    def _run(self, function: Any, payload: bytes) -> tuple[Event, Future[Result]]:
        """Begin in a thread of its own: who waits for it may give up before it is done."""
        begun, future = Event(), Future[Result]()

        def run() -> None:
            try:
                result = self._functions.invoke(function, str(uuid4()), payload, begun.set)
                future.set_result(result)
            except BaseException as exc:
                future.set_exception(exc)
            finally:
                begun.set()

        Thread(target=run, daemon=True, name="http-api").start()
        return begun, future


def _permitted(arn: str, source_arn: str) -> Any:
    """moto's function, if its policy lets this API in. Raises ApiError."""
    try:
        function = find_function(arn)
    except LambdaClientError as exc:
        raise failed(f"There is no function {arn}.") from exc
    if not service_may_invoke(function, _SERVICE, source_arn):
        _log.warning("%s may not be invoked by %s: no permission lets it.", arn, source_arn)
        raise failed("API Gateway does not have permission to invoke the function.")
    return function

"""What an HTTP API answers: a function's answer in format 2.0 or its own message, and CORS. Pure.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from deploy.local.apigateway.requests import ApiRequest

Headers = tuple[tuple[str, str], ...]

_JSON: Headers = (("Content-Type", "application/json"),)
_PLAIN: Headers = (("Content-Type", "text/plain;charset=UTF-8"),)
# The connection is the API's own business, whatever the function says of it.
_NOT_PASSED_ON = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

_PREFIX = "access-control-"
_ANY_OF_A_SCHEME = ("http://*", "https://*")


class MalformedAnswerError(ValueError):
    """The function's answer is not one that API Gateway understands."""


@dataclass(frozen=True)
class ApiAnswer:
    """One answer; a header may come several times, as Set-Cookie does."""

    status: int
    headers: Headers
    body: bytes

    @property
    def status_line(self) -> str:
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"

    @property
    def has_body(self) -> bool:
        return self.status not in _WITHOUT_BODY

    def with_headers(self, headers: Iterable[tuple[str, str]]) -> ApiAnswer:
        return replace(self, headers=(*self.headers, *headers))

    def without_headers(self, prefix: str) -> ApiAnswer:
        kept = tuple(each for each in self.headers if not each[0].lower().startswith(prefix))
        return replace(self, headers=kept)


class ApiError(Exception):
    """The API answers by itself, with `answer`; `reason` is for its access log."""

    def __init__(self, status: HTTPStatus, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.answer = ApiAnswer(status, _JSON, json.dumps({"message": message}).encode())


def not_found() -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "Not Found")


def unauthorized(reason: str = "") -> ApiError:
    return ApiError(HTTPStatus.UNAUTHORIZED, "Unauthorized", reason)


def forbidden(reason: str = "") -> ApiError:
    return ApiError(HTTPStatus.FORBIDDEN, "Forbidden", reason)


def too_many_requests() -> ApiError:
    return ApiError(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")


def failed(reason: str) -> ApiError:
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", reason)


def unavailable(reason: str) -> ApiError:
    return ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable", reason)


def read_answer(payload: bytes) -> ApiAnswer:
    """What a function's result means. Raises MalformedAnswerError."""
    try:
        result = json.loads(payload)
    except ValueError as exc:
        raise MalformedAnswerError("The function's answer is not JSON.") from exc
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result.encode() if isinstance(result, str) else payload
        return ApiAnswer(HTTPStatus.OK, _JSON, body)
    given = result.get("headers") or {}
    if not isinstance(given, dict):
        raise MalformedAnswerError("The headers are not an object.")
    headers = [(_header_value(name), _header_value(value)) for name, value in given.items()]
    kept = [each for each in headers if each[0].lower() not in _NOT_PASSED_ON]
    if not any(name.lower() == "content-type" for name, _ in kept):
        kept += _PLAIN
    cookies = [("Set-Cookie", _header_value(cookie)) for cookie in result.get("cookies") or []]
    return ApiAnswer(_status(result["statusCode"]), (*kept, *cookies), _body(result))


def _status(given: Any) -> int:
    try:
        status = int(given)
    except (TypeError, ValueError) as exc:
        raise MalformedAnswerError(f"{given!r} is not a statusCode.") from exc
    if not 100 <= status <= 599:
        raise MalformedAnswerError(f"{status} is not a statusCode.")
    return status


def _header_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float) or "\n" in str(value) or "\r" in str(value):
        # It may be a secret, and this is for the access log.
        raise MalformedAnswerError("A header is not one line of text.")
    return str(value)


def _body(result: dict[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswerError("The body is not a text.")
    if not result.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as exc:
        raise MalformedAnswerError("The body is not in base64.") from exc


def is_preflight(request: ApiRequest) -> bool:
    """Whether a browser asks for leave before it sends the request of another page."""
    asks = "access-control-request-method" in request.headers and "origin" in request.headers
    return request.method == "OPTIONS" and asks


def preflight_answer() -> ApiAnswer:
    """What the API says by itself; `with_cors` adds what is allowed."""
    return ApiAnswer(HTTPStatus.NO_CONTENT, (), b"")


def with_cors(
    answer: ApiAnswer, configuration: Mapping[str, Any] | None, request: ApiRequest
) -> ApiAnswer:
    """The answer with the API's own CORS headers; those of the function do not count then."""
    if not configuration:
        return answer
    own = answer.without_headers(_PREFIX)
    origin = _allowed_origin(configuration, request.headers.get("origin"))
    if origin is None:
        return own
    return own.with_headers(_headers(configuration, origin, is_preflight(request)))


def _allowed_origin(configuration: Mapping[str, Any], origin: str | None) -> str | None:
    allowed = configuration.get("allowOrigins", [])
    if origin is None:
        return None
    if "*" in allowed:
        return origin if configuration.get("allowCredentials") else "*"
    schemes = [each[:-1] for each in allowed if each in _ANY_OF_A_SCHEME]
    return origin if origin in allowed or origin.startswith(tuple(schemes)) else None


def _headers(configuration: Mapping[str, Any], origin: str, is_asked_for_leave: bool) -> Headers:
    lists = {"Expose-Headers": "exposeHeaders"}
    if is_asked_for_leave:
        lists = {"Allow-Methods": "allowMethods", "Allow-Headers": "allowHeaders"}
    headers = [("Access-Control-Allow-Origin", origin)]
    for name, key in lists.items():
        if configuration.get(key):
            headers.append((f"Access-Control-{name}", ",".join(configuration[key])))
    if configuration.get("allowCredentials"):
        headers.append(("Access-Control-Allow-Credentials", "true"))
    if is_asked_for_leave and configuration.get("maxAge") is not None:
        headers.append(("Access-Control-Max-Age", str(configuration["maxAge"])))
    return tuple(headers)

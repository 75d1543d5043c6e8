"""The CORS headers that an HTTP API adds by its CorsConfiguration. Pure.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from deploy.local.apigateway.answers import ApiAnswer, Headers
from deploy.local.apigateway.requests import ApiRequest

_PREFIX = "access-control-"
_ANY_OF_A_SCHEME = ("http://*", "https://*")


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

"""The events that functions get from an HTTP API."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.local.apigateway.requests import (
    ApiRequest,
    Place,
    authorizer_event,
    function_event,
    read_request,
)
from deploy.local.apigateway.routes import Match

PLACE = Place("123456789012", "eu-west-1", "abcdefgh", "$default")
NOW = datetime(2026, 11, 25, 9, 30, 0, 500000, UTC)


def request(
    target: str = "/", method: str = "GET", body: bytes = b"", **headers: str
) -> ApiRequest:
    """What comes in, in WSGI's own names."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "QUERY_STRING": target.partition("?")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8080",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.input": io.BytesIO(body),
        **headers,
    }
    return read_request(environ, "0a1b2c3d-0000-4000-8000-000000000000", NOW)


def test_a_request_as_an_event() -> None:
    """Everything of payload format 2.0 is there, and nothing that the request does not have."""
    given = request("/d/x?a=1", HTTP_USER_AGENT="agent")

    event = function_event(given, Match("GET /d/{token}", {"token": "x"}), PLACE, None)

    assert event == {
        "version": "2.0",
        "routeKey": "GET /d/{token}",
        "rawPath": "/d/x",
        "rawQueryString": "a=1",
        "headers": {
            "host": "127.0.0.1:8080",
            "user-agent": "agent",
            "x-amzn-trace-id": "Root=1-6b06aa98-0a1b2c3d0000400080000000",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"a": "1"},
        "pathParameters": {"token": "x"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefgh",
            "domainName": "127.0.0.1:8080",
            "domainPrefix": "abcdefgh",
            "http": {
                "method": "GET",
                "path": "/d/x",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": "0a1b2c3d-0000-4000-8000-000000000000",
            "routeKey": "GET /d/{token}",
            "stage": "$default",
            "time": "25/Nov/2026:09:30:00 +0000",
            "timeEpoch": 1795599000500,
        },
        "isBase64Encoded": False,
    }


def event_of(given: ApiRequest) -> dict[str, Any]:
    return function_event(given, Match("$default"), PLACE, None)


def test_names_that_come_twice() -> None:
    """The values of a parameter are joined, decoded; the query itself stays as it was sent."""
    event = event_of(request("/?a=1&a=x%20y&b=%2B&c=&a=%C3%BC"))

    assert event["rawQueryString"] == "a=1&a=x%20y&b=%2B&c=&a=%C3%BC"
    assert event["queryStringParameters"] == {"a": "1,x y,ü", "b": "+", "c": ""}


def test_a_path_is_decoded() -> None:
    """HTTP APIs decode the path, which REST APIs do not."""
    event = event_of(request("/my%20report%20%C3%BC.pdf"))

    assert event["rawPath"] == "/my report ü.pdf"
    assert event["requestContext"]["http"]["path"] == "/my report ü.pdf"


def test_cookies_are_no_header() -> None:
    """They have a list of their own."""
    event = event_of(request(HTTP_COOKIE="a=1; b=2"))

    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]


def test_who_stands_between() -> None:
    """API Gateway adds the caller's address to those that are told already."""
    event = event_of(request(HTTP_X_FORWARDED_FOR="192.0.2.1", HTTP_CONNECTION="close"))

    assert event["headers"]["x-forwarded-for"] == "192.0.2.1, 127.0.0.1"
    assert "connection" not in event["headers"]
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("text/plain", True),
        ("text/html; charset=utf-8", True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/octet-stream", False),
        ("application/problem+json", False),
        (None, False),
    ],
)
def test_bodies(content_type: str | None, is_text: bool) -> None:
    """Few types arrive as text; forms are not among them."""
    body = "address=bob%40example.com ü".encode()
    headers = {"CONTENT_TYPE": content_type} if content_type else {}

    event = event_of(request(method="POST", body=body, **headers))

    assert event["isBase64Encoded"] == (not is_text)
    assert event["body"] == (body.decode() if is_text else base64.b64encode(body).decode())


def test_without_a_body() -> None:
    """There is none in the event either, and so it is not encoded."""
    event = event_of(request(method="POST", CONTENT_TYPE="application/octet-stream"))

    assert "body" not in event
    assert event["isBase64Encoded"] is False


def test_what_authorization_tells() -> None:
    """The function learns who calls."""
    event = function_event(request(), Match("$default"), PLACE, {"lambda": {"linkId": "1"}})

    assert event["requestContext"]["authorizer"] == {"lambda": {"linkId": "1"}}


def test_an_authorizer_is_asked_about_the_request() -> None:
    """Its event names the route's ARN and the identity, and has no body."""
    given = request("/access-object?nonce=n", "POST", b"{}", CONTENT_TYPE="application/json")

    event = authorizer_event(given, Match("POST /access-object"), PLACE, ["n"])

    stage = "arn:aws:execute-api:eu-west-1:123456789012:abcdefgh/$default"
    assert event["type"] == "REQUEST"
    assert event["version"] == "2.0"
    assert event["routeArn"] == f"{stage}/POST/access-object"
    assert event["identitySource"] == ["n"]
    assert event["queryStringParameters"] == {"nonce": "n"}
    assert event["requestContext"]["routeKey"] == "POST /access-object"
    assert "body" not in event


def test_an_authorizer_without_identity_sources() -> None:
    """It is told of none."""
    assert authorizer_event(request(), Match("$default"), PLACE, [])["identitySource"] is None


def test_names_of_routes_in_policies() -> None:
    """Stage, method and path; the default route has no method."""
    api = "arn:aws:execute-api:eu-west-1:123456789012:abcdefgh"

    assert PLACE.invoked_arn("GET", "/d/{token}") == f"{api}/$default/GET/d/{{token}}"
    assert PLACE.invoked_arn("GET", "$default") == f"{api}/$default/$default"

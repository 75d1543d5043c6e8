"""The CORS headers of an HTTP API."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.apigateway.answers import ApiAnswer, is_preflight, preflight_answer, with_cors
from tests.local.apigateway.test_events import request

OURS = "https://example.com"
CONFIGURATION: dict[str, Any] = {
    "allowOrigins": [OURS],
    "allowMethods": ["GET", "POST"],
    "allowHeaders": ["content-type", "x-own"],
    "exposeHeaders": ["x-told"],
    "maxAge": 300,
}
ASKING = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}


def headers(origin: str | None, configuration: Any, **more: str) -> dict[str, str]:
    """The headers of an answer to a page from `origin`; a preflight's when it asks for leave."""
    given = {"HTTP_ORIGIN": origin, **more} if origin else more
    asked = request(method="OPTIONS" if more else "GET", **given)
    answer = preflight_answer() if more else ApiAnswer(200, (("X-Own", "1"),), b"")
    return dict(with_cors(answer, configuration, asked).headers)


def test_what_a_browser_asks_before() -> None:
    """The API says who may do what, and for how long that holds."""
    assert headers(OURS, CONFIGURATION, **ASKING) == {
        "Access-Control-Allow-Origin": OURS,
        "Access-Control-Allow-Methods": "GET,POST",
        "Access-Control-Allow-Headers": "content-type,x-own",
        "Access-Control-Max-Age": "300",
    }
    assert preflight_answer().status == 204


def test_an_answer_to_an_allowed_page() -> None:
    """It may be read by that page, with the headers that are exposed."""
    assert headers(OURS, CONFIGURATION) == {
        "X-Own": "1",
        "Access-Control-Allow-Origin": OURS,
        "Access-Control-Expose-Headers": "x-told",
    }


@pytest.mark.parametrize("origin", ["https://example.net", "http://example.com", "null", None])
@pytest.mark.parametrize("more", [{}, ASKING])
def test_other_pages(origin: str | None, more: dict[str, str]) -> None:
    """Nothing allows them anything."""
    told = headers(origin, CONFIGURATION, **more)

    assert not [name for name in told if name.startswith("Access-Control-")]


@pytest.mark.parametrize(
    ("allowed", "credentials", "expected"),
    [
        (["*"], False, "*"),
        (["https://*"], False, OURS),
        (["http://*"], False, None),
        (["https://example.net", OURS], True, OURS),
    ],
)
def test_origins(allowed: list[str], credentials: bool, expected: str | None) -> None:
    """Any origin, any of a scheme, or a list."""
    given = {"allowOrigins": allowed, "allowCredentials": credentials}

    told = headers(OURS, given)

    assert told.get("Access-Control-Allow-Origin") == expected
    assert told.get("Access-Control-Allow-Credentials") == ("true" if credentials else None)


def test_the_functions_own_headers_do_not_count() -> None:
    """With a configuration, API Gateway ignores what the function says of CORS."""
    said = ApiAnswer(200, (("access-control-allow-origin", "*"),), b"")
    foreign = request(HTTP_ORIGIN="https://example.net")

    assert with_cors(said, CONFIGURATION, foreign).headers == ()
    assert with_cors(said, None, foreign) == said


@pytest.mark.parametrize(
    ("method", "given", "expected"),
    [
        ("OPTIONS", {"HTTP_ORIGIN": OURS, **ASKING}, True),
        ("OPTIONS", {"HTTP_ORIGIN": OURS}, False),
        ("OPTIONS", ASKING, False),
        ("GET", {"HTTP_ORIGIN": OURS, **ASKING}, False),
    ],
)
def test_preflights(method: str, given: dict[str, str], expected: bool) -> None:
    """A browser's question has a method, an origin, and what is to follow."""
    assert is_preflight(request(method=method, **given)) == expected

"""Signatures in the headers of requests to HTTP APIs."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from deploy.local.apigateway.requests import ApiRequest, read_request
from deploy.local.apigateway.sigv4 import SignatureError, check_signature, read_signature
from deploy.local.iam.credentials import Keys
from tests.local.apis import signed

OPERATOR = Keys("AKIDOPERATOR", "secret")
SESSION = Keys("ASIASESSION", "secret", "token", datetime.now(UTC) + timedelta(hours=1))
URL = "http://127.0.0.1:8080/presigned-url?operation=download&fileKey=a%20b%2F%C3%BC"


def sent(
    keys: Keys, url: str = URL, method: str = "GET", body: bytes = b"", **options: str
) -> ApiRequest:
    """A signed request as it comes in."""
    headers = signed(url, keys, method, body or None, **options)
    parts = urlsplit(url)
    environ = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": f"{parts.path}?{parts.query}",
        "QUERY_STRING": parts.query,
        "HTTP_HOST": parts.netloc,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    return read_request(environ, "1", datetime.now(UTC))


def refusal(request: ApiRequest, keys: Keys | None) -> str | None:
    """Why the request is refused; None when it is not."""
    try:
        check_signature(request, read_signature(request), keys, "eu-west-1")
    except SignatureError as exc:
        return str(exc)
    return None


@pytest.mark.parametrize("keys", [OPERATOR, SESSION])
@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", URL, b""),
        ("POST", "http://127.0.0.1:8080/generate-url", b'{"bucket_name": "x"}'),
        ("GET", "http://127.0.0.1:8080/", b""),
        ("GET", "http://127.0.0.1:8080/a%20b/%C3%BC+~?b=2&a=1&a=0&c", b""),
        ("GET", "http://127.0.0.1:8080/a//b/../c?x=a%2Bb", b""),
    ],
)
def test_what_aws_clients_sign(keys: Keys, method: str, url: str, body: bytes) -> None:
    """botocore's own signatures hold, of whatever is asked."""
    assert refusal(sent(keys, url, method, body), keys) is None


def with_header(name: str, value: str | None) -> Callable[[ApiRequest], ApiRequest]:
    def change(request: ApiRequest) -> ApiRequest:
        headers = {**request.headers, name: value or ""}
        if value is None:
            del headers[name]
        return replace(request, headers=headers)

    return change


WRONG = "The signature is not the one of this request."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda request: replace(request, method="POST"), WRONG),
        (lambda request: replace(request, sent_path="/generate-url"), WRONG),
        (lambda request: replace(request, query=request.query + "&x=1"), WRONG),
        (lambda request: replace(request, body=b"x"), WRONG),
        (with_header("host", "127.0.0.1:9"), WRONG),
        (with_header("authorization", None), "The request is not signed."),
        (with_header("authorization", "Bearer x"), "The request is not signed."),
        (with_header("x-amz-more", "1"), "Headers are not signed: x-amz-more."),
        (
            with_header("x-amz-security-token", "other"),
            "Headers are not signed: x-amz-security-token.",
        ),
        (
            with_header("x-amz-date", "20200101T000000Z"),
            "The date of the credential is not the one of X-Amz-Date.",
        ),
    ],
)
def test_what_somebody_has_changed(change: Callable[[ApiRequest], ApiRequest], reason: str) -> None:
    """Nothing of a signed request can be another."""
    assert refusal(change(sent(OPERATOR)), OPERATOR) == reason


def test_headers_that_are_not_signed_may_change() -> None:
    """What stands between adds its own."""
    assert refusal(with_header("user-agent", "x")(sent(OPERATOR)), OPERATOR) is None


def test_a_name_that_is_not_signed() -> None:
    """A signature without the host would hold for any API."""
    request = sent(OPERATOR)
    authorization = request.headers["authorization"].replace("=host;", "=")

    assert refusal(with_header("authorization", authorization)(request), OPERATOR) == (
        "Headers are not signed: host."
    )


@pytest.mark.parametrize(
    ("minutes", "holds"), [(-6, False), (-4, True), (4, True), (6, False), (60, False)]
)
def test_the_time(minutes: int, holds: bool) -> None:
    """A signature holds for five minutes, and so long before."""
    request = sent(OPERATOR)
    later = replace(request, at=request.at + timedelta(minutes=minutes))

    reason = refusal(later, OPERATOR)

    assert (reason is None) == holds
    assert holds or re.match(r"It was signed at \w+, which is not now.", reason or "")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (None, "Nobody has these keys."),
        (replace(SESSION, secret_access_key="other"), WRONG),
        (
            replace(SESSION, session_token="other"),
            "The session token is not the one of these keys.",
        ),
        (replace(SESSION, expires=datetime(2020, 1, 1, tzinfo=UTC)), "The session has ended."),
    ],
)
def test_keys(keys: Keys | None, reason: str) -> None:
    """They have to be somebody's, and those of the signature."""
    assert refusal(sent(SESSION), keys) == reason


def test_a_session_without_its_token() -> None:
    """The keys alone are not enough."""
    request = sent(replace(SESSION, session_token=None))

    assert refusal(request, SESSION) == "The session token is not the one of these keys."


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"service": "s3"}, "It is signed for s3 in eu-west-1."),
        ({"region": "us-east-1"}, "It is signed for execute-api in us-east-1."),
    ],
)
def test_signatures_for_another_service(options: dict[str, str], reason: str) -> None:
    """One that somebody gave to another service cannot be used here."""
    assert refusal(sent(OPERATOR, **options), OPERATOR) == reason

"""What a function's answer means to an HTTP API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.local.apigateway.answers import MalformedAnswerError, forbidden, read_answer

JSON = ("Content-Type", "application/json")
PLAIN = ("Content-Type", "text/plain;charset=UTF-8")


def test_a_full_answer() -> None:
    """Status, headers, a header per cookie, and the body's own bytes."""
    answer = read_answer(
        json.dumps(
            {
                "statusCode": 303,
                "headers": {"Location": "https://example.com/", "content-type": "text/html"},
                "cookies": ["a=1; Secure", "b=2"],
                "body": "ü",
            }
        ).encode()
    )

    assert (answer.status, answer.status_line) == (303, "303 See Other")
    assert answer.headers == (
        ("Location", "https://example.com/"),
        ("content-type", "text/html"),
        ("Set-Cookie", "a=1; Secure"),
        ("Set-Cookie", "b=2"),
    )
    assert answer.body == "ü".encode()


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"message": "Hello"}, b'{"message": "Hello"}'),
        ("Hello from Lambda!", b"Hello from Lambda!"),
        ([1], b"[1]"),
        (None, b"null"),
    ],
)
def test_an_answer_without_a_status(result: Any, body: bytes) -> None:
    """It is taken for the body of a good answer in JSON."""
    answer = read_answer(json.dumps(result).encode())

    assert (answer.status, answer.headers, answer.body) == (200, (JSON,), body)


@pytest.mark.parametrize(
    ("result", "headers", "body"),
    [
        ({"statusCode": 204}, (PLAIN,), b""),
        ({"statusCode": "200", "body": "x"}, (PLAIN,), b"x"),
        ({"statusCode": 200, "headers": {"X-Number": 5}}, (("X-Number", "5"), PLAIN), b""),
        ({"statusCode": 200, "headers": {"X-Yes": True}}, (("X-Yes", "true"), PLAIN), b""),
        ({"statusCode": 200, "headers": None, "cookies": None, "body": None}, (PLAIN,), b""),
        ({"statusCode": 200, "headers": {"Content-Length": "9", "Connection": "x"}}, (PLAIN,), b""),
        (
            {
                "statusCode": 200,
                "isBase64Encoded": True,
                "body": "/w==",
            },
            (PLAIN,),
            b"\xff",
        ),
    ],
)
def test_parts(result: Any, headers: Any, body: bytes) -> None:
    """What may be left out, and what belongs to the connection."""
    answer = read_answer(json.dumps(result).encode())

    assert (answer.headers, answer.body) == (headers, body)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": None},
        {"statusCode": 42},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"A": ["b"]}},
        {"statusCode": 200, "headers": {"A": "b\r\nC: d"}},
        {"statusCode": 200, "headers": {"A\n": "b"}},
        {"statusCode": 200, "cookies": ["a=1\r\nC: d"]},
        {"statusCode": 200, "isBase64Encoded": True, "body": "ü"},
    ],
)
def test_answers_that_nobody_understands(result: Any) -> None:
    """API Gateway answers 500 for these."""
    with pytest.raises(MalformedAnswerError):
        read_answer(json.dumps(result).encode())


def test_the_apis_own_messages() -> None:
    """They are JSON with a message, and do not say more than the status."""
    answer = forbidden("because").answer

    assert (answer.status, answer.body) == (403, b'{"message": "Forbidden"}')

"""Requests to an HTTP API are read strictly: what is doubtful is refused with a sentence."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from http_api.requests import (
    LONGEST_BODY,
    BadRequest,
    json_object_of,
    parameters_of,
    request_of,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.lambda_src.programs_world import CALLER, REQUEST_ID, request_for

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.dictionaries(_TEXTS, _TEXTS, max_size=5), st.booleans())
def test_every_value_arrives_as_it_was_meant(parameters: dict[str, str], plus: bool) -> None:
    """Whatever is in it, and whether a space came as "+" or "%20"; those of signatures aside."""
    encode = quote_plus if plus else quote
    query = "&".join(
        f"{encode(name, safe='')}={encode(value, safe='')}" for name, value in parameters.items()
    )

    expected = {n: v for n, v in parameters.items() if not n.lower().startswith("x-amz-")}
    assert parameters_of(query) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a=1&a=2", 'The query parameter "a" is given twice; give it once.'),
        ("a=1&a=1", 'The query parameter "a" is given twice; give it once.'),
        ("a=1&%61=1", 'The query parameter "a" is given twice; give it once.'),
        ("a=1&", None),
        ("a=100%", "The query has a % without two hexadecimal digits; write a % as %25."),
        ("a=%zz", "The query has a % without two hexadecimal digits; write a % as %25."),
        ("a=%ff", "The query is not UTF-8; encode its values in UTF-8."),
        ("a=%ed%a0%80", "The query is not UTF-8; encode its values in UTF-8."),
        ("a=\ud800", "The query is not UTF-8; encode its values in UTF-8."),
    ],
)
def test_a_doubtful_query_is_refused(query: str, said: str | None) -> None:
    """API Gateway's own reading would join, guess or replace."""
    if said is None:
        assert parameters_of(query) == {"a": "1", "": ""}
        return

    with pytest.raises(BadRequest) as refused:
        parameters_of(query)

    assert str(refused.value) == said


def test_a_signature_in_the_query_is_no_parameter() -> None:
    """Who signs there and not in a header sends the same request."""
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&fileKey=a&X-Amz-Signature=00&x-amz-date=1"

    assert parameters_of(query) == {"fileKey": "a"}


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "{}{}", "'a'", '{"a": 1, "a": 2}', "[" * 100_000, '{"a":' * 50_000),
        *("1" * 10_000, "\ud800", "\ufeff{}"),
    ],
)
def test_a_body_that_is_no_json_is_refused(body: str) -> None:
    """Nothing, half of it, twice a name, deeper than Python reads, or a number too long for it."""
    with pytest.raises(BadRequest, match=r"send one JSON object\.$"):
        json_object_of(request_of(request_for("POST /", body=body)).body)


@pytest.mark.parametrize("document", [None, True, 1, "a", [], [{}]])
def test_json_that_is_not_an_object_is_refused(document: object) -> None:
    """Fields have names."""
    with pytest.raises(BadRequest, match="The body is JSON, but not an object"):
        json_object_of(json.dumps(document).encode())


def test_a_body_beyond_all_measure_is_refused_unread() -> None:
    """API Gateway passes on up to 10 MB."""
    body = json.dumps({"a": "b" * LONGEST_BODY}).encode()

    with pytest.raises(BadRequest, match=f"longer than {LONGEST_BODY} bytes"):
        json_object_of(body)


def test_a_body_of_any_type_is_read() -> None:
    """API Gateway encodes what is not text by its type, and curl calls `--data` a form."""
    encoded = b64encode(b'{"a": 1}').decode()
    event = request_for("POST /", body=encoded, isBase64Encoded=True)

    assert json_object_of(request_of(event).body) == {"a": 1}


@pytest.mark.parametrize("body", ["{}", "e30", "e3 0=", "ü"])
def test_a_body_that_is_encoded_wrongly_is_refused(body: str) -> None:
    """Only who calls the function by hand can send one."""
    with pytest.raises(BadRequest, match="The body cannot be read"):
        request_of(request_for("POST /", body=body, isBase64Encoded=True))


@pytest.mark.parametrize(
    "event",
    [
        *(None, 7, "GET /", [], {"routeKey": 7}, {"rawQueryString": {}}, {"body": {}}),
    ],
)
def test_an_event_of_something_else_is_refused(event: Any) -> None:
    """Somebody called the function by hand."""
    with pytest.raises(BadRequest, match="answers requests of an HTTP API only"):
        request_of(event)


def test_a_request_knows_its_id_and_its_caller() -> None:
    """For the log; its query and its body are left out of its repr."""
    request = request_of(request_for("GET /", "nonce=abc", body="a secret"))

    assert (request.id, request.caller) == (REQUEST_ID, CALLER)
    assert "abc" not in repr(request)
    assert "secret" not in repr(request)


@pytest.mark.parametrize("context", [None, 7, {}, {"requestId": 7, "authorizer": {"iam": None}}])
def test_a_request_without_a_caller(context: object) -> None:
    """Routes that anybody may call have none."""
    request = request_of(request_for("GET /", requestContext=context))

    assert (request.id, request.caller) == ("", None)


@pytest.mark.parametrize(
    ("authorizer", "claims"),
    [
        (
            {"jwt": {"claims": {"sub": "a", "groups": ["b"]}, "scopes": None}},
            {"sub": "a", "groups": ["b"]},
        ),
        ({"jwt": {"claims": None}}, {}),
        ({"jwt": {"claims": "sub"}}, {}),
        ({"jwt": None}, {}),
        ({"lambda": {"claims": {"sub": "a"}}, "iam": {"userArn": CALLER}}, {}),
        (None, {}),
    ],
)
def test_claims_are_those_of_a_token_that_was_checked(authorizer: Any, claims: Any) -> None:
    """By the API's JWT authorizer, and by nothing else; they are in no repr."""
    event = request_for("GET /")
    event["requestContext"]["authorizer"] = authorizer

    request = request_of(event)

    assert request.claims == claims
    assert "claims" not in repr(request)

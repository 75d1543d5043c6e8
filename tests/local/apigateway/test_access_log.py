"""The lines of an HTTP API's access log."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from deploy.local.apigateway.answers import ApiAnswer, ApiError, failed, forbidden, read_answer
from deploy.local.apigateway.exchange import Exchange, log_line
from deploy.local.apigateway.routes import Match
from tests.local.apigateway.test_events import PLACE, request


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("$context.requestId", "1"),
        ("$context.requestId $context.status", "1 200"),
        ("[$context.identity.sourceIp]", "[127.0.0.1]"),
        ('{"id":"$context.requestId","x":"$context.unknown.thing"}', '{"id":"1","x":"-"}'),
        ("$context.empty $context.none", "- -"),
        ("$context.flag $context.zero", "true 0"),
        ("nothing $requestId", "nothing $requestId"),
    ],
)
def test_variables(pattern: str, line: str) -> None:
    """Each is replaced by its value, or by a dash where there is none."""
    values = {
        "requestId": "1",
        "status": 200,
        "identity.sourceIp": "127.0.0.1",
        "empty": "",
        "none": None,
        "flag": True,
        "zero": 0,
    }

    assert log_line(pattern, values) == line


def test_a_callers_text_stays_in_its_place() -> None:
    """Whatever a browser calls itself, the line is the JSON that the format promises."""
    line = log_line('{"agent":"$context.identity.userAgent"}', {"identity.userAgent": '"},{"\n'})

    assert json.loads(line) == {"agent": '"},{"\n'}


def test_what_is_told_of_a_request() -> None:
    """Its way through the API."""
    exchange = Exchange(request("/d/x?secret=1"), PLACE, Match("GET /d/{token}", {"token": "x"}))
    with exchange.timing_integration():
        answer = read_answer(b'{"statusCode": 404, "body": "no"}')

    values = exchange.log_values(answer)

    assert values["routeKey"] == "GET /d/{token}"
    assert (values["status"], values["responseLength"]) == (404, 2)
    assert (values["integrationStatus"], values["integrationLatency"]) == (200, 0)
    assert not [value for value in values.values() if "secret" in str(value)]


@pytest.mark.parametrize(
    ("error", "was_invoked", "expected"),
    [
        (
            forbidden("It is not signed."),
            False,
            {"error.message": "Forbidden", "authorizer.error": "It is not signed."},
        ),
        (
            failed("The function failed."),
            True,
            {
                "error.message": "Internal Server Error",
                "integrationErrorMessage": "The function failed.",
                "integrationStatus": HTTPStatus.INTERNAL_SERVER_ERROR,
            },
        ),
    ],
)
def test_what_is_told_of_an_error(
    error: ApiError, was_invoked: bool, expected: dict[str, object]
) -> None:
    """The line has the reason, which the caller does not get."""
    exchange = Exchange(request(), PLACE, Match("$default"), error=error)
    if was_invoked:
        exchange.integration_latency = 1.0

    values = exchange.log_values(error.answer)

    assert expected.items() <= values.items()


def test_what_is_told_of_the_caller() -> None:
    """What an authorizer says, and who has signed."""
    by_function = Exchange(request(), PLACE, authorizer={"lambda": {"linkId": "1"}})
    by_iam = Exchange(request(), PLACE, authorizer={"iam": {"userArn": "arn:x", "userId": "u"}})
    answer = ApiAnswer(200, (), b"")

    assert by_function.log_values(answer)["authorizer.linkId"] == "1"
    assert by_iam.log_values(answer)["identity.userArn"] == "arn:x"
    assert by_iam.log_values(answer)["identity.user"] == "u"

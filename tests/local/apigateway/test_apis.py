"""HTTP APIs at work: requests reach functions, and what those say reaches the caller."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.server import EmbeddedAws
from tests.local import apis
from tests.local.account import Account
from tests.local.apis import Reply, ask
from tests.local.stacks import Stacks, template

pytestmark = pytest.mark.slow

# Does what the query says, else tells its event.
FUNCTION = """
    import json, time

    def handle(event, context):
        given = event.get("queryStringParameters", {})
        match given.get("do"):
            case "fail":
                raise ValueError("secret")
            case "answer":
                return json.loads(given["what"])
            case "sleep":
                time.sleep(900)
        return {"statusCode": 200, "body": json.dumps(event)}
"""
LOG_FORMAT = (
    '{"route":"$context.routeKey","status":"$context.status","method":"$context.httpMethod",'
    '"error":"$context.error.message","why":"$context.integrationErrorMessage",'
    '"ip":"$context.identity.sourceIp","x":"$context.unknown"}'
)
ORIGIN = "https://example.com"
FORBIDDEN = {"message": "Forbidden"}
UNAVAILABLE = {"message": "Service Unavailable"}
FAILED = {"message": "Internal Server Error"}


@dataclass(frozen=True)
class Place:
    """Some APIs of one account, by name."""

    account: Account
    urls: dict[str, str]

    def ask(self, api: str, target: str = "/", *arguments: Any, **options: Any) -> Reply:
        return ask(f"{self.urls[api]}{target}", *arguments, **options)

    def event(self, target: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The event that the function gets."""
        reply = self.ask("Plain", target, *arguments, **options)
        assert reply.status == 200, reply
        return dict(reply.document)

    def log(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.account.log_messages("/apis/plain")]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with EmbeddedAws(patience=1) as aws:
        account = Account(aws)
        arn = account.create_function(FUNCTION)
        locked = account.create_function(FUNCTION, FunctionName="locked")
        stacks = Stacks(account)
        assert stacks.apply("apis", _template(arn, locked)) == "CREATE_COMPLETE", stacks.history(
            "apis"
        )
        yield Place(account, stacks.outputs("apis"))


def _template(arn: str, locked: str) -> dict[str, Any]:
    log = {
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/apis/plain"}},
    }
    logged = {"DestinationArn": {"Fn::GetAtt": ["Log", "Arn"]}, "Format": LOG_FORMAT}
    limits = {"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 2}
    cors = {"AllowOrigins": [ORIGIN], "AllowMethods": ["POST"], "MaxAge": 60}
    return template(
        {
            **log,
            **apis.api("Plain", {"AccessLogSettings": logged}),
            **apis.integration("Plain", "Echo", arn),
            **apis.integration("Plain", "Impatient", arn, TimeoutInMillis=200),
            **apis.integration("Plain", "Locked", locked),
            **apis.routes("Plain", "Echo", "GET /things/{id}", "POST /things", "ANY /any"),
            **apis.routes("Plain", "Impatient", "GET /impatient"),
            **apis.routes("Plain", "Locked", "GET /locked"),
            **apis.permission("Plain", arn),
            **apis.api("Open", CorsConfiguration=cors),
            **apis.integration("Open", "Default", arn),
            **apis.routes("Open", "Default", "$default"),
            **apis.permission("Open", arn, "*/$default"),
            **apis.api("Shared", CorsConfiguration=cors),
            **apis.integration("Shared", "Form", arn),
            **apis.routes("Shared", "Form", "POST /form"),
            **apis.api("Narrow", {"DefaultRouteSettings": limits}),
            **apis.integration("Narrow", "Rare", arn),
            **apis.routes("Narrow", "Rare", "GET /a", "GET /{proxy+}"),
            **apis.permission("Narrow", arn, "$default/GET/a"),
        },
        Outputs=apis.endpoints("Plain", "Open", "Shared", "Narrow"),
    )


def test_a_function_gets_the_request(place: Place) -> None:
    """It learns where the API is, and what was asked."""
    event = place.event("/things/5?a=1", headers={"X-Own": "ü".encode().decode("latin-1")})

    host = place.urls["Plain"].removeprefix("http://")
    assert host.startswith("127.0.0.1:")
    assert event["requestContext"]["domainName"] == host
    assert event["routeKey"] == "GET /things/{id}"
    assert event["pathParameters"] == {"id": "5"}
    assert event["headers"]["x-own"] == "ü"


def test_a_form(place: Place) -> None:
    """A page's form arrives in base64."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    event = place.event("/things", "POST", b"a=1", headers)

    assert (event["body"], event["isBase64Encoded"]) == ("YT0x", True)


def test_callers_have_addresses(place: Place) -> None:
    """Who calls from another address of this machine is somebody else."""
    event = place.event("/any", source="127.0.0.2")

    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.2"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_any_method(place: Place, method: str) -> None:
    """A route of ANY takes them all."""
    assert place.event("/any", method)["requestContext"]["http"]["method"] == method


def test_head(place: Place) -> None:
    """The answer comes without its body; a route of GET does not take it."""
    reply = place.ask("Plain", "/any", "HEAD")

    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.header("Content-Length") or 0) > 100
    assert place.ask("Plain", "/things/5", "HEAD").status == 404


def test_what_the_function_answers(place: Place) -> None:
    """Status, headers and cookies are the function's; the API adds the request's id."""
    what = (
        '{"statusCode":303,"headers":{"location":"https://example.com/"},"cookies":["a=1","b=2"]}'
    )

    reply = place.ask("Plain", f"/any?do=answer&what={what}")

    assert (reply.status, reply.body) == (303, b"")
    assert reply.header("Location") == "https://example.com/"
    assert reply.header("Set-Cookie") == "a=1,b=2"
    assert reply.header("Apigw-Requestid")


@pytest.mark.parametrize(
    ("api", "target", "method", "status", "answer"),
    [
        ("Plain", "/", "GET", 404, {"message": "Not Found"}),
        ("Plain", "/things", "GET", 404, {"message": "Not Found"}),
        ("Plain", "/any?do=fail", "GET", 500, FAILED),
        ("Plain", '/any?do=answer&what={"statusCode":1}', "GET", 500, FAILED),
        ("Plain", "/locked", "GET", 500, FAILED),
        ("Plain", "/impatient?do=sleep", "GET", 503, UNAVAILABLE),
        ("Narrow", "/b", "GET", 500, FAILED),
    ],
)
def test_what_goes_wrong(
    place: Place, api: str, target: str, method: str, status: int, answer: dict[str, str]
) -> None:
    """The API answers by itself, and the caller does not learn why."""
    reply = place.ask(api, target, method)

    assert (reply.status, reply.document) == (status, answer)
    assert reply.header("Content-Type") == "application/json"


def test_the_log_says_who_may_not_invoke_what(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """A permission that was forgotten in a template is found."""
    with caplog.at_level(logging.WARNING):
        place.ask("Plain", "/locked")

    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("arn:aws:lambda:eu-west-1:123456789012:function:locked may not be ")
    assert line.endswith("/$default/GET/locked: no permission lets it.")


def test_a_throttled_function(place: Place) -> None:
    """Who comes when the function may not run is told to come later."""
    client = place.account.client("lambda")
    client.put_function_concurrency(FunctionName="function", ReservedConcurrentExecutions=0)
    try:
        reply = place.ask("Plain", "/any")
    finally:
        client.delete_function_concurrency(FunctionName="function")

    assert (reply.status, reply.document) == (503, UNAVAILABLE)


@pytest.mark.parametrize(
    ("service", "status", "answer"), [("execute-api", 503, UNAVAILABLE), ("lambda", 500, FAILED)]
)
def test_services_that_are_stopped(
    place: Place, service: str, status: int, answer: dict[str, str]
) -> None:
    """Without them there is no answer of the function."""
    place.account.aws.services.stop(service)
    try:
        reply = place.ask("Plain", "/any")
    finally:
        place.account.aws.services.start(service)

    assert (reply.status, reply.document) == (status, answer)
    assert place.ask("Plain", "/any").status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:1", 200), ("127.0.0.1", 200), ("example.com", 403), ("[::1", 403)],
)
def test_names_of_this_machine(place: Place, host: str, status: int) -> None:
    """A name elsewhere that leads to this machine does not open the API."""
    assert place.ask("Plain", "/any", headers={"Host": host}).status == status


def test_any_page_may_ask(place: Place) -> None:
    """It is the function that decides what it does for other pages."""
    event = place.event("/any", headers={"Origin": "https://example.net"})

    assert event["headers"]["origin"] == "https://example.net"


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://example.net", None)])
def test_a_preflight(place: Place, origin: str, allowed: str | None) -> None:
    """Where no route takes OPTIONS, the API answers a browser's question by itself."""
    asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    reply = place.ask("Shared", "/form", "OPTIONS", headers=asking)

    assert (reply.status, reply.body) == (204, b"")
    assert reply.header("Access-Control-Allow-Origin") == allowed
    assert reply.header("Access-Control-Allow-Methods") == ("POST" if allowed else None)
    assert place.ask("Shared", "/form", "OPTIONS").status == 404


def test_a_preflight_that_a_route_takes(place: Place) -> None:
    """A default route gets it, and has to answer well; the API adds the headers."""
    asking = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    what = '{"statusCode":404}'

    good = place.ask("Open", "/x", "OPTIONS", headers=asking)
    bad = place.ask("Open", f"/x?do=answer&what={what}", "OPTIONS", headers=asking)

    assert (good.status, good.document["routeKey"]) == (200, "$default")
    assert good.header("Access-Control-Allow-Methods") == "POST"
    assert (bad.status, bad.header("Access-Control-Allow-Origin")) == (404, ORIGIN)


def test_cors_of_an_answer(place: Place) -> None:
    """An answer to an allowed page says so, whatever the function says; an error's, too."""
    what = '{"statusCode":200,"headers":{"access-control-allow-origin":"*"}}'

    good = place.ask("Open", f"/?do=answer&what={what}", headers={"Origin": ORIGIN})
    bad = place.ask("Open", "/?do=fail", headers={"Origin": ORIGIN})
    other = place.ask("Open", f"/?do=answer&what={what}")

    assert (good.status, good.header("Access-Control-Allow-Origin")) == (200, ORIGIN)
    assert (bad.status, bad.header("Access-Control-Allow-Origin")) == (500, ORIGIN)
    assert other.header("Access-Control-Allow-Origin") is None


def test_too_many_requests(place: Place) -> None:
    """A route takes what its stage lets it; others go on."""
    statuses = [place.ask("Narrow", "/a").status for _ in range(4)]
    last = place.ask("Narrow", "/a")

    assert statuses == [200, 200, 429, 429]
    assert last.document == {"message": "Too Many Requests"}
    assert place.ask("Plain", "/any").status == 200


def test_the_access_log(place: Place) -> None:
    """Every request to the stage is one line, with those that the API answers itself."""
    before = len(place.log())

    place.ask("Plain", "/things/secret?secret=1")
    place.ask("Plain", "/nowhere", "POST")
    place.ask("Plain", "/any?do=fail")

    usual = {"method": "GET", "error": "-", "why": "-", "ip": "127.0.0.1", "x": "-"}
    assert place.log()[before:] == [
        {**usual, "route": "GET /things/{id}", "status": "200"},
        {**usual, "route": "-", "status": "404", "method": "POST", "error": "Not Found"},
        {
            **usual,
            "route": "ANY /any",
            "status": "500",
            "error": "Internal Server Error",
            "why": "The Lambda function returned an error; its log tells which.",
        },
    ]


def test_metrics(place: Place) -> None:
    """Alarms can watch an API's errors."""
    cloudwatch = place.account.client("cloudwatch")
    apis_by_name = {
        one["Name"]: one["ApiId"]
        for one in place.account.client("apigatewayv2").get_apis()["Items"]
    }

    def total(metric: str) -> float:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/ApiGateway",
            MetricName=metric,
            Dimensions=[
                {"Name": "ApiId", "Value": apis_by_name["Plain"]},
                {"Name": "Stage", "Value": "$default"},
            ],
            StartTime=time.time() - 3600,
            EndTime=time.time() + 60,
            Period=7200,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    before = [total(metric) for metric in ("Count", "4xx", "5xx")]
    place.ask("Plain", "/any")
    place.ask("Plain", "/nowhere")
    place.ask("Plain", "/any?do=fail")

    after = [total(metric) for metric in ("Count", "4xx", "5xx")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [3, 1, 1]


def test_many_at_once(place: Place) -> None:
    """Requests do not wait for each other while processes are free."""
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: place.ask("Plain", "/any"), range(12)))

    assert [reply.status for reply in replies] == [200] * 12


def test_an_api_that_is_deleted(place: Place) -> None:
    """Its port is closed with it; one that is made by hand listens, too."""
    client = place.account.client("apigatewayv2")
    made = client.create_api(Name="by hand", ProtocolType="HTTP")
    assert ask(made["ApiEndpoint"]).status == 404

    client.delete_api(ApiId=made["ApiId"])

    with pytest.raises(OSError, match="refused"):
        ask(made["ApiEndpoint"])

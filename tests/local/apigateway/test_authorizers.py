"""Routes of HTTP APIs that not everybody may take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys, assume
from deploy.local.server import EmbeddedAws
from tests.local import apis
from tests.local.account import Account, allowing
from tests.local.apis import Reply, ask, signed
from tests.local.links import Clock
from tests.local.stacks import Stacks, template

pytestmark = pytest.mark.slow

ECHO = """
    import json

    def handle(event, context):
        return {"statusCode": 200, "body": json.dumps(event)}
"""
# Lets in whose nonce is "good", says more of it, and misbehaves in several ways.
GATE = """
    def handle(event, context):
        match event.get("queryStringParameters", {}).get("nonce"):
            case "good":
                seen = {"arn": event["routeArn"], "identity": event["identitySource"] or []}
                return {"isAuthorized": True, "context": {"linkId": "1", "seen": seen}}
            case "silent":
                return {"isAuthorized": True}
            case "vague":
                return {"isAuthorized": "yes"}
            case "fails":
                raise ValueError("secret")
        return {"isAuthorized": False}
"""
OPERATOR = Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)
FORBIDDEN = {"message": "Forbidden"}
LOG_FORMAT = "$context.status $context.authorizer.error $context.authorizer.linkId"


@dataclass(frozen=True)
class Place:
    account: Account
    clock: Clock
    url: str
    api_id: str

    def ask(self, target: str, keys: Keys | None = None, method: str = "GET") -> Reply:
        """Ask, signed with these keys."""
        url = f"{self.url}{target}"
        return ask(url, method, headers=signed(url, keys, method) if keys else {})

    def session(self) -> Keys:
        """Keys of a session of the role."""
        return assume(self.account.role, "program", "eu-west-1")

    def arn(self, resource: str) -> str:
        return f"arn:aws:execute-api:eu-west-1:123456789012:{self.api_id}/{resource}"

    def last_line(self) -> str:
        return self.account.log_messages("/apis/guarded")[-1]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    clock = Clock()
    with EmbeddedAws(clock=clock) as aws:
        account = Account(aws)
        echo = account.create_function(ECHO)
        gate = account.create_function(GATE, FunctionName="gate")
        stacks = Stacks(account)
        assert stacks.apply("apis", _template(echo, gate)) == "CREATE_COMPLETE", stacks.history(
            "apis"
        )
        names = stacks.resources("apis")
        yield Place(account, clock, stacks.outputs("apis")["Guarded"], names["Guarded"])


def _authorizer(name: str, gate: str, **properties: Any) -> dict[str, Any]:
    path = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    given = {
        "ApiId": {"Ref": "Guarded"},
        "Name": name,
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": {"Fn::Sub": f"{path}/{gate}/invocations"},
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "AuthorizerResultTtlInSeconds": 0,
        **properties,
    }
    return {name: {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": given}}


def _guarded(name: str, key: str, **properties: Any) -> dict[str, Any]:
    """A route with authorization, to the integration Echo."""
    given = {"ApiId": {"Ref": "Guarded"}, "RouteKey": key, **properties}
    target = {"Target": {"Fn::Sub": "integrations/${Echo}"}}
    return {name: {"Type": "AWS::ApiGatewayV2::Route", "Properties": {**given, **target}}}


def _template(echo: str, gate: str) -> dict[str, Any]:
    def custom(name: str) -> dict[str, Any]:
        return {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": name}}

    log = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/apis/guarded"}}
    logged = {"DestinationArn": {"Fn::GetAtt": ["Log", "Arn"]}, "Format": LOG_FORMAT}
    return template(
        {
            "Log": log,
            **apis.api("Guarded", {"AccessLogSettings": logged}),
            **apis.integration("Guarded", "Echo", echo),
            **_guarded("Signed", "ANY /signed", AuthorizationType="AWS_IAM"),
            **_guarded("SignedDeep", "GET /deep/{id}", AuthorizationType="AWS_IAM"),
            **_authorizer("Gate", gate),
            **_authorizer("Strict", gate, IdentitySource=["$request.querystring.nonce"]),
            **_authorizer("Strange", gate, IdentitySource=["$request.header.X-Nonce"]),
            **_guarded("Once", "GET /once", **custom("Gate")),
            **_guarded("StrictOnce", "GET /strict", **custom("Strict")),
            **_guarded("StrangeOnce", "GET /strange", **custom("Strange")),
            **apis.permission("Guarded", echo),
            # Not for Strange.
            **apis.permission("Guarded", gate, "authorizers/${Gate}"),
            "Second": {
                **apis.permission("Guarded", gate, "authorizers/${Strict}")[
                    "GuardedGatePermission"
                ],
            },
        },
        Outputs=apis.endpoints("Guarded"),
    )


def test_the_operator_may(place: Place) -> None:
    """The function learns who has signed."""
    reply = place.ask("/signed?a=b%20c", OPERATOR)

    assert reply.status == 200
    caller = reply.document["requestContext"]["authorizer"]["iam"]
    assert caller == {
        "accessKey": LOCAL_ACCESS_KEY,
        "accountId": "123456789012",
        "callerId": "123456789012",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": "arn:aws:iam::123456789012:root",
        "userId": "123456789012",
    }


def test_a_user_may(place: Place) -> None:
    """A user of the account has keys of their own; once those are off, they are nobody's."""
    iam = place.account.client("iam")
    iam.create_user(UserName="ann")
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    keys = Keys(made["AccessKeyId"], made["SecretAccessKey"])

    reply = place.ask("/signed", keys)
    iam.update_access_key(UserName="ann", AccessKeyId=keys.access_key_id, Status="Inactive")

    caller = reply.document["requestContext"]["authorizer"]["iam"]
    assert caller["userArn"] == "arn:aws:iam::123456789012:user/ann"
    assert place.ask("/signed", keys).status == 403


def refused(place: Place, reply: Reply, reason: str) -> bool:
    """Whether the caller was refused without learning why, and the log tells."""
    assert (reply.status, reply.document) == (403, FORBIDDEN)
    assert place.last_line() == f"403 {reason} -"
    return True


def test_who_does_not_sign(place: Place) -> None:
    """Nobody knows them."""
    assert refused(place, place.ask("/signed"), "The request is not signed.")


def test_who_signs_with_other_keys(place: Place) -> None:
    """Neither a wrong secret nor keys of nobody open anything."""
    wrong = replace(OPERATOR, secret_access_key="other")
    nobody = Keys("AKIDNOBODY", "other")

    reply = place.ask("/signed", wrong)
    assert refused(place, reply, "The signature is not the one of this request.")
    assert refused(place, place.ask("/signed", nobody), "Nobody has these keys.")


def test_a_request_that_was_changed(place: Place) -> None:
    """A signature holds for one query and one body."""
    url = f"{place.url}/signed"
    headers = signed(url, OPERATOR, "POST", b"{}")
    reason = "The signature is not the one of this request."

    assert ask(url, "POST", b"{}", headers).status == 200
    assert refused(place, ask(url, "POST", b"[]", headers), reason)
    assert refused(place, ask(f"{url}?a=1", "POST", b"{}", headers), reason)


def test_a_request_that_comes_late(place: Place) -> None:
    """After five minutes somebody else may have got hold of it."""
    place.clock.ahead = timedelta(minutes=6)
    try:
        reply = place.ask("/signed", OPERATOR)
    finally:
        place.clock.ahead = timedelta()

    assert (reply.status, reply.document) == (403, FORBIDDEN)


def test_a_role_may_what_its_policies_allow(place: Place) -> None:
    """A session is asked for execute-api:Invoke on the route's ARN."""
    keys = place.session()
    deep = place.arn("$default/GET/deep/1")
    place.account.allow(allowing("execute-api:Invoke", deep), allowing("logs:*"))
    try:
        good = place.ask("/deep/1", keys)
        other = place.ask("/deep/2", keys)
        line = place.last_line()
        method = place.ask("/signed", keys)
    finally:
        place.account.allow(allowing("*"))

    assert good.status == 200
    caller = good.document["requestContext"]["authorizer"]["iam"]
    assert caller["userArn"] == "arn:aws:sts::123456789012:assumed-role/worker/program"
    assert caller["userId"].endswith(":program")
    assert (other.status, method.status) == (403, 403)
    assert line == (
        f"403 {caller['userArn']} may not do execute-api:Invoke on "
        f"{place.arn('$default/GET/deep/{id}')}. -"
    )


def test_a_session_without_its_token(place: Place) -> None:
    """The keys of a session are not enough."""
    keys = replace(place.session(), session_token=None)

    reply = place.ask("/signed", keys)

    assert refused(place, reply, "The session token is not the one of these keys.")


def test_an_authorizer_lets_in(place: Place) -> None:
    """What it says of the caller reaches the function and the log."""
    reply = place.ask("/once?nonce=good")

    told = reply.document["requestContext"]["authorizer"]["lambda"]
    assert told["linkId"] == "1"
    assert told["seen"] == {"arn": place.arn("$default/GET/once"), "identity": []}
    assert place.last_line() == "200 - 1"


def test_an_authorizer_that_says_no_more(place: Place) -> None:
    """It may let in without a word."""
    reply = place.ask("/once?nonce=silent")

    assert reply.document["requestContext"]["authorizer"] == {"lambda": {}}


@pytest.mark.parametrize(
    ("target", "status", "message", "reason"),
    [
        ("/once?nonce=bad", 403, "Forbidden", "The authorizer says no."),
        ("/once", 403, "Forbidden", "The authorizer says no."),
        (
            *("/once?nonce=fails", 500, "Internal Server Error"),
            "The Lambda function returned an error; its log tells which.",
        ),
        (
            *("/once?nonce=vague", 500, "Internal Server Error"),
            "The authorizer does not say whether the caller isAuthorized.",
        ),
        ("/strict", 401, "Unauthorized", "-"),
        ("/strict?nonce=", 401, "Unauthorized", "-"),
        ("/strange", 401, "Unauthorized", "-"),
    ],
)
def test_an_authorizer_keeps_out(
    place: Place, target: str, status: int, message: str, reason: str
) -> None:
    """Whether it says no, or nothing that can be understood, or cannot be asked at all."""
    reply = place.ask(target)

    assert (reply.status, reply.document) == (status, {"message": message})
    assert place.last_line() == f"{status} {reason} -"


def test_identity_sources(place: Place) -> None:
    """Their values come to the authorizer by themselves."""
    reply = place.ask("/strict?nonce=good")

    assert reply.document["requestContext"]["authorizer"]["lambda"]["seen"]["identity"] == ["good"]


def test_an_authorizer_that_may_not_be_asked(place: Place) -> None:
    """Its function needs a permission for that authorizer, besides those for routes."""
    reply = ask(f"{place.url}/strange?nonce=good", headers={"X-Nonce": "1"})

    assert (reply.status, reply.document) == (500, {"message": "Internal Server Error"})
    assert place.last_line() == (
        "500 API Gateway does not have permission to invoke the function. -"
    )


def test_an_authorizer_is_asked_each_time(place: Place) -> None:
    """No answer of it is kept."""
    before = place.account.metric("Invocations", "gate")

    for _ in range(3):
        assert place.ask("/once?nonce=good").status == 200

    assert place.account.metric("Invocations", "gate") == before + 3


def test_a_policy_that_cannot_be_read(place: Place) -> None:
    """It is no leave to go on."""
    keys = place.session()
    place.account.allow(allowing("*", IpAddress={"aws:SourceIp": "127.0.0.1"}))
    try:
        reply = place.ask("/signed", keys)
    finally:
        place.account.allow(allowing("*"))

    assert reply.status == 500
    assert json.loads(reply.body) == {"message": "Internal Server Error"}

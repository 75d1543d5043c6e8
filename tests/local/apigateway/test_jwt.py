"""Routes of HTTP APIs for who has a token: the JWT authorizer, with tokens of all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from deploy.local.server import EmbeddedAws
from tests.local import apis, forging
from tests.local.account import Account
from tests.local.apis import Reply, ask
from tests.local.cognito.area import MEMBER, PASSWORD, SCOPE, Area, resources
from tests.local.links import Clock
from tests.local.stacks import Stacks, template

pytestmark = pytest.mark.slow

ECHO = """
    import json

    def handle(event, context):
        return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}
"""
LOG_FORMAT = "$context.status $context.authorizer.claims.sub $context.authorizer.error"
Forge = Callable[["Place", dict[str, Any]], str]


@dataclass(frozen=True)
class Place:
    area: Area
    url: str
    sub: str
    tokens: dict[str, Any]

    def ask(self, token: str | None, path: str = "/scoped") -> Reply:
        headers = {} if token is None else {"Authorization": token}
        return ask(f"{self.url}{path}", headers=headers)

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """A token that the pool itself has signed."""
        return forging.signed(self.area.pool().json_web_key, claims, **header)

    @property
    def claims(self) -> dict[str, Any]:
        return self.area.claims(self.tokens["access_token"])


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    clock = Clock()
    with EmbeddedAws(clock=clock) as aws:
        account = Account(aws)
        area = Area(account, clock)
        area.deploy()
        sub = area.add(MEMBER, "members", "admins")
        account.client("logs").create_log_group(logGroupName="/apis/members")
        echo = account.create_function(ECHO)
        made = Stacks(account).apply("api", _template(echo, area.issuer, area.client_id))
        assert made == "CREATE_COMPLETE", Stacks(account).history("api")
        yield Place(area, Stacks(account).outputs("api")["Members"], sub, area.tokens())


def _authorizer(issuer: str, *audience: str, **properties: Any) -> dict[str, Any]:
    given = {
        "ApiId": {"Ref": "Members"},
        "Name": "members",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Audience": list(audience), "Issuer": issuer},
        **properties,
    }
    return {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": given}


def _template(echo: str, issuer: str, *audience: str) -> dict[str, Any]:
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:/apis/members"
    logged = {"AccessLogSettings": {"DestinationArn": group, "Format": LOG_FORMAT}}
    guarded = {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Jwt"}}
    routes = apis.routes("Members", "Echo", "GET /scoped", AuthorizationScopes=[SCOPE], **guarded)
    open_to_all = apis.routes("Members", "Echo", "GET /any", **guarded)
    return template(
        {
            **apis.api("Members", stage=logged),
            **apis.integration("Members", "Echo", echo),
            "Jwt": _authorizer(issuer, *audience),
            **routes,
            **{f"{name}Open": route for name, route in open_to_all.items()},
            **apis.permission("Members", echo),
        },
        Outputs=apis.endpoints("Members"),
    )


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_a_member(place: Place, prefix: str) -> None:
    """The function learns the claims, each as a text, and the route's scopes."""
    reply = place.ask(prefix + place.tokens["access_token"])

    assert reply.status == 200
    told = reply.document["jwt"]
    claims = told["claims"]
    assert told["scopes"] == [SCOPE]
    assert (claims["sub"], claims["token_use"]) == (place.sub, "access")
    assert claims["cognito:groups"] == "[admins members]"
    assert claims["auth_time"].isdigit() and claims["exp"].isdigit()
    assert all(isinstance(value, str) for value in claims.values())
    lines = place.area.account.log_messages("/apis/members")
    assert lines[-1] == f"200 {place.sub} -"
    assert place.tokens["access_token"] not in "".join(lines)


def test_an_id_token(place: Place) -> None:
    """It is taken unless the route asks for a scope, as AWS says."""
    token = place.tokens["id_token"]

    claims = place.ask(token, "/any").document["jwt"]["claims"]

    assert (claims["token_use"], claims["email_verified"]) == ("id", "true")
    assert place.ask(token, "/any").document["jwt"]["scopes"] is None
    assert (place.ask(token).status, place.ask(token).document) == (403, {"message": "Forbidden"})


def _unsigned(place: Place, claims: dict[str, Any]) -> str:
    return forging.unsigned(claims)


def _with_the_public_key_as_secret(place: Place, claims: dict[str, Any]) -> str:
    return forging.signed_with_the_public_key(place.area.pool().json_web_key, claims)


def _tampered(place: Place, claims: dict[str, Any]) -> str:
    return forging.tampered(place.tokens["access_token"], {**claims, "sub": "eve"})


def _of_another_key(place: Place, claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key()
    kid = place.area.pool().json_web_key.kid
    return jwt.encode({"alg": "RS256", "kid": kid}, claims, key)


def _of_another_pool(place: Place, claims: dict[str, Any]) -> str:
    """A member there, with the same scope."""
    stacks = place.area.stacks
    if not stacks.status("other"):
        outputs = {"Issuer": {"Value": {"Fn::GetAtt": ["Pool", "ProviderURL"]}}}
        stacks.apply("other", template(resources("area-2"), Outputs=outputs))
    other = _OtherArea(place.area.account, place.area.clock)
    other.add("eve@example.com", "members", "admins")
    return str(other.tokens("eve@example.com")["access_token"])


class _OtherArea(Area):
    @property
    def names(self) -> dict[str, str]:  # type: ignore[override]  # a stack of its own
        return self.stacks.resources("other")

    @property
    def issuer(self) -> str:  # type: ignore[override]  # likewise
        return self.stacks.outputs("other")["Issuer"]


def _of_a_password_flow(place: Place, claims: dict[str, Any]) -> str:
    """Another client of the same pool."""
    api = place.area.api
    client = api.create_user_pool_client(
        UserPoolId=place.area.pool_id,
        ClientName="passwords",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    answer = api.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": MEMBER, "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def _changed(**changes: Any) -> Forge:
    """Signed by the pool, with other claims; None takes one away."""

    def forge(place: Place, claims: dict[str, Any]) -> str:
        given = {**claims, **changes}
        return place.signed({name: value for name, value in given.items() if value is not None})

    return forge


@pytest.mark.parametrize(
    ("forge", "status"),
    [
        (lambda place, claims: None, 401),
        (lambda place, claims: "", 401),
        (lambda place, claims: "Bearer ", 401),
        (lambda place, claims: "no token", 401),
        (lambda place, claims: "a.b.c", 401),
        (lambda place, claims: "Basic " + place.tokens["access_token"], 401),
        (lambda place, claims: place.tokens["access_token"][:-9], 401),
        (lambda place, claims: place.tokens["refresh_token"], 401),
        (_unsigned, 401),
        (_with_the_public_key_as_secret, 401),
        (_tampered, 401),
        (_of_another_key, 401),
        (_of_another_pool, 401),
        (_of_a_password_flow, 401),
        (_changed(exp=1), 401),
        (_changed(exp=None), 401),
        (_changed(exp="tomorrow"), 401),
        (_changed(iss="https://issuer.example.com"), 401),
        (_changed(iss=None), 401),
        (_changed(nbf=2**33), 401),
        (_changed(iat=2**33), 401),
        (_changed(client_id="other"), 401),
        (_changed(client_id=None), 401),
        (_changed(aud="other"), 401),
        (_changed(aud=["other"]), 401),
        (_changed(scope="openid"), 403),
        (_changed(scope=f"{SCOPE}x"), 403),
        (_changed(scope=None), 403),
        (lambda place, claims: place.tokens["id_token"], 403),
        (_changed(), 200),
        (_changed(scope=f"openid {SCOPE}"), 200),
        (_changed(scope=None, scp=[SCOPE]), 200),
    ],
)
def test_tokens(place: Place, forge: Forge, status: int) -> None:
    """Whoever has none, or one that is not right, learns nothing of why."""
    reply = place.ask(forge(place, place.claims))

    assert reply.status == status
    if status != 200:
        message = "Unauthorized" if status == 401 else "Forbidden"
        assert reply.document == {"message": message}


def test_a_token_that_has_expired(place: Place) -> None:
    """After the five minutes of the client, by the clock of the API."""
    token = place.area.tokens()["access_token"]
    place.area.clock.ahead += timedelta(minutes=5)
    try:
        late = place.ask(token)
    finally:
        place.area.clock.ahead = timedelta()

    assert place.ask(token).status == 200
    assert late.status == 401


def test_an_unknown_key(place: Place) -> None:
    """The issuer is asked again, and does not know it either."""
    key = RSAKey.generate_key(parameters={"kid": "unknown"})

    token = jwt.encode({"alg": "RS256", "kid": "unknown"}, place.claims, key)

    assert place.ask(token).status == 401
    assert jws.extract_compact(token.encode()).headers()["kid"] == "unknown"


def test_an_issuer_that_is_down(place: Place) -> None:
    """The keys are known already: as on AWS, who is signed in stays so."""
    services = place.area.account.aws.services
    assert place.ask(place.tokens["access_token"]).status == 200
    services.stop("cognito-idp")
    try:
        assert place.ask(place.tokens["access_token"]).status == 200
    finally:
        services.start("cognito-idp")


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"IdentitySource": []}, "A JWT authorizer has one IdentitySource."),
        ({"IdentitySource": ["$context.path"]}, "does not know the IdentitySource $context.path."),
        ({"JwtConfiguration": {"Issuer": "x"}}, "A JWT authorizer needs an Audience."),
        *(
            ({"JwtConfiguration": {"Audience": ["x"], "Issuer": issuer}}, "Invalid issuer: ")
            for issuer in ("https://issuer.example.com", "http://127.0.0.1:9/x", "file:///etc")
        ),
        ({"AuthorizerType": "TOKEN"}, "knows AuthorizerType REQUEST and JWT only, not TOKEN."),
    ],
)
def test_authorizers_that_cannot_be(place: Place, properties: dict[str, Any], reason: str) -> None:
    """The stack fails."""
    stacks = place.area.stacks
    made = stacks.apply(
        "bad",
        template({**apis.api("Members"), "Jwt": _authorizer(place.area.issuer, "x", **properties)}),
    )

    assert made == "ROLLBACK_COMPLETE"
    assert reason in stacks.reason("bad", "Jwt", "CREATE_FAILED")
    stacks.client.delete_stack(StackName="bad")


def test_an_issuer_with_a_slash(place: Place) -> None:
    """It is another issuer."""
    stacks = place.area.stacks
    authorizer = _authorizer(f"{place.area.issuer}/", "x")

    made = stacks.apply("bad", template({**apis.api("Members"), "Jwt": authorizer}))

    assert made == "ROLLBACK_COMPLETE"
    stacks.client.delete_stack(StackName="bad")

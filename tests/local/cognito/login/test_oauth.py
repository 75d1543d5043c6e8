"""The endpoints that clients call: what they give for a code or a refresh token, and to whom."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.local.apis import ask
from tests.local.cognito.area import (
    CALLBACK,
    MEMBER,
    SCOPE,
    VERIFIER,
    Area,
    answer,
    said,
)

pytestmark = pytest.mark.slow

INVALID = {"error": "invalid_grant"}


@pytest.fixture
def area(shared_area: Area) -> Area:
    return shared_area


def test_discovery(area: Area) -> None:
    """Everything of the issuer is on the login server, and its keys are public ones."""
    document = ask(f"{area.issuer}/.well-known/openid-configuration").document
    [key] = ask(document["jwks_uri"]).document["keys"]

    assert document["issuer"] == area.issuer
    for name in ("authorization", "token", "revocation", "end_session"):
        assert document[f"{name}_endpoint"].startswith(f"{area.issuer}/")
    assert key.keys() == {"alg", "e", "kid", "kty", "n", "use"}


def test_tokens(area: Area) -> None:
    """The claims are Cognito's, and the times are the client's."""
    sub = area.add("bob@example.com", "members", "admins")

    tokens = area.tokens("bob@example.com")
    access, identity = area.claims(tokens["access_token"]), area.claims(tokens["id_token"])

    assert (tokens["expires_in"], tokens["token_type"]) == (300, "Bearer")
    for claims in (access, identity):
        assert (claims["iss"], claims["sub"]) == (area.issuer, sub)
        assert claims["cognito:groups"] == ["admins", "members"]
        assert claims["exp"] - claims["iat"] == 300
        assert claims["auth_time"] <= claims["iat"]
    assert access["origin_jti"] == identity["origin_jti"]
    assert access["jti"] != identity["jti"]
    assert (access["token_use"], access["client_id"], access["scope"], access["username"]) == (
        *("access", area.client_id, f"openid {SCOPE}"),
        sub,
    )
    assert "aud" not in access
    assert (identity["token_use"], identity["aud"], identity["nonce"]) == (
        *("id", area.client_id),
        "n",
    )
    assert (identity["email"], identity["email_verified"]) == ("bob@example.com", True)
    assert "scope" not in identity


def test_fewer_scopes(area: Area) -> None:
    """A client gets what it asks for; without openid no ID token."""
    browser = area.browser()
    page = area.authorize(browser, scope=SCOPE)
    back = answer(browser.send(page, username=MEMBER, password="correct horse battery"))

    tokens = area.redeem(back["code"]).document

    assert "id_token" not in tokens
    assert area.claims(tokens["access_token"])["scope"] == SCOPE


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"client_id": "unknown"}, "There is no such application here."),
        ({"client_id": None}, "There is no such application here."),
        *(
            ({"redirect_uri": uri}, "This address is none that the application comes back to.")
            for uri in (
                None,
                "https://example.com/",
                CALLBACK.rstrip("/"),
                f"{CALLBACK}x",
                f"{CALLBACK}?x=y",
                CALLBACK.upper(),
            )
        ),
    ],
)
def test_untrusted_requests(area: Area, changes: dict[str, str | None], sentence: str) -> None:
    """They end at an error page, never in a redirect."""
    page = area.authorize(area.browser(), **changes)

    assert (page.status, page.header("Location"), said(page)) == (400, None, sentence)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_refused_requests(area: Area, changes: dict[str, str | None], error: str) -> None:
    """The client learns why by its own address; nobody is asked for a password."""
    back = answer(area.authorize(area.browser(), **changes))

    assert (back["error"], back["state"]) == (error, "s&t")
    assert "code" not in back


def test_a_code_counts_once(area: Area) -> None:
    """The second time it stands for nothing."""
    code = answer(area.sign_in(area.browser()))["code"]

    assert area.redeem(code).status == 200
    again = area.redeem(code)
    assert (again.status, again.document) == (400, INVALID)


def test_a_code_is_short_lived(area: Area) -> None:
    """Five minutes, as Cognito's."""
    code = answer(area.sign_in(area.browser()))["code"]

    area.clock.ahead += timedelta(minutes=5)

    assert area.redeem(code).document == INVALID


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "https://example.com/"}, "invalid_grant"),
        ({"client_id": "other"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_of_somebody_else(area: Area, changes: dict[str, str], error: str) -> None:
    """Only the client that has asked gets tokens; a wrong try uses the code up."""
    code = answer(area.sign_in(area.browser()))["code"]

    reply = area.redeem(code, **changes)

    assert (reply.status, reply.document) == (400, {"error": error})
    if error == "invalid_grant":
        assert area.redeem(code).document == INVALID


def test_pages_of_clients_may_ask(area: Area) -> None:
    """The answers are for any origin, and for no cache."""
    reply = area.redeem("none")

    assert reply.header("Access-Control-Allow-Origin") == "*"
    assert reply.header("Cache-Control") == "no-store"


def test_refreshing(area: Area) -> None:
    """The session stays, the tokens are new, and so is the refresh token."""
    first = area.tokens()
    area.clock.ahead += timedelta(minutes=4)

    second = area.refresh(first["refresh_token"]).document

    assert second["refresh_token"] != first["refresh_token"]
    before, after = (area.claims(each["access_token"]) for each in (first, second))
    for claim in ("sub", "origin_jti", "auth_time", "scope", "client_id"):
        assert before[claim] == after[claim]
    assert after["exp"] > before["exp"]


def test_rotation(area: Area) -> None:
    """The old refresh token holds for ten seconds more, for who has lost the answer."""
    old = area.tokens()["refresh_token"]
    new = area.refresh(old).document["refresh_token"]

    assert area.refresh(old).status == 200
    area.clock.ahead += timedelta(seconds=10)
    assert area.refresh(old).document == INVALID
    assert area.refresh(new).status == 200


def test_a_session_ends(area: Area) -> None:
    """However often it is refreshed: after the hours that the client says since the sign-in."""
    token = area.tokens()["refresh_token"]

    area.clock.ahead += timedelta(hours=7)
    token = area.refresh(token).document["refresh_token"]
    area.clock.ahead += timedelta(hours=1)

    assert area.refresh(token).document == INVALID


def test_revoking(area: Area) -> None:
    """Any refresh token of a session ends all of it, and no other session."""
    first, other = area.tokens(), area.tokens()
    second = area.refresh(first["refresh_token"]).document

    revoked = area.revoke(first["refresh_token"])

    assert (revoked.status, revoked.body) == (200, b"")
    assert area.refresh(second["refresh_token"]).document == INVALID
    assert area.refresh(other["refresh_token"]).status == 200


def test_what_cannot_be_revoked(area: Area) -> None:
    """Access tokens cannot; what nobody knows is no error (RFC 7009)."""
    tokens = area.tokens()

    assert area.revoke(tokens["access_token"]).document == {"error": "unsupported_token_type"}
    assert area.revoke("").document == {"error": "invalid_request"}
    assert area.revoke("unknown").status == 200
    assert area.refresh(tokens["refresh_token"]).status == 200


def test_revoking_by_api(area: Area) -> None:
    """RevokeToken and AdminUserGlobalSignOut end sessions; the sign-in at the pages stays."""
    browser = area.browser()
    first = area.redeem(answer(area.sign_in(browser))["code"]).document
    second = area.tokens()

    area.api.revoke_token(ClientId=area.client_id, Token=first["refresh_token"])
    assert area.refresh(first["refresh_token"]).document == INVALID
    assert area.refresh(second["refresh_token"]).status == 200
    area.api.admin_user_global_sign_out(UserPoolId=area.pool_id, Username=MEMBER)

    assert area.refresh(second["refresh_token"]).document == INVALID
    assert "code" in answer(area.authorize(browser))


@pytest.mark.parametrize(
    "operation", ["admin_disable_user", "admin_delete_user", "admin_reset_user_password"]
)
def test_who_may_not_sign_in_may_not_refresh(area: Area, operation: str) -> None:
    """Nor does a code from before give anything."""
    token = area.tokens()["refresh_token"]
    code = answer(area.sign_in(area.browser()))["code"]

    getattr(area.api, operation)(UserPoolId=area.pool_id, Username=MEMBER)

    assert area.refresh(token).document == INVALID
    assert area.redeem(code).document == INVALID


def test_a_refresh_token_of_another_client(area: Area) -> None:
    """It is worth nothing to who is not the client that has got it."""
    token = area.tokens()["refresh_token"]
    settings = {"UserPoolId": area.pool_id, "ClientName": "other"}
    made = area.api.create_user_pool_client(**settings)["UserPoolClient"]["ClientId"]

    reply = area.token(grant_type="refresh_token", refresh_token=token, client_id=made)

    assert reply.document == INVALID


@pytest.mark.parametrize("logout_uri", ["https://example.com/", "", f"{CALLBACK}x"])
def test_signing_out_to_elsewhere(area: Area, logout_uri: str) -> None:
    """An address that the client has not named is no way out; one stays signed in."""
    browser = area.browser()
    area.sign_in(browser)

    page = browser.open(f"{area.issuer}/logout?client_id={area.client_id}&logout_uri={logout_uri}")

    assert page.status == 400
    assert said(page) == "This address is none that the application signs out to."
    assert "code" in answer(area.authorize(browser))


def test_another_pool(area: Area) -> None:
    """The issuers of pools know nothing of each other's clients."""
    url = area.issuer.replace(area.pool_id, "eu-west-1_other")

    assert ask(f"{url}/.well-known/jwks.json").status == 404


def test_while_the_service_is_stopped(area: Area) -> None:
    """Pages and endpoints go with it, and come back with it."""
    area.account.aws.services.stop("cognito-idp")
    stopped = ask(f"{area.issuer}/.well-known/jwks.json")
    area.account.aws.services.start("cognito-idp")

    assert stopped.status == 503
    assert ask(f"{area.issuer}/.well-known/jwks.json").status == 200


def test_the_state_comes_back_as_it_was(area: Area) -> None:
    """Whatever characters it has."""
    browser = area.browser()
    page = area.authorize(browser, state="a&b=c ü+#")

    reply = browser.send(page, username=MEMBER, password="correct horse battery")

    query = dict(parse_qsl(urlsplit(reply.header("Location") or "").query))
    assert query["state"] == "a&b=c ü+#"
    assert area.redeem(query["code"], code_verifier=VERIFIER).status == 200

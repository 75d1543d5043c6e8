"""Who may use the members area; whoever may not learns nothing of what there is."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from members.caller import Caller, caller_of
from members.errors import NotAllowed, NotSignedIn

from tests.lambda_src.members_world import (
    ADMIN,
    BOB,
    CLIENT,
    ENVIRONMENT,
    SIGNED_IN_AT,
    MembersWorld,
    claims_of,
    request_for,
)

OVER = "Your session is over; sign in again."
NO_MEMBER = "You are signed in, but not a member here; ask whoever invited you."

ID_TOKEN = claims_of(token_use="id", client_id=None, scope=None, aud=CLIENT)
NOT_SIGNED_IN: dict[str, dict[str, Any]] = {
    "no claims": {},
    "an ID token": ID_TOKEN,
    "an ID token that says more than it should": {
        **ID_TOKEN,
        "client_id": CLIENT,
        "scope": "openid",
    },
    "no use": claims_of(token_use=None),
    "another client": claims_of(client_id="another"),
    "a list of clients": claims_of(client_id=[CLIENT]),
    "no client": claims_of(client_id=None),
    "of InitiateAuth": claims_of(scope="aws.cognito.signin.user.admin"),
    "another scope": claims_of(scope="openid s3link-members/use-not xs3link-members/use"),
    "no scope": claims_of(scope=None),
    "a scope that is no text": claims_of(scope=["s3link-members/use"]),
    "nobody": claims_of(sub=None),
    "an empty name": claims_of(sub=""),
    "a name of 100 kB": claims_of(sub="a" * 100_000),
    "no session": claims_of(origin_jti=None),
    "no time": claims_of(auth_time=None),
    "a time before 1970": claims_of(auth_time="-1"),
    "a time in other digits": claims_of(auth_time="١٢"),
    "a time that is none": claims_of(auth_time="now"),
    "a long time": claims_of(auth_time="9" * 5_000),
}
NO_MEMBERS: dict[str, dict[str, Any]] = {
    "no group": claims_of(**{"cognito:groups": None}),
    "an empty list": claims_of(groups="[]"),
    "another group": claims_of(groups="[friends]"),
    "a group with such a name": claims_of(groups="[non-members members,admins]"),
    "not in brackets": claims_of(groups="members"),
    "half in brackets": claims_of(groups="[members"),
    "a list of lists": claims_of(groups=[["members"]]),  # type: ignore[list-item]
}


@pytest.mark.parametrize("claims", NOT_SIGNED_IN.values(), ids=NOT_SIGNED_IN.keys())
def test_another_token_is_refused(claims: dict[str, Any]) -> None:
    """With the same answer on each route, whatever there is, and before anything is looked at."""
    world = MembersWorld()

    answers = world.asks_everything(claims)

    assert {(one.status, one.error) for one in answers} == {(401, OVER)}
    assert world.is_untouched
    assert not world.signed_out_table.calls


@pytest.mark.parametrize("claims", NO_MEMBERS.values(), ids=NO_MEMBERS.keys())
def test_who_is_in_no_group_is_refused(claims: dict[str, Any]) -> None:
    """Somebody of the same pool whom nobody let in here."""
    world = MembersWorld()

    answers = world.asks_everything(claims)

    assert {(one.status, one.error) for one in answers} == {(403, NO_MEMBER)}
    assert world.is_untouched


@pytest.mark.parametrize(
    "authorizer", [None, {}, {"jwt": None}, {"iam": {}}, {"lambda": {"a": "b"}}]
)
def test_without_the_authorizer_nobody_comes_in(authorizer: object) -> None:
    """Should a route ever lose it."""
    world = MembersWorld()
    event = request_for("GET /artifacts")
    event["requestContext"]["authorizer"] = authorizer

    assert world.answer(event).status == 401


@pytest.mark.parametrize(
    "groups", ["[members]", "[admins]", "[admins members]", "[x members y]", ["members"]]
)
def test_members_and_admins_come_in(groups: str | list[str]) -> None:
    """However API Gateway writes the list."""
    assert MembersWorld().get("/artifacts", claims_of(groups=groups)).status == 200


@pytest.mark.parametrize(
    ("groups", "is_admin"),
    [("[members]", False), ("[admins]", True), ("[admins-not members]", False)],
)
def test_a_caller(groups: str, is_admin: bool) -> None:
    assert caller_of(claims_of(groups=groups), CLIENT) == Caller(
        BOB, f"session-of-{BOB}", SIGNED_IN_AT, is_admin
    )


def test_a_member_is_no_admin() -> None:
    """And is told so, whatever is asked for; no answer is looked up."""
    world = MembersWorld()

    for query in (
        {},
        {"version": "1.4.0"},
        {"format": "nonsense"},
        {"next": "nonsense"},
        {"x": ""},
    ):
        answered = world.get("/survey/answers", claims_of(), **query)
        assert (answered.status, answered.error) == (
            403,
            "Only admins see what others have answered.",
        )

    assert world.is_untouched
    assert world.get("/survey/answers", ADMIN).status == 200


def test_why_somebody_is_refused_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """With the route, but without a claim."""
    MembersWorld().get("/artifacts", claims_of(client_id="another-client"))
    MembersWorld().get("/survey/answers", claims_of())

    first, second = caplog.records
    assert first.getMessage() == "Refused a request: the token is of another client"
    assert second.getMessage() == "Refused a request: they are no admin"
    assert (first.levelno, first.__dict__["route"]) == (logging.WARNING, "GET /artifacts")
    assert second.__dict__["member"] == BOB
    assert "another-client" not in str(first.__dict__)


_CLAIMS = st.dictionaries(
    st.sampled_from(sorted(claims_of())),
    st.none() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=9), max_size=2),
    min_size=1,
)


@given(_CLAIMS)
def test_no_other_claims_come_in(changes: dict[str, Any]) -> None:
    """Whatever is changed in a good token's claims, they are refused or still good."""
    claims = {**claims_of(), **changes}
    try:
        caller = caller_of(claims, CLIENT)
    except (NotSignedIn, NotAllowed):
        return

    assert claims["token_use"] == "access"
    assert claims["client_id"] == CLIENT
    assert "s3link-members/use" in claims["scope"].split()
    assert caller.member_id == claims["sub"] != ""
    assert ENVIRONMENT["ClientId"] == CLIENT

"""The deployed members area and every token that is not a member's own: it learns nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from moto.cognitoidp.models import cognitoidp_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.as_member import Member
from deploy.local.server import EmbeddedAws
from tests.e2e.members import Members
from tests.local import forging

pytestmark = pytest.mark.slow

VERSION, NAME = "1.0.0", "my game (beta) + ü.zip"
ROUTES = (
    "GET /artifacts",
    f"GET /artifacts/{VERSION}",
    "GET /artifacts/no-such-version",
    f"GET /survey?version={VERSION}",
    "POST /survey",
    "GET /survey/answers",
    "GET /survey/answers?format=csv",
    "POST /sign-out",
)
OVER = {"error": "Your session is over; sign in again."}


@dataclass
class Place:
    """An area with one version, a member, and an admin."""

    members: Members

    @cached_property
    def ann(self) -> Member:
        return self.members.signed_in("ann@example.com")

    @cached_property
    def bob(self) -> Member:
        return self.members.signed_in("bob@example.com")

    @cached_property
    def admin(self) -> Member:
        return self.members.signed_in("carol@example.com", "--admin")

    @property
    def key(self) -> RSAKey:
        key: RSAKey = self.members.pool.json_web_key
        return key

    @property
    def claims(self) -> forging.Claims:
        """Of the member's token, which is good."""
        return jwt.decode(self.ann.tokens["access_token"], self.key).claims

    def answers(self, token: str | None) -> set[tuple[int, str]]:
        """What the routes say to a token: status and text, each once."""
        body = {"version": VERSION, "answers": {"rating": 1}}
        replies = [
            self.members.ask(route, token, body if route.startswith("POST") else None)
            for route in ROUTES
        ]
        return {(reply.status, reply.body.decode()) for reply in replies}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with EmbeddedAws() as aws:
        members = Members(aws, tmp_path_factory.mktemp("operator"))
        members.publish(VERSION, {NAME: b"the game"})
        yield Place(members)


def _changed(**changes: Any) -> Callable[[Place], str]:
    """Signed by the area's own pool, with other claims; None takes one away."""

    def forge(place: Place) -> str:
        given = {**place.claims, **changes}
        left = {name: value for name, value in given.items() if value is not None}
        return forging.signed(place.key, left)

    return forge


def _of_another_pool(place: Place, **changes: str) -> str:
    """One beside it, in the same account and region, which also calls its client so."""
    created = place.members.account.client("cognito-idp").create_user_pool(PoolName="other")
    pools = cognitoidp_backends[LOCAL_ACCOUNT][place.members.aws.region].user_pools
    other: Any = pools[created["UserPool"]["Id"]]
    return forging.signed(other.json_web_key, {**place.claims, "iss": other.issuer, **changes})


def _of_another_pool_with_our_issuer(place: Place) -> str:
    return _of_another_pool(place, iss=place.members.pool.issuer)


def _of_another_client(place: Place) -> str:
    """One beside the page's, in the same pool, with the same scope."""
    client = place.members.account.client("cognito-idp").create_user_pool_client(
        UserPoolId=place.members.pool.id, ClientName="other"
    )["UserPoolClient"]["ClientId"]
    return forging.signed(place.key, {**place.claims, "client_id": client})


REFUSED: dict[str, tuple[Callable[[Place], str | None], int]] = {
    "no token": (lambda place: None, 401),
    "an empty token": (lambda place: "", 401),
    "no token at all": (lambda place: "let-me-in", 401),
    "expired": (_changed(exp=1), 401),
    "without an end": (_changed(exp=None), 401),
    "of another pool": (_of_another_pool, 401),
    "of another pool, with our issuer": (_of_another_pool_with_our_issuer, 401),
    "of another client": (_of_another_client, 401),
    "of another issuer": (_changed(iss="https://issuer.example.com"), 401),
    "alg none": (lambda place: forging.unsigned(place.claims), 401),
    "HS256 with the public key": (
        lambda place: forging.signed_with_the_public_key(place.key, place.claims),
        401,
    ),
    "tampered": (
        lambda place: forging.tampered(
            place.ann.tokens["access_token"], {**place.claims, "cognito:groups": ["admins"]}
        ),
        401,
    ),
    "a refresh token": (lambda place: place.ann.tokens["refresh_token"], 401),
    "an ID token": (lambda place: place.ann.tokens["id_token"], 403),
    "without the scope": (_changed(scope="openid"), 403),
    "without any scope": (_changed(scope=None), 403),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_token_that_is_no_members(place: Place, kind: str) -> None:
    """Each route says the same, whatever there is, and nobody's answers have changed."""
    forge, status = REFUSED[kind]
    message = '{"message":"Unauthorized"}' if status == 401 else '{"message":"Forbidden"}'
    before = place.members.answers()

    answers = place.answers(forge(place))

    assert {(s, text.replace(" ", "")) for s, text in answers} == {(status, message)}
    assert place.members.answers() == before


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"token_use": "id"}, 401),
        ({"token_use": None}, 401),
        ({"sub": None}, 401),
        ({"origin_jti": None}, 401),
        ({"auth_time": None}, 401),
        ({"cognito:groups": None}, 403),
        ({"cognito:groups": ["visitors"]}, 403),
        ({"cognito:groups": "[admins]x"}, 403),
    ],
)
def test_what_the_function_itself_refuses(
    place: Place, changes: dict[str, Any], status: int
) -> None:
    """API Gateway lets these in, for all that it checks is right."""
    answers = place.answers(_changed(**changes)(place))

    [(said, text)] = answers
    assert said == status
    assert NAME not in text and VERSION not in text


def test_a_member_is_no_admin(place: Place) -> None:
    """Others' answers are for admins, in JSON and CSV."""
    token = place.bob.tokens["access_token"]

    refused = [place.members.ask(f"GET /survey/answers{how}", token) for how in ("", "?format=csv")]

    assert [one.status for one in refused] == [403, 403]
    assert refused[0].document == {"error": "Only admins see what others have answered."}
    admin = place.members.ask("GET /survey/answers", place.admin.tokens["access_token"])
    assert admin.status == 200


def test_answers_are_the_members_own(place: Place) -> None:
    """Nobody else reads them, changes them or says whose they are."""
    ann, bob = place.ann.tokens["access_token"], place.bob.tokens["access_token"]
    asked, where = place.members.ask, f"/survey?version={VERSION}"
    said = {"rating": 2, "comment": "It crashed."}
    assert asked("POST /survey", ann, {"version": VERSION, "answers": said}).status == 200
    anns_id = place.claims["sub"]

    others = [
        asked(f"GET {where}&memberId={anns_id}", bob),
        asked(f"GET {where}&MemberId={anns_id}", bob),
        *(
            asked(
                "POST /survey", bob, {"version": VERSION, "answers": {"rating": 5}, name: anns_id}
            )
            for name in ("memberId", "MemberId", "member", "sub")
        ),
    ]

    assert [one.status for one in others] == [400] * 6
    assert asked(f"GET {where}", bob).document["answers"] == {}
    assert asked("POST /survey", bob, {"version": VERSION, "answers": {"rating": 5}}).status == 200
    assert asked(f"GET {where}", ann).document["answers"] == said
    assert asked(f"GET {where}", bob).document["answers"] == {"rating": 5}
    rows = {row["member"]: row["answers"] for row in place.members.answers()}
    assert rows == {"ann@example.com": said, "bob@example.com": {"rating": 5}}


def test_who_was_removed_is_out_at_once(place: Place) -> None:
    """The token would be good for minutes, and names a member."""
    dora = place.members.signed_in("dora@example.com")
    token = dora.tokens["access_token"]
    assert place.members.ask("GET /artifacts", token).status == 200

    place.members.operate("members remove dora@example.com --yes")

    gone = place.members.ask("GET /artifacts", token)
    assert (gone.status, gone.document) == (401, OVER)

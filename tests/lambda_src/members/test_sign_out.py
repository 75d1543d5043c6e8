"""Sign-out is true: a copied token is refused from the moment on, and nobody passes a table that
does not answer."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables.rows import Rows

from tests.lambda_src.fakes import NOW
from tests.lambda_src.members_world import (
    ADMIN,
    BOB,
    EVE,
    SETTINGS,
    SIGNED_IN_AT,
    MembersWorld,
    claims_of,
)

OVER = "Your session is over; sign in again."


def remove(world: MembersWorld, member: str, before: Any) -> None:
    """As `s3link members remove` does."""
    row = {"Id": f"member#{member}", **({} if before is None else {"Before": before})}
    Rows(world.signed_out_table, SETTINGS.signed_out_table).put(row)


def test_a_session_that_was_signed_out_is_over() -> None:
    """On every route, at once, and for as long as its tokens live."""
    world = MembersWorld()
    copied = claims_of()

    answered = world.post("/sign-out", None, copied)

    assert (answered.status, answered.body) == (200, {"signedOut": True})
    world.bucket.calls.clear()
    answers = world.asks_everything(copied)
    assert {(one.status, one.error) for one in answers} == {(401, OVER)}
    assert not world.bucket.calls
    assert not world.survey_table.calls


def test_the_table_forgets_when_no_refresh_token_is_left() -> None:
    """They live for MembersSessionHours, at most a day; one that was not revoked is of no use."""
    world = MembersWorld()

    world.post("/sign-out")

    ends = int((NOW + timedelta(hours=25)).timestamp())
    assert world.signed_out_table.rows == [
        {"Id": f"session#session-of-{BOB}", "RemovedAt": ends},
        {"Id": f"login#{BOB}#{SIGNED_IN_AT}", "RemovedAt": ends},
    ]
    world.clock.passes(hours=24)
    assert world.get("/artifacts").status == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        (claims_of(jti="another token of the session"), 401),
        (claims_of(origin_jti="another session"), 401),  # of the same sign-in
        (claims_of(auth_time=str(SIGNED_IN_AT + 1)), 401),  # of the same session
        (claims_of(origin_jti="another session", auth_time=str(SIGNED_IN_AT + 1)), 200),
        (claims_of(EVE), 200),
        (claims_of(EVE, origin_jti=f"session-of-{BOB}"), 401),
        (claims_of(EVE, auth_time=str(SIGNED_IN_AT)), 200),
        (ADMIN, 200),
    ],
)
def test_only_this_session_is_over(claims: dict[str, Any], status: int) -> None:
    """Others of the same member, on another device, go on; and so do other members."""
    world = MembersWorld()
    world.post("/sign-out")

    assert world.get("/artifacts", claims).status == status


@pytest.mark.parametrize(
    ("before", "status"),
    [
        (SIGNED_IN_AT - 1, 200),
        (SIGNED_IN_AT, 401),
        (SIGNED_IN_AT + 1, 401),
        (None, 401),
        ("soon", 401),
    ],
)
def test_a_member_who_was_removed(before: object, status: int) -> None:
    """Whatever they signed in to up to then is over; a new sign-in after a reset is not."""
    world = MembersWorld()
    remove(world, BOB, before)

    assert {one.status for one in world.asks_everything(claims_of())[:1]} == {status}
    assert world.get("/artifacts", claims_of(EVE)).status == 200


FAULTS = ["ProvisionedThroughputExceededException", "AccessDeniedException", "InternalServerError"]


@pytest.mark.parametrize("code", FAULTS)
def test_a_table_that_does_not_answer_lets_nobody_through(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """503 on every route; nothing is looked at, and the admin hears of it."""
    world = MembersWorld()
    world.signed_out_table.fails_with(code)

    answers = world.asks_everything(ADMIN)

    assert {(one.status, one.error) for one in answers} == {
        (
            503,
            f"That was not done: DynamoDB does not do it at present ({code}). Try again in a "
            "minute; if it stays so, tell whoever runs this page.",
        )
    }
    assert world.is_untouched
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


def test_a_busy_table_lets_nobody_through() -> None:
    """DynamoDB then succeeds, and leaves out rows that may be there."""
    world = MembersWorld()
    world.signed_out_table.is_busy()

    assert {one.status for one in world.asks_everything(claims_of())} == {503}
    assert world.is_untouched


def test_one_question_for_each_request() -> None:
    """However many things would make it refuse."""
    world = MembersWorld()

    world.get("/artifacts")

    assert world.signed_out_table.calls == ["batch_get_item"]


def test_a_sign_out_that_is_half_written_is_told() -> None:
    """The page can try again; the session itself comes first, and is over already."""
    world = MembersWorld()
    world.signed_out_table.before_writing = lambda: world.signed_out_table.fails_with("Down")

    assert world.post("/sign-out").status == 503

    world.signed_out_table.fails_with(None)
    assert world.get("/artifacts").status == 401


def test_sign_out_while_a_download_is_asked_for() -> None:
    """What was signed before lives for its minute; nothing is signed after."""
    world = MembersWorld()

    before = world.download("1.4.0")
    world.post("/sign-out")
    after = world.download("1.4.0")

    assert (before.status, after.status) == (200, 401)
    assert "X-Amz-Expires=60" in before.body["url"]


_NAMES = st.sampled_from([BOB, EVE, "a", "a#1", "a#1#2", "#"])


@given(_NAMES, _NAMES, st.sampled_from(["1", "12", "2"]), st.sampled_from(["1", "12", "2"]))
def test_no_sign_out_ends_a_session_of_another_kind(a: str, b: str, now: str, then: str) -> None:
    """Two sessions are one only if they share the session's id, or member and time."""
    world = MembersWorld()
    first = claims_of(a, origin_jti=f"{a}-1", auth_time=now)
    second = claims_of(b, origin_jti=f"{b}-2", auth_time=then)

    world.post("/sign-out", None, first)

    over = world.get("/artifacts", second).status == 401
    assert over == ((a, now) == (b, then))

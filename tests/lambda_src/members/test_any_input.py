"""Whatever is sent to the routes is answered, and with a sentence: searched for at random."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.lambda_src.any_json import JSON, TEXTS
from tests.lambda_src.members_world import ADMIN, MembersWorld, claims_of, request_for

_ROUTES = st.sampled_from(
    [
        "GET /artifacts",
        "GET /artifacts/{version}",
        "GET /survey",
        "POST /survey",
        "GET /survey/answers",
        "POST /sign-out",
        "DELETE /artifacts",
    ]
)
_VERSIONS = st.sampled_from(["1.4.0", "..", "/", "%", "\u202e", "\x00", "a" * 2_000]) | TEXTS
_QUERIES = st.builds(
    "&".join,
    st.lists(
        st.builds(
            "{}={}".format,
            st.sampled_from(["version", "file", "next", "format", "x"]),
            st.sampled_from(["1.4.0", "game.zip", "csv", "WyJhIiwiYiJd", "%00", "%ff", ""]) | TEXTS,
        ),
        max_size=3,
    ),
)
_BODIES = (
    st.fixed_dictionaries(
        {},
        optional={
            "version": _VERSIONS | JSON,
            "answers": st.dictionaries(st.sampled_from(["rating", "works", "comment"]), JSON)
            | JSON,
            "x": JSON,
        },
    ).map(json.dumps)
    | JSON.map(json.dumps)
    | TEXTS
)


@given(_ROUTES, _QUERIES, _BODIES, _VERSIONS, st.booleans())
def test_any_request_is_answered(
    route: str, query: str, body: str, version: str, is_admin: bool
) -> None:
    """With what was asked for, or a sentence of a line; it is never a defect."""
    claims = ADMIN if is_admin else claims_of()

    answered = MembersWorld().answer(
        request_for(route, query, body=body, claims=claims, version=version)
    )

    assert answered.status in (200, 400, 403, 404)
    if answered.status != 200:
        assert answered.error.endswith(".")
        assert "\n" not in answered.error
        assert len(answered.error) < 1_000


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "routeKey": _ROUTES | JSON,
            **{
                name: JSON
                for name in ("rawQueryString", "body", "requestContext", "isBase64Encoded")
            },
        },
    )
    | JSON
)
def test_any_event_is_answered(event: Any) -> None:
    """Whoever calls the function by hand is not let in."""
    answered = MembersWorld().answer(event)

    assert answered.status in (400, 401)
    assert answered.error.endswith(".")


@given(
    st.dictionaries(st.sampled_from(sorted(claims_of())), JSON, max_size=4),
    st.booleans(),
)
def test_any_claims_are_answered(changes: dict[str, Any], left_out: bool) -> None:
    """Whatever a token says."""
    claims = {name: v for name, v in claims_of().items() if not (left_out and name in changes)}

    answered = MembersWorld().get("/artifacts", {**claims, **({} if left_out else changes)})

    assert answered.status in (200, 401, 403)

"""Whatever is sent to the routes of programs is answered as documented: searched for at random.

What is sent comes from docs/programs-api.yaml, its values right, wrong or of another kind.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from tests.lambda_src.any_json import JSON, TEXTS
from tests.lambda_src.fakes import BUCKET
from tests.lambda_src.programs_world import ProgramsWorld, request_for
from tests.openapi import PROGRAMS_API

_KEYS = st.sampled_from(["report.pdf", "a/b.pdf", "a/", "..", "/", "ü" * 600, "none.pdf", "\x00"])
_FAULTS = st.sampled_from(
    ["", "", "", "", "AccessDenied", "NoSuchUpload", "InvalidPart", "SlowDown", "400"]
)


def _values(schema: Any) -> st.SearchStrategy[Any]:
    """Values of a schema; now and then they are as far from it as can be."""
    schema = PROGRAMS_API.resolved(schema)
    if "oneOf" in schema:
        right = st.one_of(*(_values(one) for one in schema["oneOf"]))
    elif "enum" in schema:
        right = st.sampled_from(schema["enum"])
    elif "const" in schema:
        right = st.just(schema["const"])
    elif schema["type"] == "object":
        right = st.fixed_dictionaries(
            {},
            optional={name: _values(one) for name, one in schema.get("properties", {}).items()},
        )
    elif schema["type"] == "array":
        right = st.lists(_values(schema["items"]), max_size=3)
    elif schema["type"] == "integer":
        low = schema.get("minimum", 0)
        right = st.integers(low - 1, schema.get("maximum", 10**13) + 1)
    else:
        right = TEXTS | _KEYS | st.just(BUCKET)
    return right | JSON if schema.get("type") in ("object", "array") else right


@st.composite
def _queries(draw: st.DrawFn) -> str:
    """A query that is right, but for some parameters that are strange, missing, or there twice."""
    known = PROGRAMS_API.operation("GET /presigned-url").query
    examples = {name: one["example"] for name, one in known.items() if "example" in one}
    if draw(st.booleans()):
        right = {"operation": "download", "fileKey": "report.pdf"}
    else:
        some = draw(st.sets(st.sampled_from(sorted(examples))))
        right = {"operation": "upload", "fileKey": "a", **{name: examples[name] for name in some}}
    pairs = list(right.items())
    for name in draw(st.lists(st.sampled_from(sorted(known)), max_size=2)):
        if draw(st.integers(0, 3)):
            pairs = [pair for pair in pairs if pair[0] != name]
        if draw(st.integers(0, 3)):
            pairs.append((name, draw(_values(known[name]["schema"]) | TEXTS)))
    safe = draw(st.sampled_from(["", "/+"]))
    query = "&".join(f"{n}={quote(str(v), safe=safe, errors='replace')}" for n, v in pairs)
    return query + draw(st.sampled_from(["", "", "", "", "&", "&x", "%", "&%ff=1"]))


# Bodies that are right, of each route.
_PARTS = [{"partNumber": 2, "eTag": "b"}, {"partNumber": 1, "eTag": '"a"'}]
_RIGHT: dict[str, list[dict[str, Any]]] = {
    "/complete-upload": [
        {"fileKey": "a", "uploadId": "upload-1", "parts": _PARTS},
        {"fileKey": "a", "uploadId": "upload-1", "abort": True},
    ],
    "/generate-url": [
        {"bucket_name": BUCKET, "object_name": "report.pdf"},
        {"bucket_name": BUCKET, "object_name": "report.pdf", "expires": 60},
    ],
}


@st.composite
def _bodies(draw: st.DrawFn, path: str) -> dict[str, Any]:
    """A body that is right, but for some fields that are strange or missing."""
    body = dict(draw(st.sampled_from(_RIGHT[path])))
    schema = PROGRAMS_API.operation(f"POST {path}").body_schema
    for name, value in draw(_values(schema).filter(lambda one: isinstance(one, dict))).items():
        if draw(st.booleans()):
            body[name] = value
    for name in draw(st.sets(st.sampled_from([*body, "x"]), max_size=1)):
        if draw(st.booleans()):
            body.pop(name, None)
        else:
            body[name] = draw(JSON | _KEYS | TEXTS)
    return body


def _check(route: str, event: dict[str, Any], fault: str) -> None:
    world = ProgramsWorld()
    world.bucket.put("report.pdf")
    if fault:
        world.bucket.fails_uploads_with(fault)
        world.bucket.refuses_with(ClientError({"Error": {"Code": fault}}, "HeadObject"))

    answered = world.answer(event)

    assert PROGRAMS_API.operation(route).faults_of(answered.status, answered.body) == []
    assert answered.status != 500


@given(_queries() | st.text(max_size=40), _FAULTS)
def test_any_query_is_answered_as_documented(query: str, fault: str) -> None:
    """A URL, or a status and a sentence that the document knows."""
    route = "GET /presigned-url"

    _check(route, request_for(route, query), fault)


@pytest.mark.parametrize("path", ["/complete-upload", "/generate-url"])
@given(st.data(), _FAULTS)
def test_any_body_is_answered_as_documented(path: str, data: st.DataObject, fault: str) -> None:
    """JSON of every kind, and what is none; encoded or not."""
    route = f"POST {path}"
    document = data.draw(
        _bodies(path) | _bodies(path) | _values(PROGRAMS_API.operation(route).body_schema)
    )
    body = data.draw(st.sampled_from([json.dumps(document), json.dumps([document])]) | TEXTS)
    encoded = data.draw(st.booleans())
    if encoded and data.draw(st.booleans()):
        body = b64encode(body.encode(errors="replace")).decode()

    _check(route, request_for(route, body=body, isBase64Encoded=encoded), fault)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "routeKey": st.sampled_from(["GET /presigned-url", "POST /generate-url"]) | JSON,
            **{
                name: JSON
                for name in ("rawQueryString", "body", "requestContext", "isBase64Encoded")
            },
        },
    )
    | JSON
)
def test_any_event_is_answered(event: Any) -> None:
    """Whoever calls the functions by hand gets a 400, or is not let in."""
    world = ProgramsWorld()

    answered = world.answer(event)

    assert answered.status == 400
    assert list(answered.body) == ["error"]


@given(st.text(max_size=60) | st.from_regex(r"nonce=[A-Za-z0-9_-]{42,44}", fullmatch=True))
def test_no_query_passes_the_gate(query: str) -> None:
    """But one with a nonce that was given out."""
    assert ProgramsWorld().pass_gate(query) == {"isAuthorized": False}

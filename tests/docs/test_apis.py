"""The OpenAPI documents of docs/ say what the templates route and what the functions answer."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate
from programs.objects import DOWNLOAD_STARTS_WITHIN
from programs.routes import FOLLOWED, ROUTES
from programs.upload_requests import LARGEST_PUT, MOST_PARTS, SMALLEST_PART
from programs.uploads import PARTS_START_WITHIN, UPLOAD_STARTS_WITHIN

from tests.lambda_src.fakes import BUCKET
from tests.lambda_src.programs_world import ProgramsWorld
from tests.openapi import PORTAL_API, PROGRAMS_API, Document, Operation
from tests.templates.reading import PORTAL, PROGRAMS, Template

# Whoever calls a route of this AuthorizationType must show this.
_SCHEMES = {"NONE": [], "AWS_IAM": ["sigv4"], "CUSTOM": ["nonce"]}
# Pages that are not there, and methods that a path has not.
_ANYTHING_ELSE = "$default"

TEMPLATES = {PORTAL_API: PORTAL, PROGRAMS_API: PROGRAMS}

each_document = pytest.mark.parametrize("document", TEMPLATES, ids=lambda one: one.name)


def routes(template: Template) -> dict[str, str]:
    """The AuthorizationType of each route of the template, by its key."""
    found = (one["Properties"] for one in template.of_type("AWS::ApiGatewayV2::Route").values())
    return {one["RouteKey"]: one["AuthorizationType"] for one in found}


def route_of(one: Operation) -> str:
    """The key of the route that takes an operation's requests."""
    return one.route if one.route in routes(TEMPLATES[one.document]) else f"ANY {one.path}"


@each_document
def test_the_document_is_openapi(document: Document) -> None:
    """As its version has it, so that tools can read it."""
    validate(document.content)


@each_document
def test_every_route_is_documented_and_nothing_else(document: Document) -> None:
    """Each operation has its route, and each route its operations."""
    routed = routes(TEMPLATES[document]).keys() - {_ANYTHING_ELSE}

    assert {route_of(one) for one in document.operations()} == routed


@pytest.mark.parametrize(
    "one",
    [one for document in TEMPLATES for one in document.operations()],
    ids=lambda one: one.route,
)
def test_who_may_call_is_documented(one: Operation) -> None:
    """Nothing where the template lets everybody, else what it asks for."""
    assert one.security == _SCHEMES[routes(TEMPLATES[one.document])[route_of(one)]]


def test_the_functions_routes_are_the_templates() -> None:
    """Those that only signed requests reach, and the one behind the gate."""
    assert routes(PROGRAMS) == {**dict.fromkeys(ROUTES, "AWS_IAM"), FOLLOWED: "CUSTOM"}


def test_limits_are_the_codes() -> None:
    """Numbers in the text too."""
    upload = PROGRAMS_API.operation("GET /presigned-url")
    lasting = upload.content["description"]

    assert upload.query["parts"]["schema"]["maximum"] == MOST_PARTS
    assert (LARGEST_PUT, SMALLEST_PART) == (5 * 1024**3, 5 * 1024**2)
    assert "at\nmost 5 GiB" in upload.query["contentLength"]["description"]
    assert "at least 5 MiB" in upload.query["parts"]["description"]
    assert UPLOAD_STARTS_WITHIN == DOWNLOAD_STARTS_WITHIN
    assert f"for {UPLOAD_STARTS_WITHIN.seconds // 60} minutes" in lasting
    assert f"for {PARTS_START_WITHIN.seconds // 3600} hours" in lasting


def test_every_parameter_is_taken() -> None:
    """An upload and a download with all that is documented for each, by its examples."""
    world = ProgramsWorld()
    world.bucket.put("bob@example.com/report.pdf")
    one = PROGRAMS_API.operation("GET /presigned-url")
    examples = {name: p["example"] for name, p in one.query.items() if "example" in p}

    upload = world.presign(operation="upload", **examples)
    download = world.presign(operation="download", fileKey=examples["fileKey"], versionId="v1")

    assert set(examples) == set(one.query) - {"operation", "versionId"}
    for answered in (upload, download):
        assert answered.status == 200, answered
        assert one.faults_of(200, answered.body) == []


def test_what_is_answered_is_as_documented() -> None:
    """For the other routes, and what an upload in parts says to post is what the next one takes."""
    world = ProgramsWorld()
    world.bucket.put("report.pdf")
    begun = world.presign(operation="upload", fileKey="a", contentLength=1, parts=1).body
    body = begun["complete"]["body"]
    body["parts"][0]["eTag"] = '"0123"'
    given_up = {"fileKey": "a", "uploadId": begun["uploadId"], "abort": True}
    link = {"bucket_name": BUCKET, "object_name": "report.pdf", "expires": 60}

    for path, sent in (
        ("/complete-upload", body),
        ("/complete-upload", given_up),
        ("/generate-url", link),
    ):
        one = PROGRAMS_API.operation(f"POST {path}")
        answered = world.post(path, sent)
        assert list(PROGRAMS_API.faults_of(one.body_schema, sent)) == []
        assert answered.status == 200, answered
        assert one.faults_of(200, answered.body) == []

"""URLs for downloads, and what happens to uploads in parts afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.lambda_src.fakes import BUCKET
from tests.lambda_src.programs_world import REQUEST_ID, ProgramsWorld, query_of, request_for

COMPLETE = "/complete-upload"
PART = {"partNumber": 1, "eTag": '"0123"'}


@pytest.fixture
def world() -> ProgramsWorld:
    world = ProgramsWorld()
    world.bucket.put("a/ü.pdf")
    return world


def code(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "HeadObject")


def test_a_url_to_download_with(world: ProgramsWorld) -> None:
    """Pinned to the version there is, under the file's own name, for a quarter of an hour."""
    world.bucket.suspends_versioning()

    answered = world.presign(operation="download", fileKey="a/ü.pdf")

    assert (answered.status, list(answered.body)) == (200, ["url"])
    assert answered.body["url"].startswith(
        f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/a/%C3%BC.pdf?"
    )
    query = query_of(answered.body["url"])
    assert query["response-content-disposition"] == (
        "attachment; filename=\"u.pdf\"; filename*=UTF-8''%C3%BC.pdf"
    )
    assert (query["versionId"], query["X-Amz-Expires"]) == ("null", "900")
    assert query["x-s3link-delivery"] == REQUEST_ID


@pytest.mark.parametrize(
    ("parameters", "status", "said"),
    [
        ({"fileKey": "b.pdf"}, 404, 'There is no file "b.pdf"; upload it first.'),
        (
            {"fileKey": "b.pdf", "versionId": "v1"},
            404,
            'There is no such version of "b.pdf"; ask without versionId.',
        ),
        ({"fileKey": "a/ü.pdf", "versionId": ""}, 400, "versionId is empty."),
        (
            {"fileKey": "a/ü.pdf", "parts": "1"},
            400,
            'There is no query parameter "parts" here; known: operation, fileKey, versionId.',
        ),
        (
            {"fileKey": "./ü.pdf"},
            400,
            'fileKey is "./ü.pdf", but no folder or file may be called "." or "..": browsers '
            "cannot open it.",
        ),
    ],
)
def test_what_is_not_there_is_said(
    world: ProgramsWorld, parameters: dict[str, object], status: int, said: str
) -> None:
    """A URL would only fail later, and elsewhere."""
    answered = world.presign(operation="download", **parameters)

    assert (answered.status, answered.error) == (status, said)


def test_a_key_that_is_not_for_programs_is_not_even_looked_up(world: ProgramsWorld) -> None:
    """Whether it is there is none of their business."""
    world.bucket.refuses_with(AssertionError("looked up"))

    answered = world.presign(operation="download", fileKey="a/ü.pdf", keys="programs/*")

    assert answered.status == 400


FAULTS: dict[str, tuple[Any, int, str]] = {
    "denied": (
        code("403"),
        503,
        'Whether "a/ü.pdf" is there is not known: S3 does not let Programs\' role do it '
        "(403). Ask whoever runs this API to look into its log, and to deploy the programs stack "
        "again.",
    ),
    "slow": (
        ReadTimeoutError(endpoint_url="https://example.com"),
        503,
        'Whether "a/ü.pdf" is there is not known: S3 does not do it at present '
        "(ReadTimeoutError). Try again in a minute.",
    ),
    "no such version, or SSE-C": (
        code("400"),
        400,
        'S3 refuses to read "a/ü.pdf": either it has no such version, or it is encrypted with '
        "its sender's own key (SSE-C).",
    ),
}


@pytest.mark.parametrize(("fault", "status", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_of_s3(world: ProgramsWorld, fault: Exception, status: int, said: str) -> None:
    """The caller's own are 400; of others the admin is told, by the count of 5xx."""
    world.bucket.refuses_with(fault)

    answered = world.presign(operation="download", fileKey="a/ü.pdf")

    assert (answered.status, answered.error) == (status, said)


@pytest.mark.parametrize("version", [{}, {"versionId": "3sL4kqtJlcpXroDTDmJ-rmSpXd3dIbrHY"}])
def test_what_is_not_there_though_s3_does_not_say_so(
    world: ProgramsWorld, version: dict[str, str]
) -> None:
    """S3 calls it denied, for the role may list keys of programs alone; these it asks about."""
    world.bucket.hides_absence("gone.pdf")
    world.bucket.put("gone.pdf.sig")

    answered = world.presign(operation="download", fileKey="gone.pdf", **version)

    assert answered.status == 404


def test_an_archived_file_is_no_fault_of_s3(world: ProgramsWorld) -> None:
    """It has to be restored before anybody can download it."""
    world.bucket.archives("a/ü.pdf")

    answered = world.presign(operation="download", fileKey="a/ü.pdf")

    assert answered.status == 400
    assert answered.error == (
        '"a/ü.pdf" is archived in S3 and cannot be downloaded; restore it first.'
    )


def test_a_file_that_cannot_be_decrypted_is_no_fault_of_s3(world: ProgramsWorld) -> None:
    """Under a KMS key that is not among FileKeyArns."""
    world.bucket.encrypts("a/ü.pdf", "AccessDenied")

    answered = world.presign(operation="download", fileKey="a/ü.pdf")

    assert answered.status == 400
    assert answered.error == (
        '"a/ü.pdf" is encrypted with a KMS key that this API may not use; upload it again without '
        "it, or ask whoever runs this API to add the key to FileKeyArns."
    )


def test_parts_are_put_together(world: ProgramsWorld) -> None:
    """In the order of their numbers, however they came; and the version is told."""
    parts = [{"partNumber": 2, "eTag": "b"}, {"partNumber": 1, "eTag": '"a-1"'}]

    answered = world.post(COMPLETE, {"fileKey": "a", "uploadId": "upload-1", "parts": parts})

    assert (answered.status, answered.body) == (200, {"fileKey": "a", "versionId": "v1"})
    assert world.bucket.completed == [
        {
            "Bucket": BUCKET,
            "Key": "a",
            "UploadId": "upload-1",
            "MultipartUpload": {
                "Parts": [{"PartNumber": 1, "ETag": '"a-1"'}, {"PartNumber": 2, "ETag": "b"}]
            },
            "IfNoneMatch": "*",
        }
    ]


def test_an_upload_is_given_up(world: ProgramsWorld) -> None:
    """So that its parts cost nothing until S3 removes them by itself."""
    answered = world.post(COMPLETE, {"fileKey": "a", "uploadId": "upload-1", "abort": True})

    assert (answered.status, answered.body) == (200, {"fileKey": "a", "aborted": True})
    assert world.bucket.aborted == [{"Bucket": BUCKET, "Key": "a", "UploadId": "upload-1"}]


MISTAKES: dict[str, tuple[dict[str, object], str]] = {
    "no key": ({"fileKey": None}, "fileKey is missing."),
    "a key of another kind": ({"fileKey": ["a"]}, "fileKey must be text."),
    "half of a character": ({"fileKey": "\ud800"}, "fileKey has half of a character in it."),
    "a folder": ({"fileKey": "a/"}, 'fileKey is "a/", a folder; name a file in it.'),
    "no upload": ({"uploadId": ""}, "uploadId is empty."),
    "an id with a space": (
        {"uploadId": "a b"},
        "uploadId is none of S3's; give the one that was answered.",
    ),
    "no parts": (
        {"parts": []},
        'parts must be a list of 1 to 1000 parts, each as {"partNumber": 1, "eTag": "…"}.',
    ),
    "too many parts": (
        {"parts": [PART] * 1001},
        'parts must be a list of 1 to 1000 parts, each as {"partNumber": 1, "eTag": "…"}.',
    ),
    "a part twice": ({"parts": [PART, PART]}, "parts has a partNumber twice."),
    "no part": (
        {"parts": [7]},
        'parts has something that is not a part, as {"partNumber": 1, …} is.',
    ),
    "a number as text": (
        {"parts": [{**PART, "partNumber": "1"}]},
        "partNumber must be a whole number from 1 to 1000.",
    ),
    "true as a number": (
        {"parts": [{**PART, "partNumber": True}]},
        "partNumber must be a whole number from 1 to 1000.",
    ),
    "the template as it was answered": ({"parts": [{**PART, "eTag": ""}]}, "eTag is empty."),
    "another tag": (
        {"parts": [{**PART, "eTag": "<a>\n"}]},
        'eTag is "<a>\\n", but must be the ETag that S3 answered the part\'s upload with.',
    ),
    "S3's own spelling": (
        {"parts": [{"PartNumber": 1, "ETag": "a"}]},
        'There is no field of a part "PartNumber" here; known: partNumber, eTag.',
    ),
    "an unknown field": (
        {"bucket": "b"},
        'There is no field "bucket" here; known: fileKey, uploadId, parts, abort.',
    ),
    "abort and parts": (
        {"abort": True},
        "There are both parts and abort; give parts to complete the upload only.",
    ),
    "abort that is none": (
        {"abort": "true"},
        "abort must be true; leave it out to complete the upload.",
    ),
}


@pytest.mark.parametrize(("changes", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_completing_is_named(
    world: ProgramsWorld, changes: dict[str, object], said: str
) -> None:
    """400 and one sentence; S3 is not asked."""
    body = {"fileKey": "a", "uploadId": "upload-1", "parts": [PART], **changes}

    answered = world.post(COMPLETE, body)

    assert (answered.status, answered.error) == (400, said)
    assert world.bucket.completed == []


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (
            "NoSuchUpload",
            404,
            'There is no such upload of "a": it was completed or given up before, or was never '
            "begun.",
        ),
        (
            "InvalidPart",
            400,
            'The upload of "a" was not completed: a part was not uploaded, or its eTag is another.',
        ),
        (
            "EntityTooSmall",
            400,
            'The upload of "a" was not completed: all parts but the last must have the size that '
            "was asked for.",
        ),
        (
            "PreconditionFailed",
            400,
            'The upload of "a" was not completed: there is a file of this name, perhaps from this '
            "upload; use another key.",
        ),
        (
            "ConditionalRequestConflict",
            400,
            'The upload of "a" was not completed: the key was written meanwhile; begin the upload '
            "anew.",
        ),
        (
            "InternalError",
            503,
            'The upload of "a" was not completed: S3 does not do it at present (InternalError). '
            "Try again in a minute.",
        ),
    ],
)
def test_what_s3_says_of_parts(world: ProgramsWorld, fault: str, status: int, said: str) -> None:
    """What the program did, and what S3 did, are told apart."""
    world.bucket.fails_uploads_with(fault)

    answered = world.post(COMPLETE, {"fileKey": "a", "uploadId": "u", "parts": [PART]})

    assert (answered.status, answered.error) == (status, said)


def test_an_upload_that_is_gone_cannot_be_given_up(world: ProgramsWorld) -> None:
    """A second abort is told so."""
    world.bucket.fails_uploads_with("NoSuchUpload")

    assert world.post(COMPLETE, {"fileKey": "a", "uploadId": "u", "abort": True}).status == 404


@pytest.mark.parametrize("route", ["POST /complete-upload", "POST /generate-url"])
def test_a_query_is_no_body(world: ProgramsWorld, route: str) -> None:
    """Fields in the query would be passed over in silence."""
    answered = world.answer(request_for(route, "fileKey=a", body="{}"))

    assert answered.error == 'There is no query parameter "fileKey" here; known: none.'


@pytest.mark.parametrize("route", ["GET /", "POST /presigned-url", "", "$default"])
def test_no_other_route_is_answered(world: ProgramsWorld, route: str) -> None:
    """The template names four; whatever calls with another one gets nothing."""
    assert world.answer(request_for(route)).error == "This function has no such route."


def test_a_file_under_a_uuid_is_downloaded_under_its_own_name(world: ProgramsWorld) -> None:
    """Which its Content-Disposition says; by a one-time link as well."""
    world.bucket.put("a/7f3e1c9a", disposition='attachment; filename="Q3 report.pdf"')

    answered = world.presign(operation="download", fileKey="a/7f3e1c9a")
    passed = world.open(world.one_time_link("a/7f3e1c9a"))
    followed = world.follow(passed["context"])

    for url in (answered.body["url"], followed.headers["location"]):
        assert query_of(url)["response-content-disposition"].startswith(
            'attachment; filename="Q3 report.pdf";'
        )

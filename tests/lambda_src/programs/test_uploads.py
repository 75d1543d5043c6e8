"""URLs for uploads: what is signed, what is refused and what is said."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from files.metadata import decoded
from files.uploads import Upload
from mail.recipients import RecipientSettings, recipients_of

from tests.lambda_src.fakes import BUCKET
from tests.lambda_src.programs_world import ENVIRONMENT, ProgramsWorld, query_of

MIB = 1024**2
GIB = 1024**3


@pytest.fixture
def world() -> ProgramsWorld:
    return ProgramsWorld()


def test_a_url_to_upload_with(world: ProgramsWorld) -> None:
    """To the bucket, for a quarter of an hour, where no file has the key; no cache keeps it."""
    answered = world.presign(operation="upload", fileKey="a b/ü+.pdf")

    assert (answered.status, list(answered.body)) == (200, ["url", "headers"])
    assert answered.body["headers"] == {"if-none-match": "*"}
    url = answered.body["url"]
    assert url.startswith(
        f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B.pdf"
        "?x-amz-expected-bucket-owner=123456789012&X-Amz-Algorithm=AWS4"
    )
    assert query_of(url)["X-Amz-Expires"] == "900"
    assert query_of(url)["X-Amz-SignedHeaders"] == "host;if-none-match"
    assert answered.headers == {"content-type": "application/json", "cache-control": "no-store"}


def test_what_was_asked_with_is_signed(world: ProgramsWorld) -> None:
    """Length, type and wishes hold, because S3 takes no other headers than those signed."""
    answered = world.presign(
        operation="upload",
        fileKey="report.pdf",
        contentLength=0,
        contentType="text/plain;charset=utf-8",
        recipients="bob@example.com, Carol@EXAMPLE.com",
        note="As discussed.",
        expires=3600,
        maxDownloads=0,
    )

    assert answered.body["headers"] == {
        "content-length": "0",
        "content-type": "text/plain;charset=utf-8",
        "if-none-match": "*",
        "x-amz-meta-expires": "3600",
        "x-amz-meta-max-downloads": "0",
        "x-amz-meta-note": "As discussed.",
        "x-amz-meta-recipients": "bob@example.com,Carol@example.com",
    }
    assert query_of(answered.body["url"])["X-Amz-SignedHeaders"] == ";".join(
        sorted([*answered.body["headers"], "host"])
    )


@pytest.mark.parametrize("note", ["Für Sie ✓", "two\nlines", "two  spaces", "=?utf-8?q?a?="])
def test_a_note_of_any_characters_travels(world: ProgramsWorld, note: str) -> None:
    """As LinkGenerator decodes it; in ASCII, on one line, without spaces that a signer drops."""
    answered = world.presign(operation="upload", fileKey="a", note=f" {note} ")

    sent = answered.body["headers"]["x-amz-meta-note"]
    assert sent.isascii()
    assert sent.isprintable()
    assert "  " not in sent
    assert decoded(sent) == note


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no operation": ({"operation": ""}, "operation is empty."),
    "another operation": (
        {"operation": "delete"},
        'operation is "delete", but must be upload or download.',
    ),
    "no key": ({"fileKey": ""}, "fileKey is empty."),
    "a long key": ({"fileKey": "ü" * 513}, "fileKey is longer than 1024 bytes in UTF-8."),
    "a folder": ({"fileKey": "a/"}, 'fileKey is "a/", a folder; name a file in it.'),
    "the folder above": (
        {"fileKey": "a/../b"},
        'fileKey is "a/../b", but no folder or file may be called "." or "..": browsers cannot '
        "open it.",
    ),
    "a control character": (
        {"fileKey": "a\nb"},
        'fileKey is "a\\nb", with a control character; use another name.',
    ),
    "an unknown parameter": (
        {"filekey": "a"},
        'There is no query parameter "filekey" here; known: operation, fileKey, contentLength, '
        "contentType, parts, recipients, note, expires, maxDownloads.",
    ),
    "a version": (
        {"versionId": "v1"},
        'There is no query parameter "versionId" here; known: operation, fileKey, contentLength, '
        "contentType, parts, recipients, note, expires, maxDownloads.",
    ),
    "no number": (
        {"contentLength": "1e3"},
        'contentLength is "1e3", but must be a whole number, at least 0.',
    ),
    "other digits": (
        {"contentLength": "١"},
        'contentLength is "١", but must be a whole number, at least 0.',
    ),
    "a negative number": (
        {"contentLength": "-1"},
        'contentLength is "-1", but must be a whole number, at least 0.',
    ),
    "too much": (
        {"contentLength": 5 * GIB + 1},
        "contentLength is 5368709121, but one upload takes at most 5368709120 bytes; ask with at "
        "least parts=2.",
    ),
    "no type": (
        {"contentType": "text"},
        'contentType is "text", but must be a type without spaces, such as application/pdf or '
        "text/plain;charset=utf-8 (in a query + is written %2B).",
    ),
    "a type with a line break": (
        {"contentType": "text/plain\r\nx-amz-acl:public-read"},
        'contentType is "text/plain\\r\\nx-amz-acl:public-read", but must be a type without '
        "spaces, such as application/pdf or text/plain;charset=utf-8 (in a query + is written "
        "%2B).",
    ),
    "no part": ({"parts": 0}, "parts must be a whole number from 1 to 1000."),
    "too many parts": ({"parts": 1001}, "parts must be a whole number from 1 to 1000."),
    "parts of nothing known": (
        {"parts": 2},
        "contentLength is missing; with parts it says how many bytes all of them have.",
    ),
    "parts too small": (
        {"parts": 3, "contentLength": 10 * MIB},
        "contentLength is 10485760, too little for parts=3: all parts but the last have at least "
        "5242880 bytes; ask with at most parts=2.",
    ),
    "parts too large": (
        {"parts": 1000, "contentLength": 5000 * GIB + 1},
        "contentLength is 5368709120001, too much for parts=1000: each part takes at most "
        "5368709120 bytes, and there are at most 1000 parts.",
    ),
    "no address": (
        {"recipients": "bob@example.com;eve@example.com"},
        'recipients has "bob@example.com;eve@example.com", which is not an address, for ',
    ),
    "a nameless recipient": (
        {"recipients": "bob@example.com,"},
        'recipients has "", which is not an ',
    ),
    "no time": ({"expires": 0}, "expires must be a whole number, at least 1."),
    "too many downloads": (
        {"maxDownloads": 1_000_001},
        "maxDownloads must be a whole number from 0 to 1000000.",
    ),
    "a long note": (
        {"note": "ü" * 1000},
        "recipients and note take ",
    ),
}


LATER: dict[str, tuple[dict[str, object], dict[str, str], str]] = {
    "a stranger": (
        {"recipients": "bob@example.com, eve@evil.example, mal@evil.example"},
        {},
        "Nothing was signed, because eve@evil.example, mal@evil.example may not get links from "
        "this deployment; upload for others, or have the address added to AuthorizedRecipients.",
    ),
    "a stranger's folder": (
        {"fileKey": "eve@evil.example/report.pdf"},
        {},
        'Nothing was signed: "eve@evil.example/report.pdf" was not announced to '
        "anybody: not on AuthorizedRecipients: eve@evil.example. Add the address or its @domain "
        "there and deploy, or upload it again for others.",
    ),
    "a folder that was meant as an address": (
        {"fileKey": "bob@@example.com/report.pdf"},
        {},
        'Nothing was signed: "bob@@example.com/report.pdf" was not announced: '
        '"bob@@example.com" in its first folder is not an address, for ',
    ),
    "usual recipients who may get nothing": (
        {},
        {"EmailRecipient": "team@example.org"},
        'Nothing was signed: "report.pdf" was not announced to anybody: not on '
        "AuthorizedRecipients: team@example.org.",
    ),
    "a count that nobody keeps": (
        {"maxDownloads": 1},
        {"CountsDownloads": "false"},
        "maxDownloads needs the portal, which this deployment lacks: nobody counts the downloads "
        "of a direct link. Leave it out.",
    ),
}


@pytest.mark.parametrize("parts", [{}, {"contentLength": 3, "parts": 1}], ids=["whole", "parts"])
@pytest.mark.parametrize(("changes", "environment", "said"), LATER.values(), ids=LATER.keys())
def test_what_would_be_refused_later_is_refused_at_once(
    world: ProgramsWorld,
    changes: dict[str, object],
    environment: dict[str, str],
    said: str,
    parts: dict[str, object],
) -> None:
    """What LinkGenerator would not announce is not uploaded first, whole or in parts."""
    asked = {"operation": "upload", "fileKey": "report.pdf", **parts, **changes}

    answered = world.presign(environment=environment, **asked)

    assert (answered.status, answered.error[: len(said)]) == (400, said)
    assert world.bucket.begun == []


def test_what_is_signed_is_announced(world: ProgramsWorld) -> None:
    """The metadata that S3 keeps, LinkGenerator reads as the same people, whom it may mail."""
    answered = world.presign(
        operation="upload",
        fileKey="eve@evil.example/a",
        recipients="Bob@EXAMPLE.com,a+b@example.com",
    )

    kept = {"recipients": answered.body["headers"]["x-amz-meta-recipients"]}
    upload = Upload(BUCKET, "eve@evil.example/a", None)
    mailed = recipients_of(upload, kept, RecipientSettings.from_environment(ENVIRONMENT))
    assert [str(one) for one in mailed] == ["Bob@example.com", "a+b@example.com"]


@pytest.mark.parametrize("parts", [{}, {"contentLength": 3, "parts": 1}], ids=["whole", "parts"])
def test_a_file_with_the_name_of_a_leftover_is_announced(
    world: ProgramsWorld, parts: dict[str, object]
) -> None:
    """The program has named it, as `s3link send` may; what is signed says so."""
    answered = world.presign(operation="upload", fileKey="bob@example.com/video.mp4.part", **parts)

    if parts:
        [begun] = world.bucket.begun
        assert begun["Metadata"] == {"announce": "always"}
    else:
        assert answered.body["headers"]["x-amz-meta-announce"] == "always"


@pytest.mark.parametrize(("changes", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_is_named(world: ProgramsWorld, changes: dict[str, object], said: str) -> None:
    """400 and one sentence that says what is wrong, and what would be right."""
    answered = world.presign(**{"operation": "upload", "fileKey": "report.pdf", **changes})

    assert answered.status == 400
    assert answered.error.startswith(said)
    assert answered.error.endswith(".")


def test_a_missing_key_is_named(world: ProgramsWorld) -> None:
    """A request without a query is answered too."""
    assert world.presign(operation="upload").error == "fileKey is missing."
    assert world.presign("").error == "operation is missing."


@pytest.mark.parametrize(
    ("keys", "key", "status"),
    [
        ("*", "report.pdf", 200),
        ("*", "/report.pdf", 200),
        ("programs/*", "programs/report.pdf", 200),
        ("programs/*", "programs", 400),
        ("programs/*", "programs2/report.pdf", 400),
        ("programs/*", "Programs/report.pdf", 400),
        ("programs/*", "/programs/report.pdf", 400),
        ("programs/*", "programs/../report.pdf", 400),
        ("programs/*", "programs/./../report.pdf", 400),
    ],
)
def test_keys_are_confined(world: ProgramsWorld, keys: str, key: str, status: int) -> None:
    """To what ProgramsKeys allows, as the role's policy has it; there is no way up and around."""
    answered = world.presign(operation="upload", fileKey=key, keys=keys)

    assert answered.status == status
    if keys != "*" and ".." not in key and status == 400:
        assert answered.error == (
            f'fileKey is "{key}", but keys of programs begin with "programs/" here.'
        )


def test_an_upload_in_parts(world: ProgramsWorld) -> None:
    """A URL for each part with its length signed, and what to post when all are there."""
    answered = world.presign(
        operation="upload",
        fileKey="large.bin",
        contentLength=11 * MIB + 1,
        parts=2,
        contentType="video/mp4",
        note="Für Sie",
    )

    assert answered.status == 200
    assert world.bucket.begun == [
        {
            "Bucket": BUCKET,
            "Key": "large.bin",
            "Metadata": {"note": "=?utf-8?b?RsO8ciBTaWU=?="},
            "ContentType": "video/mp4",
        }
    ]
    assert answered.body["partSize"] == 11 * MIB // 2 + 1
    queries = [query_of(url) for url in answered.body["urls"]]
    assert [(q["partNumber"], q["uploadId"]) for q in queries] == [
        ("1", "upload-1"),
        ("2", "upload-1"),
    ]
    assert {q["X-Amz-SignedHeaders"] for q in queries} == {"content-length;host"}
    assert {q["X-Amz-Expires"] for q in queries} == {str(6 * 3600)}
    assert answered.body["complete"] == {
        "method": "POST",
        "url": "https://programs.example.com/complete-upload",
        "body": {
            "fileKey": "large.bin",
            "uploadId": "upload-1",
            "parts": [{"partNumber": 1, "eTag": ""}, {"partNumber": 2, "eTag": ""}],
        },
    }


@pytest.mark.parametrize(
    ("length", "parts", "size"),
    [
        (0, 1, 0),
        (5 * GIB, 1, 5 * GIB),
        (5 * GIB + 1, 2, 2_684_354_561),
        (5000 * GIB, 1000, 5 * GIB),
        (5000 * MIB, 1000, 5 * MIB),
        (999 * 5 * MIB + 1, 999, 5 * MIB + 1),
    ],
)
def test_sizes_of_parts(world: ProgramsWorld, length: int, parts: int, size: int) -> None:
    """Up to 5,000 GiB; the last part has the rest, which is never nothing but for nothing."""
    answered = world.presign(operation="upload", fileKey="a", contentLength=length, parts=parts)

    assert answered.body["partSize"] == size
    assert len(answered.body["urls"]) == parts
    assert min(length, 1) <= length - (parts - 1) * size <= size


def test_the_longest_answer_is_within_lambdas_limit(world: ProgramsWorld) -> None:
    """6 MB, with a token of a session, which may be 2,000 characters, in each of 1,000 URLs."""
    key = "ü" * 512
    answered = world.presign(operation="upload", fileKey=key, contentLength=5000 * GIB, parts=1000)

    length = sum(len(url) for url in answered.body["urls"])
    assert length + 1000 * 2000 < 6_000_000


FAULTS: dict[str, tuple[Any, str]] = {
    "denied": (
        ClientError({"Error": {"Code": "AccessDenied"}}, "CreateMultipartUpload"),
        'The upload of "a" was not begun: S3 does not let Programs\' role do it '
        "(AccessDenied). Ask whoever runs this API to look into its log, and to deploy the "
        "programs stack again.",
    ),
    "busy": (
        ClientError({"Error": {"Code": "SlowDown"}}, "CreateMultipartUpload"),
        'The upload of "a" was not begun: S3 does not do it at present (SlowDown). '
        "Try again in a minute.",
    ),
    "unreachable": (
        EndpointConnectionError(endpoint_url="https://example.com"),
        'The upload of "a" was not begun: S3 does not do it at present '
        "(EndpointConnectionError). Try again in a minute.",
    ),
}


@pytest.mark.parametrize(("fault", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_s3_is_told_and_logged(
    world: ProgramsWorld, caplog: pytest.LogCaptureFixture, fault: Exception, said: str
) -> None:
    """503 for the program, whose count of 5xx tells the admin; the sentence stands in the log."""
    world.bucket.fails_uploads_with(fault)

    answered = world.presign(operation="upload", fileKey="a", contentLength=1, parts=1)

    assert (answered.status, answered.error) == (503, said)
    [line] = caplog.records
    assert (line.levelname, line.getMessage()) == ("ERROR", said)


def test_no_url_and_no_note_is_logged(
    world: ProgramsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Who asked for what is; that is all."""
    caplog.set_level("DEBUG")
    single = world.presign(operation="upload", fileKey="a.pdf", note="a secret", contentLength=1)
    parts = world.presign(operation="upload", fileKey="b.pdf", contentLength=9, parts=1)

    said = "\n".join(str(vars(record)) for record in caplog.records if record.name == "programs")
    assert "a.pdf" in said
    assert "user/program" in said
    for secret in ("secret", "Signature", single.body["url"], parts.body["uploadId"]):
        assert secret not in said

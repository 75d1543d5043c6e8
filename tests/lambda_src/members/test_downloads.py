"""A URL to one file of a version, for a minute."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.lambda_src.members_world import BOB, BUCKET, REQUEST_ID, MembersWorld, request_for
from tests.lambda_src.programs_world import query_of

RELOAD = "or not any more; load the list again."


def test_the_only_file_needs_no_name() -> None:
    """Pinned to the version that is there, under its own name, for a minute; notes do not count."""
    world = MembersWorld()
    world.bucket.publish("1.4.0/NOTES.md")
    world.bucket.suspends_versioning()

    answered = world.download("1.4.0")

    assert (answered.status, list(answered.body)) == (200, ["url"])
    assert answered.headers["cache-control"] == "no-store"
    url = answered.body["url"]
    assert url.startswith(f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/1.4.0/game.zip?")
    query = query_of(url)
    assert (query["versionId"], query["X-Amz-Expires"]) == ("null", "60")
    assert query["response-content-disposition"] == (
        "attachment; filename=\"game.zip\"; filename*=UTF-8''game.zip"
    )
    assert query["x-s3link-delivery"] == REQUEST_ID


AWKWARD = [
    "übung (final) & mehr.zip",
    "=cmd().xlsx",
    "<script>alert(1)</script>.html",
    "a\u202efdp.exe",
    "C:\\game.zip",
    "100%.zip",
    "sub/folder/game.zip",
    "a\nb",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_a_file_with_an_awkward_name(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its own bytes under its own harmless name; in the log it is one line, too."""
    world = MembersWorld()
    caplog.set_level(logging.INFO)
    version = "ver sion\u202e=1"
    world.bucket.publish(f"{version}/{name}")
    world.bucket.publish(f"{version}/other.zip")

    answered = world.download(version, file=name)

    assert answered.status == 200, answered
    disposition = parse_qs(urlsplit(answered.body["url"]).query)["response-content-disposition"][0]
    assert disposition.isascii()
    assert "\n" not in disposition
    [record] = caplog.records
    assert record.getMessage() == 'Signed a download of "ver sion\\u202e=1"'
    fields = {name: record.__dict__[name] for name in ("member", "version", "file", "request")}
    assert fields == {"member": BOB, "version": version, "file": name, "request": REQUEST_ID}


def test_the_url_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nor a part of it that opens anything."""
    caplog.set_level(logging.DEBUG)

    url = MembersWorld().download("1.4.0").body["url"]

    logged = str([record.__dict__ for record in caplog.records])
    assert BOB in logged
    assert query_of(url)["X-Amz-Signature"] not in logged
    assert "X-Amz" not in logged


def test_of_several_files_one_must_be_named() -> None:
    """The sentence has their names, and not all of very many."""
    world = MembersWorld()
    world.bucket.publish("1.4.0/game.dmg")

    answered = world.download("1.4.0")
    for number in range(30):
        world.bucket.publish(f"1.4.0/{number:02}")
    of_many = world.download("1.4.0")

    assert (answered.status, answered.error) == (
        400,
        'Version "1.4.0" has 2 files; name one as file: "game.dmg", "game.zip".',
    )
    assert of_many.error.startswith('Version "1.4.0" has 32 files; name one as file: "00", "01"')
    assert of_many.error.endswith('"18", "19", ….')
    assert world.download("1.4.0", file="game.zip").status == 200


NOT_THERE: dict[str, tuple[str, str | None, str]] = {
    "no version": ("2.0", None, f'There is no version "2.0", {RELOAD}'),
    "no version, and a file": ("2.0", "a", f'There is no file "a" in version "2.0", {RELOAD}'),
    "no file": ("1.4.0", "b", f'There is no file "b" in version "1.4.0", {RELOAD}'),
    "the survey": ("survey.json", None, f'There is no version "survey.json", {RELOAD}'),
    "a folder in it": (
        "1.4.0/sub",
        "game.zip",
        f'There is no file "game.zip" in version "1.4.0/sub", {RELOAD}',
    ),
    "a folder": ("1.4.0", "sub/", f'There is no file "sub/" in version "1.4.0", {RELOAD}'),
    "too long": (
        "1.4.0",
        "ü" * 600,
        f'There is no file "{"ü" * 80}…" in version "1.4.0", {RELOAD}',
    ),
    "HTML": ("<b>", "<i>", f'There is no file "<i>" in version "<b>", {RELOAD}'),
    "up": (
        "1.4.0",
        "../2.0/game.zip",
        '"1.4.0/../2.0/game.zip" cannot be downloaded: browsers cannot open a folder or file '
        'called "." or "..".',
    ),
    "a version called up": (
        "..",
        None,
        f'There is no version "..", {RELOAD}',
    ),
}


@pytest.mark.parametrize(("version", "file", "said"), NOT_THERE.values(), ids=NOT_THERE.keys())
def test_what_is_not_there(version: str, file: str | None, said: str) -> None:
    """A sentence of one line, with what to do."""
    world = MembersWorld()
    for key in ("survey.json", "1.4.0/sub/", "1.4.0/sub/game.zip", "../x"):
        world.bucket.publish(key, "" if key.endswith("/") else "x")

    answered = world.download(version, **({} if file is None else {"file": file}))

    assert (answered.status, answered.error) == (404, said)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("file=", "file is empty."),
        ("file=a&file=b", 'The query parameter "file" is given twice; give it once.'),
        ("name=a", 'There is no query parameter "name" here; known: file.'),
    ],
)
def test_a_wrong_query_is_refused(query: str, said: str) -> None:
    event = request_for("GET /artifacts/{version}", query, version="1.4.0")
    answered = MembersWorld().answer(event)

    assert (answered.status, answered.error) == (400, said)


def test_a_version_that_is_withdrawn_meanwhile() -> None:
    """After the list was loaded: the page is told; and between two questions of one request."""
    world = MembersWorld()
    world.get("/artifacts")
    world.bucket.withdraw("1.4.0/game.zip")

    assert world.download("1.4.0").status == 404
    assert world.download("1.4.0", file="game.zip").status == 404

    world.bucket.publish("1.4.0/game.zip")
    world.bucket.refuses("1.4.0/game.zip", "404")
    assert world.download("1.4.0").status == 404


AS_STORED = '"1.4.0/game.zip" cannot be downloaded as it is stored; ask whoever published it.'


def test_an_archived_file() -> None:
    """It has to be restored before anybody can download it: no fault of S3's."""
    world = MembersWorld()
    world.bucket.archive("1.4.0/game.zip")

    answered = world.download("1.4.0")

    assert (answered.status, answered.error) == (404, AS_STORED)


def test_a_file_that_cannot_be_decrypted() -> None:
    """Under a KMS key that Members may not use: no fault of S3's either."""
    world = MembersWorld()
    world.bucket.encrypts("1.4.0/game.zip")
    world.bucket.cannot_be_read("1.4.0/game.zip", "AccessDenied")

    answered = world.download("1.4.0")

    assert (answered.status, answered.error) == (404, AS_STORED)


FAULTS: dict[str, tuple[Any, int, str]] = {
    "SSE-C": (ClientError({"Error": {"Code": "400"}}, "HeadObject"), 404, AS_STORED),
    "denied": (
        ClientError({"Error": {"Code": "403"}}, "HeadObject"),
        503,
        'Whether "1.4.0/game.zip" is there is not known: S3 does not do it at present (403). Try '
        "again in a minute; if it stays so, tell whoever runs this page.",
    ),
    "slow": (
        ReadTimeoutError(endpoint_url="https://example.com"),
        503,
        'Whether "1.4.0/game.zip" is there is not known: S3 does not do it at present '
        "(ReadTimeoutError). Try again in a minute; if it stays so, tell whoever runs this page.",
    ),
}


@pytest.mark.parametrize(("fault", "status", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_of_s3(fault: Exception, status: int, said: str) -> None:
    world = MembersWorld()
    world.bucket.refuses_with(fault)

    answered = world.download("1.4.0")

    assert (answered.status, answered.error) == (status, said)


def test_a_file_may_have_a_name_of_its_own() -> None:
    """One rule for all downloads: what its Content-Disposition says stands before its key."""
    world = MembersWorld()
    world.bucket.put("1.4.0/7f3e1c9a", disposition='attachment; filename="game.zip"')

    answered = world.download("1.4.0", file="7f3e1c9a")

    disposition = query_of(answered.body["url"])["response-content-disposition"]
    assert disposition.startswith('attachment; filename="game.zip";')


def test_a_file_is_found_in_either_spelling() -> None:
    """macOS publishes decomposed names, and people type composed ones."""
    world = MembersWorld()
    world.bucket.publish("1.4.0/u\u0308bung.zip")

    answered = world.download("1.4.0", file="\u00fcbung.zip")

    assert answered.status == 200
    assert "/1.4.0/u%CC%88bung.zip?" in answered.body["url"]

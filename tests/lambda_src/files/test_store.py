"""What S3 answers about a file, and what that means for its links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from files.errors import FileArchived, FileNotReadable
from files.store import look_up
from files.uploads import Upload

from tests.lambda_src.fakes import BUCKET, NOW, Bucket

UPLOAD = Upload(BUCKET, "report.pdf", "version-1")
THE_KEY = {"Bucket": BUCKET, "Key": "report.pdf"}
THE_VERSION = {**THE_KEY, "VersionId": "version-1"}
LAST_MODIFIED = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
HEAD = {
    "ContentLength": 5,
    "LastModified": LAST_MODIFIED,
    "Metadata": {"Note": "hello"},
    "VersionId": "version-1",
}


@pytest.fixture
def store() -> Any:
    return boto3.client(
        "s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


@pytest.fixture
def answers(store: Any) -> Iterator[Stubber]:
    with Stubber(store) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_one_question_is_enough_for_a_file_that_is_as_its_event_says(
    store: Any, answers: Stubber
) -> None:
    """What S3 says about the key is about the version of the event."""
    answers.add_response("head_object", HEAD, THE_KEY)

    file = look_up(UPLOAD, store)

    assert file is not None
    assert file.upload == UPLOAD
    assert (file.size, file.last_modified) == (5, LAST_MODIFIED)
    assert file.metadata == {"note": "hello"}


def test_the_version_of_the_event_is_asked_for(store: Any, answers: Stubber) -> None:
    """A newer version of the same key may have arrived since; each is announced for itself."""
    answers.add_response("head_object", {**HEAD, "VersionId": "version-2"}, THE_KEY)
    answers.add_response("head_object", {**HEAD, "ContentLength": 4}, THE_VERSION)

    file = look_up(UPLOAD, store)

    assert file is not None
    assert file.upload == UPLOAD
    assert file.size == 4


def test_without_a_version_in_the_event_the_bucket_names_it(store: Any, answers: Stubber) -> None:
    """So that the link is pinned all the same."""
    answers.add_response("head_object", {**HEAD, "VersionId": "version-7"}, THE_KEY)

    file = look_up(Upload(BUCKET, "report.pdf", None), store)

    assert file is not None
    assert file.upload.version == "version-7"


def test_a_deleted_file_is_gone_though_its_version_is_there(store: Any, answers: Stubber) -> None:
    """Who deletes a file in a versioned bucket leaves the version, and wants no mail about it."""
    answers.add_client_error("head_object", "404", expected_params=THE_KEY, http_status_code=404)

    assert look_up(UPLOAD, store) is None


@pytest.mark.parametrize(
    ("code", "status"),
    [("404", 404), ("NoSuchKey", 404), ("NoSuchVersion", 404), ("405", 405)],
)
def test_a_replaced_file_that_is_gone_is_no_error(
    store: Any, answers: Stubber, code: str, status: int
) -> None:
    """The key has a newer version, this one was removed or never was one: nothing to announce."""
    answers.add_response("head_object", {**HEAD, "VersionId": "version-2"}, THE_KEY)
    answers.add_client_error("head_object", code, http_status_code=status)

    assert look_up(UPLOAD, store) is None


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("403", "allow s3:GetObject, s3:GetObjectVersion and s3:ListBucket"),
        ("AccessDenied", "allow s3:GetObject, s3:GetObjectVersion and s3:ListBucket"),
        ("400", "upload it again without SSE-C"),
        ("503", "S3 answered 503. Lambda tries again."),
        ("SlowDown", "S3 answered SlowDown. Lambda tries again."),
    ],
)
def test_a_refusal_is_a_sentence(store: Any, answers: Stubber, code: str, advice: str) -> None:
    """It names the file and what to do, and keeps the cause."""
    # What is refused of the key may be allowed of the version.
    for _ in range(2 if code in ("400", "403", "AccessDenied") else 1):
        answers.add_client_error("head_object", code)

    with pytest.raises(FileNotReadable, match=r'^"report\.pdf" was not announced') as refusal:
        look_up(UPLOAD, store)

    assert advice in str(refusal.value)
    assert refusal.value.__cause__ is not None


def test_silence_is_a_sentence_too() -> None:
    """Without an answer it is not known whether the file is there."""
    bucket = Bucket()
    bucket.refuses_with(EndpointConnectionError(endpoint_url="https://s3.example.com"))

    with pytest.raises(FileNotReadable, match=r"S3 did not answer \(EndpointConnectionError\)"):
        look_up(UPLOAD, bucket)


@pytest.mark.parametrize(
    ("more", "archive"),
    [
        ({"StorageClass": "GLACIER"}, "storage class GLACIER"),
        ({"StorageClass": "DEEP_ARCHIVE"}, "storage class DEEP_ARCHIVE"),
        (
            {"StorageClass": "GLACIER", "Restore": 'ongoing-request="true"'},
            "storage class GLACIER",
        ),
        (
            {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "ARCHIVE_ACCESS"},
            "INTELLIGENT_TIERING's ARCHIVE_ACCESS",
        ),
        (
            {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "DEEP_ARCHIVE_ACCESS"},
            "INTELLIGENT_TIERING's DEEP_ARCHIVE_ACCESS",
        ),
    ],
)
def test_an_archived_file_is_not_announced(
    store: Any, answers: Stubber, more: dict[str, str], archive: str
) -> None:
    """Its link would answer InvalidObjectState."""
    answers.add_response("head_object", {**HEAD, **more})

    with pytest.raises(FileArchived) as refusal:
        look_up(UPLOAD, store)

    assert str(refusal.value) == (
        f'"report.pdf" was not announced: it lies in {archive}, which cannot be downloaded from; '
        "upload it again in class STANDARD."
    )


@pytest.mark.parametrize(
    "more",
    [
        {"StorageClass": "STANDARD_IA"},
        {"StorageClass": "INTELLIGENT_TIERING"},
        {"StorageClass": "GLACIER_IR"},
        {"StorageClass": "GLACIER", "Restore": 'ongoing-request="false", expiry-date="…"'},
    ],
)
def test_a_file_that_can_be_downloaded_is_announced(
    store: Any, answers: Stubber, more: dict[str, str]
) -> None:
    """Other classes, and restored copies, download at once."""
    answers.add_response("head_object", {**HEAD, **more})

    assert look_up(UPLOAD, store) is not None


@pytest.mark.parametrize(
    ("key", "size", "is_folder"),
    [("reports/", 0, True), ("reports/", 1, False), ("empty.txt", 0, False)],
)
def test_folder_markers(key: str, size: int, is_folder: bool) -> None:
    """Only an empty object whose key ends in a slash is a folder of the console."""
    bucket = Bucket()
    bucket.put(key, size=size)

    file = look_up(Upload(BUCKET, key, None), bucket)

    assert file is not None
    assert file.is_folder_marker is is_folder


def test_a_newer_file_that_is_refused_hides_no_older_version(store: Any, answers: Stubber) -> None:
    """S3 does not let the newest be read, and the one that was asked for it does."""
    answers.add_client_error("head_object", "400")
    answers.add_response(
        "head_object",
        {"VersionId": UPLOAD.version, "ContentLength": 5, "LastModified": NOW, "Metadata": {}},
        {"Bucket": UPLOAD.bucket, "Key": UPLOAD.key, "VersionId": UPLOAD.version},
    )

    file = look_up(UPLOAD, store)

    assert file is not None
    assert file.upload.version == UPLOAD.version


def test_a_version_that_is_denied_and_not_listed_is_gone(store: Any, answers: Stubber) -> None:
    """A newer one is there, and the role may not learn of absence by asking for the old one."""
    listed = {"Versions": [{"Key": "report.pdf", "VersionId": "version-2"}]}
    answers.add_response("head_object", {**HEAD, "VersionId": "version-2"}, THE_KEY)
    answers.add_client_error("head_object", "403", expected_params=THE_VERSION)
    whose = {"Bucket": BUCKET, "Prefix": "report.pdf"}
    answers.add_response("list_object_versions", listed, whose)

    assert look_up(UPLOAD, store) is None


@pytest.mark.parametrize(
    "listed",
    [
        {"Versions": [{"Key": "report.pdf", "VersionId": "version-1"}]},
        {"Versions": [], "IsTruncated": True},
        None,
    ],
)
def test_what_is_denied_may_still_be_there(
    store: Any, answers: Stubber, listed: dict[str, Any] | None
) -> None:
    """It is listed, or beyond the list's first page, or the list is denied as well."""
    answers.add_response("head_object", {**HEAD, "VersionId": "version-2"}, THE_KEY)
    answers.add_client_error("head_object", "403", expected_params=THE_VERSION)
    if listed is None:
        answers.add_client_error("list_object_versions", "AccessDenied")
    else:
        answers.add_response("list_object_versions", listed)

    with pytest.raises(FileNotReadable, match="does not let LinkGenerator's role read it"):
        look_up(UPLOAD, store)

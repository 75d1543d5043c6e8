"""What S3's event bodies say."""

from __future__ import annotations

from typing import Any

import pytest
from files.errors import EventError
from files.uploads import Upload, is_arrival, records_of, upload_of

from tests.lambda_src.fakes import BUCKET, arrival_of, event


@pytest.mark.parametrize(
    ("name", "upload"),
    [
        (
            "put",
            Upload(BUCKET, "report.pdf", "096fKKXTRTtl3on89fVO.nfljtsv6qko", "0055AED6DCD90281E5"),
        ),
        ("put_to_unversioned_bucket", Upload(BUCKET, "report.pdf", None)),
        (
            "multipart_upload_of_a_newer_event_version",
            Upload(BUCKET, "big film.mov", "version-1"),
        ),
    ],
)
def test_an_arrival_names_an_upload(name: str, upload: Upload) -> None:
    """The version may be absent, and what is new in a later event version is ignored."""
    [record] = records_of(event(name))

    assert is_arrival(record)
    assert upload_of(record, BUCKET) == upload


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("my+report.pdf", "my report.pdf"),
        ("1%2B1.txt", "1+1.txt"),
        ("100%25.txt", "100%.txt"),
        ("100%2525.txt", "100%25.txt"),
        ("a%2Fb/c.txt", "a/b/c.txt"),
        ("%C3%BC%F0%9F%8E%89.txt", "ü🎉.txt"),
        ("line%0Abreak.txt", "line\nbreak.txt"),
        ("%E2%80%8Frtl.txt", "\u200frtl.txt"),
        ("%22quoted%22%2C+%27single%27.txt", "\"quoted\", 'single'.txt"),
        ("%3Cb%3E.html", "<b>.html"),
    ],
)
def test_keys_arrive_encoded_as_in_a_query_string(encoded: str, key: str) -> None:
    """A plus is a space, and a percent sign is decoded once."""
    [record] = arrival_of("x")["Records"]
    record["s3"]["object"]["key"] = encoded

    assert upload_of(record, BUCKET).key == key


@pytest.mark.parametrize(
    "body", [event("test_event"), {}, {"Records": []}, {"Records": None}, [], "text", None]
)
def test_bodies_without_records_have_none(body: object) -> None:
    """S3 sends a test event without Records when a notification is set up."""
    assert records_of(body) == []


@pytest.mark.parametrize(
    ("name", "arrived"),
    [
        ("ObjectCreated:Put", True),
        ("ObjectCreated:Copy", True),
        ("s3:ObjectCreated:Post", True),
        ("ObjectRemoved:Delete", False),
        ("ObjectRestore:Completed", False),
        ("ObjectTagging:Put", False),
        ("LifecycleExpiration:Delete", False),
    ],
)
def test_only_created_objects_arrive(name: str, arrived: bool) -> None:
    """However they were created, and whatever else happens to objects."""
    assert is_arrival({"eventName": name}) is arrived


@pytest.mark.parametrize("record", [None, "text", 1, [], {}, {"eventName": None}])
def test_a_record_that_says_nothing_is_an_error(record: Any) -> None:
    """It cannot be known whether a file waits behind it, so it is not dropped."""
    with pytest.raises(EventError, match="does not say in S3's way"):
        is_arrival(record)


@pytest.mark.parametrize(
    "s3",
    [
        None,
        {},
        {"bucket": {"name": BUCKET}},
        {"bucket": {"name": BUCKET}, "object": {}},
        {"bucket": {"name": BUCKET}, "object": {"key": None}},
        {"bucket": {"name": BUCKET}, "object": {"key": ""}},
        {"bucket": {"name": BUCKET}, "object": {"key": "not%FFutf-8"}},
        {"bucket": {"name": BUCKET}, "object": {"key": "half a pair \ud83c"}},
        {"object": {"key": "report.pdf"}},
    ],
)
def test_an_arrival_without_a_readable_key_is_an_error(s3: object) -> None:
    """The same goes for an arrival of nothing that S3 could hold."""
    with pytest.raises(EventError, match="does not say in S3's way"):
        upload_of({"eventName": "ObjectCreated:Put", "s3": s3}, BUCKET)


def test_another_bucket_is_refused() -> None:
    """LinkGenerator signs for its own bucket only, whoever calls it."""
    [record] = arrival_of("report.pdf")["Records"]
    record["s3"]["bucket"]["name"] = "other-files"

    with pytest.raises(EventError) as refusal:
        upload_of(record, BUCKET)

    assert str(refusal.value) == (
        '"report.pdf" was not announced: it is in bucket "other-files", '
        'but LinkGenerator serves "example-files" only.'
    )

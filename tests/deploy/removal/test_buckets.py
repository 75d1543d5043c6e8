"""Buckets are emptied of everything: versions, delete markers, unfinished uploads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from deploy.aws.clients import Clients, connect_with_keys
from deploy.errors import StackError
from deploy.removal import buckets
from deploy.removal.buckets import BucketContents

BUCKET = "s3link-123456789012-eu-west-1"


@pytest.fixture
def clients() -> Iterator[Clients]:
    with mock_aws():
        clients = connect_with_keys("key", "secret", "eu-west-1", None)
        clients.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        clients.s3.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        yield clients


def put(clients: Clients, *keys: str) -> None:
    for key in keys:
        clients.s3.put_object(Bucket=BUCKET, Key=key, Body=b"12345")


def ignore(count: int) -> None:
    """Nobody looks at the progress."""


def test_a_bucket_is_counted_with_all_it_holds(clients: Clients) -> None:
    """Old versions and markers are lost too, so they are counted."""
    put(clients, "a.pdf", "a.pdf", "b.pdf")
    clients.s3.delete_object(Bucket=BUCKET, Key="b.pdf")
    clients.s3.create_multipart_upload(Bucket=BUCKET, Key="big.zip")

    contents = buckets.bucket_contents(clients, BUCKET)

    assert contents == BucketContents(BUCKET, objects=1, versions=4, size=15, uploads=1)
    assert contents.describe() == (
        f"{BUCKET} (objects: 1, older versions and markers: 3, 15 bytes in all)"
    )


def test_a_bucket_that_is_gone_is_none(clients: Clients) -> None:
    """An interrupted destroy may have removed it."""
    assert buckets.bucket_contents(clients, "nobody-has-this") is None


@pytest.mark.slow
def test_emptying_leaves_nothing(clients: Clients) -> None:
    """More than one batch, awkward names, old versions, markers and unfinished uploads."""
    put(clients, *(f"{number}.txt" for number in range(1005)))
    put(clients, "my report (final) + ü.pdf", "line\nbreak", 'a&b<c>"d"', "folder/", "1.txt")
    clients.s3.delete_object(Bucket=BUCKET, Key="2.txt")
    clients.s3.create_multipart_upload(Bucket=BUCKET, Key="big.zip")
    removed: list[int] = []

    buckets.empty_bucket(clients, BUCKET, removed.append)

    assert buckets.bucket_contents(clients, BUCKET) == BucketContents(BUCKET, 0, 0, 0, 0)
    assert sum(removed) == 1011
    clients.s3.delete_bucket(Bucket=BUCKET)


def test_a_file_that_arrives_meanwhile_goes_too(clients: Clients) -> None:
    """The bucket is gone over until a pass finds nothing."""
    put(clients, "first.pdf")
    late = ["second.pdf", "third.pdf"]

    def arrive(**_: Any) -> None:
        if late:
            put(clients, late.pop())

    clients.s3.meta.events.register("after-call.s3.DeleteObjects", arrive)

    buckets.empty_bucket(clients, BUCKET, ignore)

    assert buckets.bucket_contents(clients, BUCKET) == BucketContents(BUCKET, 0, 0, 0, 0)


def test_an_uploader_that_never_stops_ends_it_with_a_sentence(clients: Clients) -> None:
    """The bucket cannot be emptied faster than it is filled."""
    put(clients, "0.pdf")
    clients.s3.meta.events.register(
        "after-call.s3.DeleteObjects", lambda **_: put(clients, "next.pdf")
    )

    with pytest.raises(StackError) as refused:
        buckets.empty_bucket(clients, BUCKET, ignore)

    assert str(refused.value) == (
        f"Bucket {BUCKET} could not be emptied: files keep arriving; run the command again."
    )


def test_a_version_that_cannot_be_deleted_is_named(clients: Clients) -> None:
    """DeleteObjects succeeds as a call while it fails for single keys."""
    listed = {"Versions": [{"Key": "kept.pdf", "VersionId": "v1"}]}
    failed = {"Errors": [{"Key": "kept.pdf", "Code": "AccessDenied", "Message": "locked"}]}
    with Stubber(clients.s3) as s3:
        for _ in range(5):
            s3.add_response("list_object_versions", listed)
            s3.add_response("delete_objects", failed)
            s3.add_response("list_multipart_uploads", {})

        with pytest.raises(StackError) as refused:
            buckets.empty_bucket(clients, BUCKET, ignore)

    assert str(refused.value) == (
        f'Bucket {BUCKET} could not be emptied: "kept.pdf" stays (AccessDenied: locked); '
        "run the command again."
    )


def test_a_key_that_xml_cannot_hold_is_deleted_alone(clients: Clients) -> None:
    """S3 takes control characters in keys; DeleteObjects would answer MalformedXML."""
    key = "bell\x07 1.txt"
    alone = {"Bucket": BUCKET, "Key": key, "VersionId": "v1", "ExpectedBucketOwner": "123456789012"}
    with Stubber(clients.s3) as s3:
        listed = [{"Key": "bell%07+1.txt", "VersionId": "v1"}]
        s3.add_response("list_object_versions", {"EncodingType": "url", "Versions": listed})
        s3.add_response("delete_object", {}, alone)
        s3.add_response("list_multipart_uploads", {})
        s3.add_response("list_object_versions", {})
        s3.add_response("list_multipart_uploads", {})
        removed: list[int] = []

        buckets.empty_bucket(clients, BUCKET, removed.append)

        assert sum(removed) == 1
        s3.assert_no_pending_responses()


def test_unfinished_uploads_of_any_key_and_number_are_aborted(clients: Clients) -> None:
    """Their keys, too, may be such as XML cannot hold; and there may be more than 1,000."""
    owned = {"Bucket": BUCKET, "ExpectedBucketOwner": "123456789012"}
    asked = {**owned, "EncodingType": "url"}
    first = {
        "EncodingType": "url",
        "Uploads": [{"Key": "esc%1B+1.zip", "UploadId": "u1"}],
        "IsTruncated": True,
        "NextKeyMarker": "esc%1B+1.zip",
        "NextUploadIdMarker": "u1",
    }
    second = {"EncodingType": "url", "Uploads": [{"Key": "100%25.zip", "UploadId": "u2"}]}
    with Stubber(clients.s3) as s3:
        s3.add_response("list_object_versions", {})
        s3.add_response("list_multipart_uploads", first, asked)
        aborted = {**owned, "Key": "esc\x1b 1.zip", "UploadId": "u1"}
        s3.add_response("abort_multipart_upload", {}, aborted)
        marker = {"KeyMarker": "esc\x1b 1.zip", "UploadIdMarker": "u1"}
        s3.add_response("list_multipart_uploads", second, {**asked, **marker})
        aborted = {**owned, "Key": "100%.zip", "UploadId": "u2"}
        s3.add_response("abort_multipart_upload", {}, aborted)

        buckets.empty_bucket(clients, BUCKET, ignore)

        s3.assert_no_pending_responses()


def test_a_bucket_of_another_account_is_never_touched(clients: Clients) -> None:
    """Every call names the account that must own the bucket."""
    put(clients, "a.pdf")
    owners: list[str] = []
    clients.s3.meta.events.register(
        "provide-client-params.s3.*",
        lambda params, **_: owners.append(params.get("ExpectedBucketOwner")),
    )

    buckets.empty_bucket(clients, BUCKET, ignore)

    assert set(owners) == {"123456789012"}


def test_other_errors_pass(clients: Clients) -> None:
    """They are explained where all are."""
    with Stubber(clients.s3) as s3:
        s3.add_client_error("list_object_versions", "AccessDenied", http_status_code=403)

        with pytest.raises(ClientError):
            buckets.bucket_contents(clients, BUCKET)

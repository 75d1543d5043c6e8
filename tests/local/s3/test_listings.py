"""Keys that XML has no way to write: S3 takes them, and its lists name them URL-encoded."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.local.account import Account
from tests.local.links import CONTENT, fetch, signed

KEYS = ["bell\x07/a.txt", "escape\x1b/100%.txt", "nothing\x00/+.txt", "\ufffe/ü.txt"]


def versions(account: Account, **options: Any) -> list[tuple[str, str]]:
    """Key and version id of everything that is left in the bucket, page by page."""
    pages = account.client("s3").get_paginator("list_object_versions")
    return [
        (one["Key"], one["VersionId"])
        for page in pages.paginate(Bucket="exchange", PaginationConfig={"PageSize": 1}, **options)
        for kind in ("Versions", "DeleteMarkers")
        for one in page.get(kind, [])
    ]


@pytest.fixture
def odd(account: Account) -> Account:
    """The account with one object of each key, in a bucket with versions."""
    account.create_bucket()
    for key in KEYS:
        account.client("s3").put_object(Bucket="exchange", Key=key, Body=CONTENT)
    return account


def test_any_key_is_listed(odd: Account) -> None:
    """By each of the three calls, by prefix, and as a folder."""
    s3 = odd.client("s3")

    for list_objects in (s3.list_objects, s3.list_objects_v2):
        listed = list_objects(Bucket="exchange")
        assert [one["Key"] for one in listed["Contents"]] == sorted(KEYS)
        folders = list_objects(Bucket="exchange", Prefix="e", Delimiter="/")["CommonPrefixes"]
        assert folders == [{"Prefix": "escape\x1b/"}]
    assert [key for key, _ in versions(odd)] == sorted(KEYS)
    assert [key for key, _ in versions(odd, Prefix="bell\x07")] == ["bell\x07/a.txt"]
    assert s3.list_objects_v2(Bucket="exchange", Prefix="bell\x07")["Prefix"] == "bell\x07"
    after = s3.list_objects_v2(Bucket="exchange", StartAfter="escape\x1b/100%.txt")
    assert [one["Key"] for one in after["Contents"]] == sorted(KEYS)[2:]


def test_whoever_asks_for_plain_keys_gets_them(account: Account) -> None:
    """S3 encodes only what it is asked to, which boto3 always does."""
    account.create_bucket()
    account.client("s3").put_object(Bucket="exchange", Key="ü+%.txt")
    scope = "Credential=me/20260101/eu-west-1/s3/aws4_request"

    plain = fetch(
        f"{account.aws.endpoint}/exchange?list-type=2",
        Authorization=f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
    )

    assert "<Key>ü+%.txt</Key>" in plain.body.decode()


@pytest.mark.parametrize("key", KEYS)
def test_any_object_can_be_read_and_deleted(odd: Account, key: str) -> None:
    """So a bucket can be emptied, whatever somebody has put there."""
    s3 = odd.client("s3")
    [(_, version)] = versions(odd, Prefix=key)

    length = s3.head_object(Bucket="exchange", Key=key)["ContentLength"]
    content = fetch(signed(odd, Key=key)).body
    marker = s3.delete_object(Bucket="exchange", Key=key)["VersionId"]
    for each in (version, marker):
        s3.delete_object(Bucket="exchange", Key=key, VersionId=each)

    assert (length, content) == (len(CONTENT), CONTENT)
    assert versions(odd, Prefix=key) == []


@mock_aws
def test_moto_still_forgets_to_encode_keys() -> None:
    """Once moto encodes the keys of ListObjectVersions itself, delete _listed_keys_encoded."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="exchange")
    s3.put_object(Bucket="exchange", Key="a b.txt")

    listed = s3.list_object_versions(Bucket="exchange", EncodingType="url")

    assert "EncodingType" not in listed
    assert listed["Versions"][0]["Key"] == "a b.txt"

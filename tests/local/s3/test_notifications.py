"""What S3 tells a function about new objects, in a form that AWS documents."""

from __future__ import annotations

import io
import re
import time
import urllib.request
from typing import Any
from urllib.parse import unquote_plus

import pytest
from boto3.s3.transfer import TransferConfig

from deploy.local import LOCAL_ACCOUNT
from tests.local.account import Account, Diary

# Each waits for a process of its own.
pytestmark = pytest.mark.slow

MEBIBYTE = 1024 * 1024


def records(diary: Diary, count: int = 1) -> list[dict[str, Any]]:
    """The records of the first `count` events; more must not come."""
    diary.wait_for(count)
    time.sleep(0.1)
    assert len(diary.entries) == count
    return [record for each in diary.entries for record in each["event"]["Records"]]


@pytest.fixture
def exchange(account: Account, diary: Diary) -> Account:
    """An account with a versioned bucket that tells a function about new objects."""
    account.create_bucket()
    account.notify(account.create_function(diary.source()))
    return account


def test_event_is_as_aws_documents_it(exchange: Account, diary: Diary) -> None:
    """Every field of the record is there, with what is known of the object."""
    put = exchange.client("s3").put_object(Bucket="exchange", Key="a report.pdf", Body=b"12345")

    record = records(diary)[0]

    described = record.pop("s3")
    assert described.pop("configurationId")
    assert re.fullmatch("[0-9A-F]{16,}", described["object"].pop("sequencer"))
    assert described == {
        "s3SchemaVersion": "1.0",
        "bucket": {
            "name": "exchange",
            "ownerIdentity": {"principalId": LOCAL_ACCOUNT},
            "arn": "arn:aws:s3:::exchange",
        },
        "object": {
            "key": "a+report.pdf",
            "size": 5,
            "eTag": put["ETag"].strip('"'),
            "versionId": put["VersionId"],
        },
    }
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("eventTime"))
    assert record.pop("eventVersion").startswith("2.")
    assert set(record.pop("responseElements")) == {"x-amz-request-id", "x-amz-id-2"}
    assert record == {
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:s3link-local"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
    }


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("bob@example.com/report.pdf", "bob%40example.com/report.pdf"),
        ("my report (final) + ü.pdf", "my+report+%28final%29+%2B+%C3%BC.pdf"),
        ("100%25.txt", "100%2525.txt"),
        ("a\nb\"c',;?#&=.txt", None),
        ("folder/", "folder/"),
        ("\u202egnp.exe \U0001f600", None),
        ("ü" * 512, None),
    ],
)
def test_key_is_encoded_as_in_a_query(
    exchange: Account, diary: Diary, key: str, encoded: str | None
) -> None:
    """What unquote_plus gives back is the key, whatever characters it has."""
    exchange.client("s3").put_object(Bucket="exchange", Key=key, Body=b"")

    announced = records(diary)[0]["s3"]["object"]["key"]

    assert unquote_plus(announced) == key
    assert announced.isascii() and " " not in announced
    if encoded:
        assert announced == encoded


def test_object_of_a_bucket_without_versions_has_no_version_id(
    account: Account, diary: Diary
) -> None:
    """The field is missing then, as on AWS."""
    account.create_bucket(versioned=False)
    account.notify(account.create_function(diary.source()))

    account.client("s3").put_object(Bucket="exchange", Key="key", Body=b"")

    assert "versionId" not in records(diary)[0]["s3"]["object"]


def test_later_event_of_a_key_has_the_greater_sequencer(exchange: Account, diary: Diary) -> None:
    """The order of two versions can be told although their events come in any order."""
    versions = [
        exchange.client("s3").put_object(Bucket="exchange", Key="key", Body=b"")["VersionId"]
        for _ in range(5)
    ]

    objects = [record["s3"]["object"] for record in records(diary, 5)]

    in_order = sorted(objects, key=lambda each: each["sequencer"])
    assert [each["versionId"] for each in in_order] == versions


def test_multipart_upload_is_announced_once(exchange: Account, diary: Diary) -> None:
    """The event comes when the parts are one object, with the size of the whole."""
    exchange.client("s3").upload_fileobj(
        io.BytesIO(bytes(11 * MEBIBYTE)),
        "exchange",
        "large.bin",
        Config=TransferConfig(multipart_threshold=5 * MEBIBYTE, multipart_chunksize=5 * MEBIBYTE),
    )

    record = records(diary)[0]

    assert record["eventName"] == "ObjectCreated:CompleteMultipartUpload"
    assert record["s3"]["object"]["size"] == 11 * MEBIBYTE


def test_copy_is_announced(exchange: Account, diary: Diary) -> None:
    """A copy inside S3 arrives like an upload."""
    exchange.create_bucket("elsewhere")
    s3 = exchange.client("s3")
    s3.put_object(Bucket="elsewhere", Key="source", Body=b"abc")

    s3.copy_object(Bucket="exchange", Key="target", CopySource="elsewhere/source")

    record = records(diary)[0]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Copy", "target")


def test_upload_from_a_browser_form_is_announced(exchange: Account, diary: Diary) -> None:
    """A form signs in its fields, so the request itself is not signed; it is let through."""
    form = exchange.client("s3").generate_presigned_post("exchange", "form.txt")
    fields = "".join(
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    )
    file = (
        '--limit\r\nContent-Disposition: form-data; name="file"; filename="form.txt"\r\n'
        "Content-Type: text/plain\r\n\r\nhello\r\n--limit--\r\n"
    )

    urllib.request.urlopen(
        urllib.request.Request(
            form["url"],
            data=(fields + file).encode(),
            headers={"Content-Type": "multipart/form-data; boundary=limit"},
        )
    ).close()

    record = records(diary)[0]
    assert (record["eventName"], record["s3"]["object"]["size"]) == ("ObjectCreated:Post", 5)


@pytest.mark.parametrize(
    ("key", "is_announced"),
    [
        ("out/a.pdf", True),
        ("out/.pdf", True),
        ("out/a.txt", False),
        ("in/a.pdf", False),
        ("a.pdf", False),
    ],
)
def test_filters_hold(account: Account, diary: Diary, key: str, is_announced: bool) -> None:
    """Only keys with the prefix and the suffix of the configuration are announced."""
    account.create_bucket()
    account.notify(
        account.create_function(diary.source()),
        [{"Name": "prefix", "Value": "out/"}, {"Name": "suffix", "Value": ".pdf"}],
    )

    account.client("s3").put_object(Bucket="exchange", Key=key, Body=b"")

    assert len(records(diary, int(is_announced))) == int(is_announced)


@pytest.mark.parametrize("size", [1, 11 * MEBIBYTE])
def test_object_is_complete_when_its_event_comes(account: Account, diary: Diary, size: int) -> None:
    """The function that looks at once finds the bytes and the metadata."""
    account.create_bucket()
    account.notify(
        account.create_function(
            diary.source(
                """
                import boto3
                described = event["Records"][0]["s3"]["object"]
                head = boto3.client("s3").head_object(
                    Bucket="exchange", Key=described["key"], VersionId=described["versionId"]
                )
                write([head["ContentLength"], head["Metadata"]])
                """
            )
        )
    )

    account.client("s3").upload_fileobj(
        io.BytesIO(bytes(size)),
        "exchange",
        "file.bin",
        ExtraArgs={"Metadata": {"recipients": "bob@example.com"}},
    )

    assert diary.wait_for(2)[1] == [size, {"recipients": "bob@example.com"}]


def test_upload_does_not_wait_for_the_function(account: Account, diary: Diary) -> None:
    """PutObject answers while the function still works."""
    account.create_bucket()
    account.notify(account.create_function(diary.source("time.sleep(900)"), Timeout=900))

    account.client("s3").put_object(Bucket="exchange", Key="key", Body=b"")

    assert account.metric("Invocations") == 0  # which counts those that are over
    assert len(diary.wait_for(1)) == 1

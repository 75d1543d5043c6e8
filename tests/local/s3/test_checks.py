"""What S3 refuses of a signed and allowed request: another owner, another body, a second write."""

from __future__ import annotations

import hashlib
import socket
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from signing.signer import Signer
from werkzeug.test import Client

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT, LOCAL_SECRET_KEY
from tests.local.account import Account
from tests.local.links import CONTENT, FOR_S3, fetch, has, signed

KEY = "a.txt"
SOMEBODY_ELSE = "210987654321"


def url_of(account: Account, operation: str = "put_object", **options: Any) -> str:
    return signed(account, operation, **{"Key": KEY, **options})


def sent(url: str, head: str, body: bytes) -> tuple[int, str]:
    """The status and the text of what S3 answers to a PUT, whatever its headers say."""
    parts = urlsplit(url)
    request = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n{head}\r\n"
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(request.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while more := connection.recv(65_536):
            answer += more
    return int(answer.split()[1]), answer.decode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


THOUSAND = b"x" * 1000
BODIES = {
    "a signed length, and chunks": (
        {"ContentLength": 5},
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        chunked(THOUSAND),
        (501, "NotImplemented"),
    ),
    "a signed length, and chunks only": (
        {"ContentLength": 5},
        "Transfer-Encoding: chunked\r\n",
        chunked(THOUSAND),
        (403, "SignatureDoesNotMatch"),
    ),
    "chunks": ({}, "Transfer-Encoding: chunked\r\n", chunked(THOUSAND), (501, "NotImplemented")),
    "chunks in other words": (
        {"ContentLength": 5},
        "Content-Length: 5\r\ntransfer-encoding: gzip, Chunked\r\n",
        chunked(THOUSAND),
        (501, "NotImplemented"),
    ),
    "aws-chunked, of which nothing is signed": (
        {"ContentLength": 5},
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Encoding: aws-chunked\r\n"
        "x-amz-decoded-content-length: 1000\r\n",
        chunked(THOUSAND),
        (403, "HeadersNotSigned"),
    ),
    "no length": ({}, "", b"", (411, "MissingContentLength")),
    "fewer bytes than it says": (
        {"ContentLength": 5},
        "Content-Length: 5\r\n",
        b"abc",
        (400, "IncompleteBody"),
    ),
    "another type than was signed": (
        {"ContentType": "text/plain"},
        "Content-Length: 5\r\nContent-Type: text/html\r\n",
        b"bytes",
        (403, "SignatureDoesNotMatch"),
    ),
    "a signed digest of other bytes": (
        {"ContentMD5": b64encode(hashlib.md5(b"other").digest()).decode()},  # noqa: S324
        "Content-Length: 5\r\n"
        f"Content-MD5: {b64encode(hashlib.md5(b'other').digest()).decode()}\r\n",  # noqa: S324
        b"bytes",
        (400, "BadDigest"),
    ),
    "a digest that is none": (
        {},
        "Content-Length: 5\r\nContent-MD5: abc\r\n",
        b"bytes",
        (400, "InvalidDigest"),
    ),
    "a signed checksum of other bytes": (
        {"ChecksumSHA256": b64encode(hashlib.sha256(b"other").digest()).decode()},
        "Content-Length: 5\r\n"
        f"x-amz-checksum-sha256: {b64encode(hashlib.sha256(b'other').digest()).decode()}\r\n",
        b"bytes",
        (400, "BadDigest"),
    ),
}


@pytest.mark.parametrize(("options", "head", "body", "refused"), BODIES.values(), ids=BODIES.keys())
def test_only_the_body_that_was_signed_is_stored(
    bucket: Account, options: dict[str, Any], head: str, body: bytes, refused: tuple[int, str]
) -> None:
    """As S3 does: whatever the headers say of a body, it is so, or nothing is stored."""
    status, answer = sent(url_of(bucket, **options), head, body)

    assert status == refused[0], answer
    assert refused[1] in answer
    assert not has(bucket, KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ContentMD5", b64encode(hashlib.md5(CONTENT).digest()).decode()),  # noqa: S324
        ("ChecksumCRC32", b64encode(crc32(CONTENT).to_bytes(4, "big")).decode()),
        ("ChecksumSHA1", b64encode(hashlib.sha1(CONTENT).digest()).decode()),  # noqa: S324
        ("ChecksumSHA256", b64encode(hashlib.sha256(CONTENT).digest()).decode()),
    ],
)
def test_the_right_digest_is_stored(bucket: Account, name: str, value: str) -> None:
    """And a wrong one of the operator's own client is refused."""
    s3 = bucket.client("s3")

    s3.put_object(Bucket="exchange", Key=KEY, Body=CONTENT, **{name: value})
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket="exchange", Key=KEY, Body=CONTENT + b"!", **{name: value})

    assert s3.get_object(Bucket="exchange", Key=KEY)["Body"].read() == CONTENT


def test_a_length_in_chunks_must_be_true(bucket: Account) -> None:
    """A client that signs in its header may send chunks of AWS's own, as long as it says."""
    chunks = b"5\r\nbytes\r\n0\r\n\r\n"
    url = f"{bucket.aws.endpoint}/exchange/{KEY}"
    header = (
        "Authorization: AWS4-HMAC-SHA256 Credential=a/20261125/eu-west-1/s3/aws4_request, "
        "SignedHeaders=host, Signature=b\r\n"
        "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
        f"Content-Encoding: aws-chunked\r\nContent-Length: {len(chunks)}\r\n"
    )

    status, answer = sent(url, f"{header}x-amz-decoded-content-length: 9\r\n", chunks)
    assert (status, "IncompleteBody" in answer) == (400, True)
    assert sent(url, f"{header}x-amz-decoded-content-length: 5\r\n", chunks)[0] == 200
    assert bucket.client("s3").get_object(Bucket="exchange", Key=KEY)["Body"].read() == b"bytes"


def test_a_conditional_write_is_done_once(bucket: Account) -> None:
    """Of many at the same moment one is stored; the others are told that it is there."""
    url = url_of(bucket, IfNoneMatch="*")

    with ThreadPoolExecutor(15) as pool:
        puts = [pool.submit(fetch, url, "PUT", b"%d" % n, if_none_match="*") for n in range(15)]
        answers = [put.result() for put in puts]

    assert sorted(answer.status for answer in answers) == [200] + [412] * 14
    refused = {answer.error["Code"] for answer in answers if answer.status == 412}
    assert refused == {"PreconditionFailed"}
    versions = bucket.client("s3").list_object_versions(Bucket="exchange")["Versions"]
    assert len(versions) == 1


def test_the_condition_was_signed(bucket: Account) -> None:
    """Whoever leaves it out asks for something else."""
    url = url_of(bucket, IfNoneMatch="*")

    assert fetch(url, "PUT", CONTENT).error["Code"] == "SignatureDoesNotMatch"
    assert not has(bucket, KEY)


def test_a_key_is_free_again_behind_a_delete_marker(bucket: Account) -> None:
    """S3 looks at the newest version only ("Conditional writes")."""
    s3 = bucket.client("s3")
    s3.put_object(Bucket="exchange", Key=KEY, Body=CONTENT, IfNoneMatch="*")
    s3.delete_object(Bucket="exchange", Key=KEY)

    s3.put_object(Bucket="exchange", Key=KEY, Body=b"again", IfNoneMatch="*")

    assert s3.get_object(Bucket="exchange", Key=KEY)["Body"].read() == b"again"


def test_parts_are_put_together_on_the_same_condition(bucket: Account) -> None:
    """The file that came meanwhile stays."""
    s3 = bucket.client("s3")
    upload = {"Bucket": "exchange", "Key": KEY}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    tag = s3.upload_part(**upload, PartNumber=1, Body=CONTENT)["ETag"]
    s3.put_object(Bucket="exchange", Key=KEY, Body=b"first")

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.complete_multipart_upload(
            **upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]},
            IfNoneMatch="*",
        )

    assert s3.get_object(Bucket="exchange", Key=KEY)["Body"].read() == b"first"


def test_a_copy_lands_on_what_was_expected(bucket: Account) -> None:
    """At once or in parts; a file that came meanwhile stays on top."""
    s3 = bucket.client("s3")
    upload, source = {"Bucket": "exchange", "Key": KEY}, {"Bucket": "exchange", "Key": "source"}
    s3.put_object(**source, Body=CONTENT)
    first = s3.put_object(**upload, Body=b"first")["ETag"]
    s3.copy_object(**upload, CopySource=source, IfMatch=first)
    in_parts = {**upload, "UploadId": s3.create_multipart_upload(**upload)["UploadId"]}
    tag = s3.upload_part(**in_parts, PartNumber=1, Body=CONTENT)["ETag"]

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.copy_object(**upload, CopySource=source, IfMatch=first)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.complete_multipart_upload(
            **in_parts,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]},
            IfMatch=first,
        )

    assert s3.get_object(**upload)["Body"].read() == CONTENT
    listed = s3.list_object_versions(Bucket="exchange", Prefix=KEY)["Versions"]
    assert len(listed) == 2


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("head_bucket", {}),
    ("list_objects_v2", {}),
    ("head_object", {"Key": KEY}),
    ("get_object", {"Key": KEY}),
    ("put_object", {"Key": KEY, "Body": b"stolen"}),
    ("delete_object", {"Key": KEY}),
    ("create_multipart_upload", {"Key": KEY}),
]


@pytest.mark.parametrize(("operation", "options"), CALLS, ids=[name for name, _ in CALLS])
def test_a_bucket_of_another_owner_is_refused(
    bucket: Account, operation: str, options: dict[str, Any]
) -> None:
    """To whoever says whose it must be; with its owner's account all is as before."""
    s3 = bucket.client("s3")
    s3.put_object(Bucket="exchange", Key=KEY, Body=CONTENT, ExpectedBucketOwner=LOCAL_ACCOUNT)
    call = getattr(s3, operation)

    with pytest.raises(ClientError) as refused:
        call(Bucket="exchange", **options, ExpectedBucketOwner=SOMEBODY_ELSE)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert s3.get_object(Bucket="exchange", Key=KEY)["Body"].read() == CONTENT
    call(Bucket="exchange", **options, ExpectedBucketOwner=LOCAL_ACCOUNT)


def test_a_bucket_that_was_taken_over_gets_nothing(bucket: Account) -> None:
    """Its name is the same, its owner is not."""
    s3_backends[LOCAL_ACCOUNT]["aws"].buckets["exchange"].account_id = SOMEBODY_ELSE

    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.client("s3").put_object(
            Bucket="exchange", Key=KEY, Body=CONTENT, ExpectedBucketOwner=LOCAL_ACCOUNT
        )


@pytest.mark.parametrize(
    ("owner", "status"), [(LOCAL_ACCOUNT, 200), (SOMEBODY_ELSE, 403), ("nobody", 400)]
)
def test_the_owner_in_a_url_counts(bucket: Account, owner: str, status: int) -> None:
    """As a parameter in small letters, for which a browser need not send a header."""
    bucket.client("s3").put_object(Bucket="exchange", Key=KEY, Body=CONTENT)
    keys = ReadOnlyCredentials(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, None)
    address = f"{bucket.aws.endpoint}/exchange/{KEY}"

    url = Signer(keys, bucket.aws.region, owner).signed_url(address, {}, datetime.now(UTC), 60)

    assert fetch(url).status == status


@mock_aws
def test_moto_still_asks_for_no_owner() -> None:
    """Once it refuses another's bucket itself, delete _wrong_owner."""
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="exchange")

    s3.head_bucket(Bucket="exchange", ExpectedBucketOwner=SOMEBODY_ELSE)


def test_moto_still_stores_any_body(bucket: Account) -> None:
    """Once it refuses what does not fit its headers, delete _wrong_body."""
    moto = Client(DomainDispatcherApplication(create_backend_app))
    digest = b64encode(hashlib.md5(b"other").digest()).decode()  # noqa: S324

    moto.put("/exchange/a", data=CONTENT, headers={**FOR_S3, "Content-MD5": digest})

    assert moto.get("/exchange/a", headers=FOR_S3).data == CONTENT


@mock_aws
def test_moto_still_copies_on_any_condition() -> None:
    """Once it asks for the ETag itself, of parts too, delete _is_changed."""
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="exchange")
    s3.put_object(Bucket="exchange", Key=KEY, Body=CONTENT)

    s3.copy_object(Bucket="exchange", Key="b", CopySource=f"exchange/{KEY}", IfMatch='"other"')

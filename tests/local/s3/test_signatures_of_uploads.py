"""URLs for uploads: the embedded AWS takes what was signed, and refuses the rest as S3 does."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from tests.local.account import Account
from tests.local.links import CONTENT, FOR_S3, fetch, has, signed

KEY = "a b/ü.pdf"


def url_of(account: Account, operation: str = "put_object", **options: Any) -> str:
    return signed(account, operation, **{"Key": KEY, **options})


def test_a_url_takes_any_file(bucket: Account) -> None:
    """Where only the host is signed, length and type are free."""
    answer = fetch(url_of(bucket), "PUT", CONTENT, content_type="text/plain")

    assert answer.status == 200
    got = bucket.client("s3").get_object(Bucket="exchange", Key=KEY)
    assert (got["Body"].read(), got["ContentType"]) == (CONTENT, "text/plain")


@pytest.mark.parametrize("body", [CONTENT, b"a=b&c=d\n+%41\x00\xff", b"key=1&file=2", b""])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_file_is_no_form(bucket: Account, kind: str, body: bytes) -> None:
    """urllib and `curl --data` send everything with a form's type; it arrives as it is."""
    assert fetch(url_of(bucket), "PUT", body, content_type=kind).status == 200

    got = bucket.client("s3").get_object(Bucket="exchange", Key=KEY)
    assert got["Body"].read() == body


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CONTENT + b"!", {}),
        (CONTENT[:-1], {}),
        (b"", {}),
        (CONTENT, {"content_type": "text/html"}),
        (CONTENT, {"x_amz_meta_note": "Other words"}),
        (CONTENT, {"x_amz_meta_note": ""}),
        (CONTENT, {"x_amz_meta_more": "More"}),
        (CONTENT, {"x_amz_acl": "public-read"}),
    ],
)
def test_signed_headers_hold(bucket: Account, body: bytes, headers: dict[str, str]) -> None:
    """Another length, type or metadata is another request; what was not signed is one too much."""
    url = url_of(
        bucket, ContentLength=len(CONTENT), ContentType="text/plain", Metadata={"note": "Words"}
    )
    right = {"content_type": "text/plain", "x_amz_meta_note": "Words"}

    refused = fetch(url, "PUT", body, **{**right, **headers})

    assert refused.status == 403
    assert refused.error["Code"] in ("SignatureDoesNotMatch", "AccessDenied")
    assert not has(bucket, KEY)
    assert fetch(url, "PUT", CONTENT, **right).status == 200


def test_a_part_is_for_its_upload_and_its_number(bucket: Account) -> None:
    """Its URL takes neither another number nor another length."""
    s3 = bucket.client("s3")
    upload = s3.create_multipart_upload(Bucket="exchange", Key=KEY)["UploadId"]
    options = {"UploadId": upload, "PartNumber": 1, "ContentLength": len(CONTENT)}
    url = url_of(bucket, "upload_part", **options)

    assert fetch(url.replace("partNumber=1", "partNumber=2"), "PUT", CONTENT).status == 403
    assert fetch(url, "PUT", CONTENT + b"!").status == 403
    assert fetch(url, "PUT", CONTENT).status == 200


@pytest.mark.parametrize("end", ["complete", "abort"])
def test_a_part_that_comes_late_is_refused(bucket: Account, end: str) -> None:
    """The upload is over; the URL is not."""
    s3 = bucket.client("s3")
    upload = {
        "Bucket": "exchange",
        "Key": KEY,
        "UploadId": s3.create_multipart_upload(Bucket="exchange", Key=KEY)["UploadId"],
    }
    url = url_of(bucket, "upload_part", UploadId=upload["UploadId"], PartNumber=1)
    tag = fetch(url, "PUT", CONTENT).headers["etag"]
    if end == "complete":
        parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
        s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    else:
        s3.abort_multipart_upload(**upload)

    late = fetch(url, "PUT", CONTENT)

    assert (late.status, late.error["Code"]) == (404, "NoSuchUpload")


@mock_aws
def test_moto_still_fails_on_late_parts() -> None:
    """Once it answers NoSuchUpload itself, delete _late_parts_refused."""
    s3 = boto3.client("s3", "us-east-1", config=Config(retries={"total_max_attempts": 1}))
    s3.create_bucket(Bucket="exchange")

    with pytest.raises(KeyError, match="none"):
        s3.upload_part(Bucket="exchange", Key="a", UploadId="none", PartNumber=1, Body=b"")


def test_moto_still_takes_files_for_forms(bucket: Account) -> None:
    """Once it stores what a PUT brings, whatever its type, delete FilesNotForms."""
    moto = Client(DomainDispatcherApplication(create_backend_app))
    kind = "application/x-www-form-urlencoded"

    moto.put("/exchange/form", data=CONTENT, content_type=kind, headers=FOR_S3)

    assert moto.get("/exchange/form", headers=FOR_S3).data == b""

"""Signatures: the published example, and what a client of botocore signs for the moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from signing.signer import Signer

REGION = "eu-west-1"
DELIVERY = {"x-s3link-delivery": "0123456789abcdef"}
OWNER = "123456789012"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def moment_in(url: str) -> datetime:
    return datetime.strptime(query_of(url)["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_the_published_example() -> None:
    """Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters"."""
    signer = Signer(
        ReadOnlyCredentials(
            "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None
        ),
        "us-east-1",
        owner=None,
    )

    url = signer.signed_url(
        "https://examplebucket.s3.amazonaws.com/test.txt",
        {},
        datetime(2013, 5, 24, tzinfo=UTC),
        86400,
    )

    assert url == (
        "https://examplebucket.s3.amazonaws.com/test.txt"
        "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:5000"])
@pytest.mark.parametrize("key", ["report.pdf", "a b/ü+%~'(1)*!;:@&=,$#?.txt", "//a/../b/\n"])
def test_botocore_signs_the_same(key: str, endpoint: str | None, token: str | None) -> None:
    """For GetObject with a version and a disposition, on AWS and on another endpoint."""
    credentials = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI", token)
    store = boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    wanted: dict[str, Any] = {
        "Bucket": "example-files",
        "Key": key,
        "VersionId": "v/1+2",
        "ResponseContentDisposition": "attachment; filename*=UTF-8''%C3%BC~*.txt",
    }
    theirs = store.generate_presigned_url("get_object", wanted, ExpiresIn=600)

    ours = Signer(credentials, REGION, owner=None).signed_url(
        theirs.partition("?")[0],
        {
            "versionId": wanted["VersionId"],
            "response-content-disposition": wanted["ResponseContentDisposition"],
        },
        moment_in(theirs),
        600,
    )

    assert query_of(ours) == query_of(theirs)


def test_the_delivery_is_part_of_what_is_signed() -> None:
    """botocore's signature over the same parameters is the same, and changes with the delivery."""
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI", "token")
    address = "https://example-files.s3.eu-west-1.amazonaws.com/report.pdf"
    request = AWSRequest("GET", address, params=DELIVERY)
    S3SigV4QueryAuth(credentials, "s3", REGION, expires=60).add_auth(request)
    theirs = str(request.url)
    signer = Signer(credentials.get_frozen_credentials(), REGION, owner=None)
    moment = moment_in(theirs)

    ours = signer.signed_url(address, DELIVERY, moment, 60)
    tampered = signer.signed_url(address, {"x-s3link-delivery": "f" * 16}, moment, 60)

    assert query_of(ours) == query_of(theirs)
    assert query_of(ours)["X-Amz-Signature"] != query_of(tampered)["X-Amz-Signature"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_owner_is_signed_and_asks_for_no_header(method: str) -> None:
    """As a parameter in small letters, the only way in which S3 takes it from a URL; botocore
    signs the same over the same parameters."""
    credentials = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI", "token")
    address = "https://example-files.s3.eu-west-1.amazonaws.com/report.pdf"
    request = AWSRequest(method, address, params={**DELIVERY, "x-amz-expected-bucket-owner": OWNER})
    keys = Credentials(credentials.access_key, credentials.secret_key, credentials.token)
    S3SigV4QueryAuth(keys, "s3", REGION, expires=60).add_auth(request)
    theirs = str(request.url)

    ours = Signer(credentials, REGION, OWNER).signed_url(
        address, DELIVERY, moment_in(theirs), 60, method=method
    )

    assert ours == theirs
    assert query_of(ours)["x-amz-expected-bucket-owner"] == OWNER
    assert query_of(ours)["X-Amz-SignedHeaders"] == "host"


def test_a_signer_shows_no_secret() -> None:
    """Its repr may end in an error report."""
    credentials = ReadOnlyCredentials("AKIDEXAMPLE", "the secret", "the token")
    signer = Signer(credentials, REGION, OWNER)

    assert "the" not in repr(signer)
    assert "AKID" not in repr(signer)

"""Pre-signed URLs: signing them with any keys, changing them, opening them as a browser does."""

from __future__ import annotations

import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import boto3
from botocore.config import Config

from deploy.local.iam.credentials import Keys
from tests.local.account import Account

KEY = "bob@example.com/my report (final) + ü.pdf"
CONTENT = b"0123456789"
# By it moto knows whom a request is for.
FOR_S3 = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20261125/eu-west-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=b"
}


class Clock:
    """A clock that tests can move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, str]:
        """The elements of S3's XML error."""
        assert self.headers["content-type"] == "application/xml"
        root = ElementTree.fromstring(self.body)  # noqa: S314 - it is our own
        assert root.tag == "Error"
        return {element.tag: element.text or "" for element in root}


def fetch(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """Open a URL as a browser does."""
    request = urllib.request.Request(
        url,
        method=method,
        data=body,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    try:
        response = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refused:
        response = refused
    with response:
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, lower, response.read())


def with_query(url: str, **changes: str | None) -> str:
    """The URL with parameters changed, added, or (None) taken away."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {
        name.replace("_", "-"): value for name, value in changes.items()
    }
    left = {name: value for name, value in query.items() if value is not None}
    return urlunsplit(parts._replace(query=urlencode(left, quote_via=quote)))


def signed(account: Account, operation: str = "get_object", **options: Any) -> str:
    """A URL that the operator has signed for an hour."""
    parameters = {"Bucket": "exchange", "Key": KEY, **options}
    return str(account.client("s3").generate_presigned_url(operation, Params=parameters))


def signed_with(account: Account, keys: Keys, **options: Any) -> str:
    """A URL signed with somebody's keys."""
    client = boto3.client(
        "s3",
        endpoint_url=account.aws.endpoint,
        region_name=options.pop("region", account.aws.region),
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        config=Config(signature_version=options.pop("version", "s3v4")),
    )
    return str(
        client.generate_presigned_url(
            "get_object", Params={"Bucket": "exchange", "Key": KEY}, **options
        )
    )


def has(account: Account, key: str) -> bool:
    """Whether the bucket has an object under a key that begins so."""
    return "Contents" in account.client("s3").list_objects_v2(Bucket="exchange", Prefix=key)

"""Links and other requests that the embedded AWS refuses as S3 does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys, assume
from tests.local.account import Account
from tests.local.links import CONTENT, KEY, Clock, fetch, signed, signed_with, with_query

OPERATOR = Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)

TAMPERED: dict[str, Callable[[str], str]] = {
    "another key": lambda url: url.replace("final", "draft"),
    "another bucket": lambda url: url.replace("/exchange/", "/exchange2/"),
    "another version": lambda url: with_query(url, versionId="null"),
    "no version": lambda url: with_query(url, versionId=None),
    "another name": lambda url: with_query(url, **{"response-content-disposition": "inline"}),
    "one more parameter": lambda url: f"{url}&response-content-type=text/html",
    "a longer life": lambda url: with_query(url, X_Amz_Expires="7200"),
    "a later start": lambda url: with_query(url, X_Amz_Date=f"{datetime.now(UTC):%Y%m%d}T235959Z"),
    "another host": lambda url: url.replace("127.0.0.1", "localhost"),
    "another region": lambda url: url.replace("eu-west-1", "eu-west-2"),
    "another service": lambda url: url.replace("%2Fs3%2F", "%2Fsts%2F"),
    "a token": lambda url: with_query(url, X_Amz_Security_Token="token"),
    "a changed signature": lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    "no signature": lambda url: with_query(url, X_Amz_Signature=None),
    "no query": lambda url: url.split("?")[0],
    "other letters": lambda url: url.replace("X-Amz-Signature", "x-amz-signature"),
    "no expiry": lambda url: with_query(url, X_Amz_Expires=None),
    "an endless life": lambda url: with_query(url, X_Amz_Expires="604801"),
    "no number": lambda url: with_query(url, X_Amz_Expires="-1"),
    "no date": lambda url: with_query(url, X_Amz_Date="yesterday"),
    "no credential": lambda url: with_query(url, X_Amz_Credential="me"),
    "another algorithm": lambda url: with_query(url, X_Amz_Algorithm="none"),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED.keys())
def test_changed_link_is_refused(stored: Account, change: Callable[[str], str]) -> None:
    """Whatever is changed in a link, S3's error comes and not the file."""
    stored.create_bucket("exchange2")
    s3 = stored.client("s3")
    s3.put_object(Bucket="exchange2", Key=KEY, Body=CONTENT)
    version = s3.list_object_versions(Bucket="exchange")["Versions"][0]["VersionId"]
    url = signed(stored, VersionId=version, ResponseContentDisposition="attachment")

    answer = fetch(change(url))

    assert answer.status in (400, 403)
    assert answer.error["Code"] in (
        "SignatureDoesNotMatch",
        "AccessDenied",
        "AuthorizationQueryParametersError",
    )
    assert fetch(url).status == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "POST"])
def test_link_is_for_its_method_only(stored: Account, method: str) -> None:
    """A link to read does not write, and on S3 not even ask."""
    answer = fetch(signed(stored), method, b"" if method in ("PUT", "POST") else None)

    assert answer.status == 403


def test_changed_link_says_what_s3_says(stored: Account) -> None:
    """The error names the code and the keys, and never the signature that would be right."""
    url = signed(stored)
    right = url.rpartition("=")[2]

    error = fetch(url.replace("final", "draft")).error

    assert error["Code"] == "SignatureDoesNotMatch"
    assert error["SignatureProvided"] == right
    assert error["AWSAccessKeyId"] in url
    assert error["StringToSign"].startswith("AWS4-HMAC-SHA256\n")


def test_link_works_until_its_last_second_and_not_after(stored: Account, clock: Clock) -> None:
    """S3's error for an expired link tells when it ended and what time it is."""
    url = signed(stored)

    clock.ahead = timedelta(minutes=59)
    assert fetch(url).status == 200

    clock.ahead = timedelta(minutes=61)
    answer = fetch(url)
    assert answer.status == 403
    assert answer.error["Code"] == "AccessDenied"
    assert answer.error["Message"] == "Request has expired"
    assert answer.error["X-Amz-Expires"] == "3600"
    assert answer.error["Expires"] < answer.error["ServerTime"]


def test_link_of_tomorrow_does_not_work_today(stored: Account, clock: Clock) -> None:
    """Quarter of an hour is what S3 allows clocks to differ."""
    url = signed(stored)

    clock.ahead = timedelta(minutes=-14)
    assert fetch(url).status == 200

    clock.ahead = timedelta(minutes=-16)
    assert fetch(url).error["Message"] == "Request is not valid yet"


def test_link_dies_with_the_session_that_signed_it(stored: Account, clock: Clock) -> None:
    """A link for a week from a session of twelve hours ends after twelve hours."""
    keys = assume(stored.role, "function", "eu-west-1")
    url = signed_with(stored, keys, ExpiresIn=7 * 24 * 3600)

    clock.ahead = timedelta(hours=11)
    assert fetch(url).status == 200

    clock.ahead = timedelta(hours=13)
    assert fetch(url).error["Code"] == "ExpiredToken"


@pytest.mark.parametrize("token", [None, "another"])
def test_session_keys_need_their_token(stored: Account, token: str | None) -> None:
    """Keys of a session without its token, or with another, sign nothing."""
    keys = assume(stored.role, "function", "eu-west-1")
    without = Keys(keys.access_key_id, keys.secret_access_key, token)

    assert fetch(signed_with(stored, without)).error["Code"] == "InvalidToken"


def test_link_signed_by_a_user_works_until_the_key_is_switched_off(stored: Account) -> None:
    """IAM users' keys count, and their status does."""
    iam = stored.client("iam")
    iam.create_user(UserName="ann")
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    url = signed_with(stored, Keys(made["AccessKeyId"], made["SecretAccessKey"]))

    assert fetch(url).status == 200

    iam.update_access_key(UserName="ann", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    assert fetch(url).error["Code"] == "InvalidAccessKeyId"


def test_unknown_keys_are_refused(stored: Account) -> None:
    """A link of another account's keys is not ours."""
    answer = fetch(signed_with(stored, Keys("AKIAUNKNOWN", "secret")))

    assert answer.status == 403
    assert answer.error["Code"] == "InvalidAccessKeyId"
    assert answer.error["AWSAccessKeyId"] == "AKIAUNKNOWN"


def test_link_for_another_region_is_refused(stored: Account) -> None:
    """A signer that has the region wrong learns it here and not on AWS."""
    error = fetch(signed_with(stored, OPERATOR, region="us-west-2")).error

    assert error["Code"] == "AuthorizationQueryParametersError"
    assert "'us-west-2' is wrong; expecting 'eu-west-1'" in error["Message"]


def test_old_kind_of_signature_is_refused(stored: Account) -> None:
    """S3 takes no signatures of version 2 for new buckets; botocore makes some unless told."""
    answer = fetch(signed_with(stored, OPERATOR, version="s3"))

    assert (answer.status, answer.error["Code"]) == (400, "InvalidRequest")


def test_request_with_two_signatures_is_refused(stored: Account) -> None:
    """A header does not get around the check of the query."""
    scope = "Credential=me/20260101/eu-west-1/s3/aws4_request"

    answer = fetch(
        signed(stored).replace("final", "draft"),
        Authorization=f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
    )

    assert (answer.status, answer.error["Code"]) == (400, "InvalidArgument")


def test_added_amazon_header_is_refused(stored: Account) -> None:
    """Who has a link cannot add instructions to S3."""
    answer = fetch(signed(stored), X_Amz_Meta_Added="1")

    assert answer.error["HeadersNotSigned"] == "x-amz-meta-added"


def test_nothing_is_public(stored: Account) -> None:
    """Without a signature nobody reads, lists, writes or deletes."""
    bucket = f"{stored.aws.endpoint}/exchange"

    for method, url in [
        ("GET", f"{bucket}/{quote(KEY)}"),
        ("GET", f"{bucket}?list-type=2"),
        ("PUT", f"{bucket}/new.txt"),
        ("DELETE", f"{bucket}/{quote(KEY)}"),
    ]:
        answer = fetch(url, method, b"x" if method == "PUT" else None)
        assert (answer.status, answer.error["Code"]) == (403, "AccessDenied")


def test_moto_still_serves_changed_and_expired_links(stored: Account) -> None:
    """Once moto checks the signatures of S3 requests, delete signatures.py and presigned.py."""
    plain_moto = Client(DomainDispatcherApplication(create_backend_app))
    url = signed(stored).replace("X-Amz-Expires=3600", "X-Amz-Expires=1")

    answer = plain_moto.get(url, base_url=stored.aws.endpoint)

    assert (answer.status_code, answer.data) == (200, CONTENT)

"""Links of the embedded AWS that work, opened without any AWS client."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest
from botocore.config import Config
from moto.s3.responses import S3Response

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import assume
from tests.local.account import Account
from tests.local.links import CONTENT, KEY, fetch, signed, signed_with, with_query


def test_link_gives_the_file_under_its_name(stored: Account) -> None:
    """Bytes, type and Content-Disposition arrive as they were signed."""
    disposition = "attachment; filename*=UTF-8''%C3%BC.pdf"

    answer = fetch(
        signed(
            stored,
            ResponseContentDisposition=disposition,
            ResponseContentType="application/pdf",
        )
    )

    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["content-type"] == "application/pdf"


def test_link_stays_with_its_version(stored: Account) -> None:
    """A link that names a version gives that one, whatever is uploaded afterwards."""
    s3 = stored.client("s3")
    first = s3.list_object_versions(Bucket="exchange")["Versions"][0]["VersionId"]
    s3.put_object(Bucket="exchange", Key=KEY, Body=b"new")

    assert fetch(signed(stored, VersionId=first)).body == CONTENT
    assert fetch(signed(stored)).body == b"new"


def test_link_outlives_a_delete_marker(stored: Account) -> None:
    """S3 serves a version until that version itself is deleted; then it says that it is gone."""
    s3 = stored.client("s3")
    first = s3.list_object_versions(Bucket="exchange")["Versions"][0]["VersionId"]
    link = signed(stored, VersionId=first, ResponseContentDisposition="attachment")
    s3.delete_object(Bucket="exchange", Key=KEY)

    behind_the_marker = fetch(link)
    s3.delete_object(Bucket="exchange", Key=KEY, VersionId=first)
    gone = fetch(link)

    assert (behind_the_marker.status, behind_the_marker.body) == (200, CONTENT)
    assert (gone.status, gone.error["Code"]) == (404, "NoSuchVersion")


def test_link_to_a_deleted_file_says_so(stored: Account) -> None:
    """Without a version, what counts is the delete marker."""
    link = signed(stored, ResponseContentDisposition="attachment")
    stored.client("s3").delete_object(Bucket="exchange", Key=KEY)

    gone = fetch(link)

    assert (gone.status, gone.error["Code"]) == (404, "NoSuchKey")


def test_moto_still_refuses_links_to_deleted_files() -> None:
    """Once moto takes them, delete _signatures_checked_elsewhere."""
    url = "http://localhost/bucket/key?response-content-disposition=attachment&X-Amz-Signature=0"

    assert S3Response()._invalid_headers(url, {})


def test_link_can_be_resumed(stored: Account) -> None:
    """A browser that lost its connection asks for the rest."""
    answer = fetch(signed(stored), Range="bytes=4-")

    assert (answer.status, answer.body) == (206, CONTENT[4:])
    assert answer.headers["content-range"] == "bytes 4-9/10"


def test_link_carries_parameters_of_ours(stored: Account) -> None:
    """S3 ignores a signed x-… parameter, which marks the link in the access log."""
    client = stored.client("s3")
    client.meta.events.register(
        "before-sign.s3.GetObject",
        lambda request, **_: request.params.update({"x-s3link-delivery": "0123456789abcdef"}),
    )

    url = signed(stored)

    assert "x-s3link-delivery=0123456789abcdef" in url
    assert fetch(url).body == CONTENT
    assert fetch(with_query(url, **{"x-s3link-delivery": "0"})).status == 403


@pytest.mark.parametrize(
    "key",
    [
        "a+b %25 100%.txt",
        "a//b/../c.txt",
        "quotes \" ' and , ; ? # & = ~ * !.txt",
        "line\nbreak.txt",
        "\u202egnp.exe \U0001f600",
        "ü" * 512,
        "folder/",
    ],
)
def test_link_works_for_every_key(stored: Account, key: str) -> None:
    """Whatever is in a key, its link is accepted and gives the object."""
    stored.client("s3").put_object(Bucket="exchange", Key=key, Body=key.encode())

    answer = fetch(signed(stored, Key=key))

    assert (answer.status, answer.body) == (200, key.encode())


def test_upload_with_a_link(stored: Account) -> None:
    """A URL signed for PUT takes the file, and only with the headers that were signed."""
    url = signed(stored, "put_object", Key="up.txt", ContentType="text/plain")

    assert fetch(url, "PUT", b"up", Content_Type="text/html").status == 403
    assert fetch(url, "PUT", b"up", Content_Type="text/plain").status == 200
    assert fetch(signed(stored, Key="up.txt")).body == b"up"


def test_host_can_carry_the_bucket(stored: Account) -> None:
    """A URL in S3's virtual-hosted style is checked and served like one with the path style."""
    host = "exchange.s3.eu-west-1.amazonaws.com"
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id=LOCAL_ACCESS_KEY,
        aws_secret_access_key=LOCAL_SECRET_KEY,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    signed_url = client.generate_presigned_url(
        "get_object", Params={"Bucket": "exchange", "Key": KEY}
    )
    url = signed_url.replace(f"https://{host}", stored.aws.endpoint)

    assert fetch(url, Host=host).body == CONTENT
    assert fetch(url, Host=f"other-{host}").status == 403
    assert fetch(url.split("?")[0], Host=host).status == 403


@pytest.mark.parametrize(
    ("rewrite", "why"),
    [
        (lambda url: url.replace("(", "%28").replace(")", "%29"), "encoded"),
        (lambda url: url.replace("%28", "(").replace("%29", ")"), "not encoded"),
        (lambda url: url.replace("%C3%BC", "%c3%bc"), "other hexadecimal digits"),
        (lambda url: url.replace("%40", "@"), "as a mail program shows it"),
    ],
)
def test_other_spelling_of_the_same_link_works(
    stored: Account, rewrite: Callable[[str], str], why: str
) -> None:
    """Mail programs and browsers write some characters differently; S3 does not mind."""
    assert fetch(rewrite(signed(stored))).body == CONTENT


def test_link_signed_by_a_role_session_works(stored: Account) -> None:
    """That is how functions sign."""
    assert fetch(signed_with(stored, assume(stored.role, "function", "eu-west-1"))).status == 200


def test_missing_version_is_not_found(stored: Account) -> None:
    """HEAD and GET of a version that never was, or is no more, say 404."""
    s3 = stored.client("s3")
    version = s3.list_object_versions(Bucket="exchange")["Versions"][0]["VersionId"]
    head = signed(stored, "head_object", VersionId=version)
    get = signed(stored, VersionId=version)
    assert fetch(head, "HEAD").status == 200

    s3.delete_object(Bucket="exchange", Key=KEY, VersionId=version)

    assert fetch(head, "HEAD").status == 404
    assert fetch(get).status == 404

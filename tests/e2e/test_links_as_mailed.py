"""A mailed link gives its file and nothing else, until its end: as LinkGenerator signed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from deploy.local.clicking import saved_as
from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.local.links import Answer, Clock, fetch, with_query
from tests.waiting import until

pytestmark = pytest.mark.slow

# All of them, so that a new one gets its row; the first are S3's, then ours.
PARAMETERS = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA1",
    "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20261125/eu-west-1/s3/aws4_request",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Expires": "21600",
    "X-Amz-SignedHeaders": "host;range",
    "X-Amz-Security-Token": "another",
    "X-Amz-Signature": "0" * 64,
    "response-content-disposition": "inline",
    "versionId": "null",
    "x-amz-expected-bucket-owner": "210987654321",
    "x-s3link-delivery": "0" * 32,
}


@dataclass(frozen=True)
class Mailed:
    """A file that was mailed, one that was not meant for the reader, and an older version."""

    deployed: Deployed
    link: str
    other_version: str


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def mailed(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    with EmbeddedAws(retry_delays=(0.05, 0.05), clock=clock) as aws:
        deployed = Deployed(aws, tmp_path_factory.mktemp("operator"))
        old = deployed.upload("ann@example.com/report.pdf", b"for Ann, old")
        deployed.upload("ann@example.com/report.pdf", b"for Ann, new")
        deployed.upload("bob@example.com/report.pdf", b"for Bob")
        deployed.upload("old@example.com/old.pdf", b"before")
        yield Mailed(deployed, deployed.link_for("bob@example.com"), old)


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.ahead = timedelta()


def refused(answer: Answer) -> str:
    """S3's code; the answer has nothing of a file."""
    assert answer.status in (400, 403, 404)
    assert b"for " not in answer.body
    return answer.error["Code"]


def test_a_link_has_these_parameters_and_works(mailed: Mailed) -> None:
    """The table below leaves none out."""
    query = dict(parse_qsl(urlsplit(mailed.link).query))

    assert set(query) == set(PARAMETERS)
    assert fetch(mailed.link).body == b"for Bob"


@pytest.mark.parametrize(("name", "value"), PARAMETERS.items())
def test_a_changed_parameter_is_refused(mailed: Mailed, name: str, value: str) -> None:
    """Another value, as an attacker would like it."""
    assert refused(fetch(with_query(mailed.link, **{name: value})))


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_with_another_end_is_refused(mailed: Mailed, name: str) -> None:
    """A single character more."""
    value = dict(parse_qsl(urlsplit(mailed.link).query))[name]

    assert refused(fetch(with_query(mailed.link, **{name: f"{value}0"})))


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_that_is_missing_is_refused(mailed: Mailed, name: str) -> None:
    """Nothing that is signed can be left out."""
    assert refused(fetch(with_query(mailed.link, **{name: None})))


@pytest.mark.parametrize("name", sorted(PARAMETERS.keys() - {"X-Amz-Signature"}))
def test_a_parameter_that_comes_twice_is_refused(mailed: Mailed, name: str) -> None:
    """A second one, in the hope that S3 checks one and uses the other."""
    value = quote(PARAMETERS[name], safe="")

    assert refused(fetch(f"{mailed.link}&{name}={value}"))


def test_a_link_moved_to_another_key_is_refused(mailed: Mailed) -> None:
    """Also to one that exists."""
    moved = mailed.link.replace("bob%40example.com", "ann%40example.com")
    moved = moved.replace("bob@example.com", "ann@example.com")
    assert moved != mailed.link

    assert refused(fetch(moved)) == "SignatureDoesNotMatch"


def test_a_link_moved_to_another_version_is_refused(mailed: Mailed) -> None:
    """Neither to an older version that exists."""
    moved = with_query(mailed.link, versionId=mailed.other_version)

    assert refused(fetch(moved)) == "SignatureDoesNotMatch"


def test_two_links_cannot_be_combined(mailed: Mailed) -> None:
    """The path of one with the query of the other, both good."""
    ann = mailed.deployed.link_for("ann@example.com")

    moved = f"{mailed.link.partition('?')[0]}?{ann.partition('?')[2]}"

    assert refused(fetch(moved)) == "SignatureDoesNotMatch"
    assert fetch(ann).body.startswith(b"for Ann")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "HEAD"])
def test_a_link_is_for_reading_only(mailed: Mailed, method: str) -> None:
    """It neither overwrites nor deletes; the file is as before."""
    body = b"for nobody" if method in ("PUT", "POST") else None

    assert fetch(mailed.link, method, body).status == 403
    assert fetch(mailed.link).body == b"for Bob"


def test_a_link_ends_when_its_mail_says(mailed: Mailed, clock: Clock) -> None:
    """LinkExpirationPeriod is five hours: a minute before it works, a minute after it does not."""
    clock.ahead = timedelta(hours=4, minutes=58)
    assert fetch(mailed.link).body == b"for Bob"

    clock.ahead = timedelta(hours=5, minutes=1)

    answer = fetch(mailed.link)
    assert refused(answer) == "AccessDenied"
    assert answer.error["Message"] == "Request has expired"


def test_an_expired_link_cannot_be_prolonged(mailed: Mailed, clock: Clock) -> None:
    """Neither by a longer life nor by a later date."""
    clock.ahead = timedelta(hours=5, minutes=1)
    date = f"{clock():%Y%m%dT%H%M%SZ}"

    assert refused(fetch(with_query(mailed.link, X_Amz_Expires="604800")))
    assert refused(fetch(with_query(mailed.link, X_Amz_Date=date)))


def test_a_link_signed_for_a_week_ends_after_six_hours(mailed: Mailed, clock: Clock) -> None:
    """Whoever of the account signed it: the bucket's policy looks at a signature's age."""
    bucket = mailed.deployed.names["FileExchangeBucket"]
    link = mailed.deployed.account.client("s3").generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": "bob@example.com/report.pdf"},
        ExpiresIn=604_800,
    )
    clock.ahead = timedelta(hours=5, minutes=58)
    assert fetch(link).body == b"for Bob"

    clock.ahead = timedelta(hours=6, minutes=1)

    assert refused(fetch(link)) == "AccessDenied"


def test_a_link_is_dead_after_its_files_end(mailed: Mailed) -> None:
    """Once the version is removed the link says so, also when the key has a new file."""
    deployed, key = mailed.deployed, "old@example.com/old.pdf"
    bucket, s3 = deployed.names["FileExchangeBucket"], deployed.account.client("s3")
    link = deployed.link_for("old@example.com")
    version = dict(parse_qsl(urlsplit(link).query))["versionId"]
    assert fetch(link).body == b"before"

    s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    deployed.upload(key, b"for somebody else")

    assert refused(fetch(link)) == "NoSuchVersion"


def test_a_file_under_a_uuid_is_saved_under_its_own_name(mailed: Mailed) -> None:
    """S3 tells LinkGenerator the Content-Disposition of the upload; the signed one is of that
    name."""
    deployed = mailed.deployed
    deployed.account.client("s3").put_object(
        Bucket=deployed.names["FileExchangeBucket"],
        Key="dora@example.com/7f3e1c9a-4b0d-4f7e-9a43-2f0c8f4f2f11",
        Body=b"for Dora",
        ContentDisposition='attachment; filename="Q3 report.pdf"',
    )

    answer = fetch(deployed.link_for("dora@example.com"))

    assert saved_as(answer.headers["content-disposition"]) == "Q3 report.pdf"
    assert answer.body == b"for Dora"
    listed = deployed.s3link("deliveries --recipient dora@example.com").stdout
    assert listed.rstrip("\n").endswith("\tQ3 report.pdf\t")


@pytest.mark.parametrize(
    "name", ["\u8a9e" * 100 + ".pdf", "\u00fcber " * 30 + ".pdf", "a" * 240 + ".pdf"]
)
def test_a_long_name_leaves_a_link_that_works(mailed: Mailed, name: str) -> None:
    """S3 accepts the signature of the shorter name."""
    mailed.deployed.upload(f"long@example.com/{name}", name.encode())
    until(lambda: fetch(mailed.deployed.link_for("long@example.com")).body == name.encode())
    link = mailed.deployed.link_for("long@example.com")

    answer = fetch(link)

    saved = saved_as(answer.headers["content-disposition"])
    assert len(link) <= 2048
    assert answer.body == name.encode()
    assert saved.endswith(".pdf")
    assert name.startswith(saved.removesuffix(".pdf"))

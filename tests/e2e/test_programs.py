"""Programs upload and download by their API: signed requests, real bytes, real mails.

There is no portal: what is uploaded is announced with direct links.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from moto.s3.models import s3_backends
from werkzeug.http import parse_options_header

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys
from deploy.local.inbox.mailbox import Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.local.apis import Reply, ask, signed
from tests.mails import link_in
from tests.openapi import PROGRAMS_API
from tests.waiting import until

pytestmark = pytest.mark.slow

PROGRAM = Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)
MIB = 1024**2
PART = {"partNumber": 1, "eTag": "0"}
NAME = "my report (final) + ü.pdf"


class Programs:
    """The API, for a program with keys."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.bucket = deployed.names["FileExchangeBucket"]
        outputs = deployed.account.client("cloudformation").describe_stacks(
            StackName="s3link-programs"
        )["Stacks"][0]["Outputs"]
        self.url = next(
            one["OutputValue"] for one in outputs if one["OutputKey"] == "ProgramsApiUrl"
        )

    def get(self, **parameters: object) -> Reply:
        url = f"{self.url}/presigned-url?{urlencode(parameters, quote_via=quote)}"
        return _documented("GET /presigned-url", ask(url, headers=signed(url, PROGRAM, "GET")))

    def post(self, path: str, document: object) -> Reply:
        url, body = f"{self.url}{path}", json.dumps(document).encode()
        headers = {**signed(url, PROGRAM, "POST", body), "content-type": "application/json"}
        return _documented(f"POST {path}", ask(url, "POST", body, headers))

    def signs(self, operation: str, key: str, **parameters: object) -> dict[str, Any]:
        """The answer to what must succeed."""
        reply = self.get(operation=operation, fileKey=key, **parameters)
        assert reply.status == 200, reply
        answer: dict[str, Any] = reply.document
        return answer

    def one_time_link(self, key: str) -> str:
        reply = self.post("/generate-url", {"bucket_name": self.bucket, "object_name": key})
        assert reply.status == 200, reply
        return str(reply.document["url"])

    def mails_about(self, name: str) -> list[Mail]:
        return [mail for mail in self.deployed.mails() if name in mail.subject]

    def has(self, key: str) -> bool:
        s3 = self.deployed.account.client("s3")
        return bool(s3.list_object_versions(Bucket=self.bucket, Prefix=key).get("Versions"))


def _documented(route: str, reply: Reply) -> Reply:
    """The reply, once it is sure that the OpenAPI document knows it."""
    assert PROGRAMS_API.operation(route).faults_of(reply.status, reply.document) == []
    return reply


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with EmbeddedAws(retry_delays=(0.2, 0.2)) as aws:
        yield Programs(
            Deployed(aws, tmp_path_factory.mktemp("programs"), ("programs",), ProgramsKeys="*")
        )


def put(url: str, body: bytes, headers: dict[str, str] | None = None) -> Reply:
    return ask(url, "PUT", body, headers)


def test_an_upload_arrives_and_is_announced(programs: Programs) -> None:
    """To whom the program chose, with its words and under the file's name, whatever it is."""
    answer = programs.signs(
        "upload",
        f"programs/{NAME}",
        contentLength=5,
        contentType="application/pdf",
        recipients="carol@example.com",
        note="Für  Sie ✓",
    )

    reply = put(answer["url"], b"bytes", answer["headers"])

    assert reply.status == 200, reply
    until(lambda: bool(programs.mails_about(NAME)))
    [mail] = programs.mails_about(NAME)
    assert mail.recipients == ("carol@example.com",)
    assert "Für  Sie ✓" in mail.text
    assert programs.deployed.parts == ("programs",)
    direct = ask(link_in(mail))
    assert direct.body == b"bytes"
    download = ask(programs.signs("download", f"programs/{NAME}")["url"])
    assert (download.status, download.body) == (200, b"bytes")
    assert download.header("content-type") == "application/pdf"
    _, named = parse_options_header(download.header("content-disposition"))
    assert named["filename"] == NAME


def test_a_url_stores_once(programs: Programs) -> None:
    """Of fifteen PUTs, some at the same moment, one is stored and mailed; the first stays."""
    answer = programs.signs("upload", "once.pdf", contentLength=5)

    with ThreadPoolExecutor(5) as pool:
        puts = [pool.submit(put, answer["url"], b"byte%d" % n, answer["headers"]) for n in range(5)]
        replies = [one.result() for one in puts]
    replies += [put(answer["url"], b"later", answer["headers"]) for _ in range(10)]

    assert sorted(reply.status for reply in replies) == [200] + [412] * 14
    programs.deployed.account.wait_for_events(programs.deployed.names["LinkGenerator"])
    assert len(programs.mails_about("once.pdf")) == 1
    versions = programs.deployed.account.client("s3").list_object_versions(
        Bucket=programs.bucket, Prefix="once.pdf"
    )["Versions"]
    assert len(versions) == 1


def test_parts_are_put_together_once(programs: Programs) -> None:
    """Not over a file that has come meanwhile."""
    begun = programs.signs("upload", "taken.bin", contentLength=3, parts=1)
    tag = put(begun["urls"][0], b"abc").header("etag")
    programs.deployed.upload("taken.bin", b"first")

    body = {**begun["complete"]["body"], "parts": [{"partNumber": 1, "eTag": tag}]}
    reply = programs.post("/complete-upload", body)

    assert (reply.status, reply.document["error"]) == (
        400,
        'The upload of "taken.bin" was not completed: there is a file of this name, perhaps from '
        "this upload; use another key.",
    )
    assert ask(programs.signs("download", "taken.bin")["url"]).body == b"first"


@pytest.fixture
def taken_over(programs: Programs) -> Iterator[None]:
    """The bucket's name belongs to another account, as if it had been deleted and made again."""
    bucket = s3_backends[LOCAL_ACCOUNT]["aws"].buckets[programs.bucket]
    bucket.account_id = "210987654321"
    yield
    bucket.account_id = LOCAL_ACCOUNT


def test_a_bucket_that_another_account_has_taken_over_gets_nothing(
    programs: Programs, request: pytest.FixtureRequest
) -> None:
    """Neither uploads, whole or in parts, nor downloads, nor what was mailed before: S3 refuses
    them all, and Programs says so where it asks S3 itself."""
    programs.deployed.upload("mine.pdf", b"mine")
    until(lambda: bool(programs.mails_about("mine.pdf")))
    [mail] = programs.mails_about("mine.pdf")
    link = programs.one_time_link("mine.pdf")
    begun = programs.signs("upload", "part.pdf", contentLength=3, parts=1)
    download = programs.signs("download", "mine.pdf")["url"]
    request.getfixturevalue("taken_over")

    whole = programs.signs("upload", "stolen.pdf")

    assert put(whole["url"], b"bytes", whole["headers"]).status == 403
    assert put(begun["urls"][0], b"abc").status == 403
    assert [ask(url).status for url in (download, link_in(mail))] == [403, 403]
    asked = [
        programs.get(operation="download", fileKey="mine.pdf"),
        programs.get(operation="upload", fileKey="b.pdf", contentLength=3, parts=1),
        programs.post("/complete-upload", {**begun["complete"]["body"], "parts": [PART]}),
        programs.post("/generate-url", {"bucket_name": programs.bucket, "object_name": "mine.pdf"}),
        ask(link),
    ]
    assert [reply.status for reply in asked] == [503] * 5


REFUSED: dict[str, tuple[bytes, dict[str, str]]] = {
    "a longer body": (b"bytes and more", {"content-length": "14"}),
    "a shorter body": (b"byte", {"content-length": "4"}),
    "another type": (b"bytes", {"content-type": "text/html"}),
    "no type": (b"bytes", {"content-type": ""}),
    "another recipient": (b"bytes", {"x-amz-meta-recipients": "eve@example.com"}),
    "no recipient": (b"bytes", {"x-amz-meta-recipients": ""}),
    "one more wish": (b"bytes", {"x-amz-meta-expires": "9"}),
    "no condition": (b"bytes", {"if-none-match": ""}),
    "an open door": (b"bytes", {"x-amz-acl": "public-read"}),
}


@pytest.mark.parametrize(("body", "changes"), REFUSED.values(), ids=REFUSED.keys())
def test_nothing_but_what_was_asked_for_is_taken(
    programs: Programs, body: bytes, changes: dict[str, str]
) -> None:
    """S3 refuses every other length, type and header; nothing arrives."""
    answer = programs.signs(
        "upload",
        "capped.pdf",
        contentLength=5,
        contentType="application/pdf",
        recipients="carol@example.com",
    )
    headers = {n: v for n, v in {**answer["headers"], **changes}.items() if v}

    reply = put(answer["url"], body, headers)

    assert reply.status == 403
    assert not programs.has("capped.pdf")


def test_an_upload_in_parts_arrives_and_is_announced(programs: Programs) -> None:
    """Once, as one file, when the program says that all parts are there."""
    content = b"a" * 5 * MIB + b"b" * (5 * MIB - 1)
    begun = programs.signs(
        "upload", "large.bin", contentLength=len(content), parts=2, recipients="dave@example.com"
    )
    size, complete = begun["partSize"], begun["complete"]
    pieces = [content[:size], content[size:]]
    assert put(begun["urls"][0], pieces[0] + b"!").status == 403
    assert put(begun["urls"][1], pieces[0]).status == 403
    replies = [put(url, piece) for url, piece in zip(begun["urls"], pieces, strict=True)]
    assert [reply.status for reply in replies] == [200, 200]
    for part, reply in zip(complete["body"]["parts"], replies, strict=True):
        part["eTag"] = reply.header("etag")

    assert complete["url"] == f"{programs.url}/complete-upload"
    done = programs.post("/complete-upload", complete["body"])
    again = programs.post("/complete-upload", complete["body"])

    assert done.status == 200, done
    # S3 knows a completed upload for a while, or not any more; either way there is one file.
    assert (again.status, again.document) == (200, done.document) or again.status == 404
    download = ask(
        programs.signs("download", "large.bin", versionId=done.document["versionId"])["url"]
    )
    assert download.body == content
    programs.deployed.account.wait_for_events(programs.deployed.names["LinkGenerator"])
    assert [mail.recipients for mail in programs.mails_about("large.bin")] == [
        ("dave@example.com",)
    ]


def test_an_upload_that_was_given_up_leaves_nothing(programs: Programs) -> None:
    """Its parts are gone and its URLs work no more."""
    begun = programs.signs("upload", "never.bin", contentLength=3, parts=1)
    assert put(begun["urls"][0], b"abc").status == 200
    body = {"fileKey": "never.bin", "uploadId": begun["uploadId"]}

    assert programs.post("/complete-upload", {**body, "abort": True}).status == 200

    assert put(begun["urls"][0], b"abc").status == 404
    assert programs.post("/complete-upload", {**body, "abort": True}).status == 404
    assert not programs.has("never.bin")


def test_a_wrong_part_is_told(programs: Programs) -> None:
    """And the upload can still be completed with the right one."""
    begun = programs.signs("upload", "part.bin", contentLength=3, parts=1)
    right = put(begun["urls"][0], b"abc").header("etag")
    body = begun["complete"]["body"]

    def complete(tag: str | None) -> int:
        parts = [{"partNumber": 1, "eTag": tag}]
        return programs.post("/complete-upload", {**body, "parts": parts}).status

    assert complete('"00000000000000000000000000000000"') == 400
    assert complete(right) == 200


def test_what_is_not_there_is_told(programs: Programs) -> None:
    """Before the program opens anything."""
    assert programs.get(operation="download", fileKey="none.pdf").status == 404
    version = {"fileKey": "none.pdf", "versionId": "none"}
    assert programs.get(operation="download", **version).status == 404
    missing = {"bucket_name": programs.bucket, "object_name": "none.pdf"}
    assert programs.post("/generate-url", missing).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/presigned-url?operation=upload&fileKey=a"),
        ("POST", "/complete-upload"),
        ("POST", "/generate-url"),
    ],
)
def test_a_request_that_nobody_signed_is_refused(
    programs: Programs, method: str, path: str
) -> None:
    """By the API; the function is not asked."""
    reply = ask(f"{programs.url}{path}", method, b"{}" if method == "POST" else None)

    assert (reply.status, reply.document) == (403, {"message": "Forbidden"})


def test_a_one_time_link_works_once(programs: Programs) -> None:
    """Of forty requests at the same moment one is sent to the file, for a minute at most."""
    programs.deployed.upload(NAME, b"once")
    link = programs.one_time_link(NAME)
    assert link.startswith(f"{programs.url}/access-object?nonce=")

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(ask, [link] * 40))

    assert sorted(reply.status for reply in replies) == [303] + [403] * 39
    [passed] = [reply for reply in replies if reply.status == 303]
    url = passed.header("location") or ""
    assert int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0]) <= 60
    assert passed.header("cache-control") == "no-store"
    download = ask(url)
    assert download.body == b"once"
    _, named = parse_options_header(download.header("content-disposition"))
    assert named["filename"] == NAME
    assert ask(link).status == 403


@pytest.mark.parametrize("query", ["", "?nonce=", "?other=nonce"])
def test_without_a_nonce_the_gate_refuses(programs: Programs, query: str) -> None:
    """The answer is that to a nonce which opens nothing, not API Gateway's own 401."""
    reply = ask(f"{programs.url}/access-object{query}")

    assert (reply.status, reply.document) == (403, {"message": "Forbidden"})


def test_a_one_time_link_is_to_the_file_as_it_was(programs: Programs) -> None:
    """A newer file under the same key is another file."""
    programs.deployed.upload("versions.txt", b"first")
    link = programs.one_time_link("versions.txt")
    programs.deployed.upload("versions.txt", b"second")

    assert ask(ask(link).header("location") or "").body == b"first"


def test_only_this_deployments_bucket(programs: Programs) -> None:
    """Another one that is there, and one that is not, are refused alike."""
    programs.deployed.account.client("s3").create_bucket(
        Bucket="others", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )

    said = {
        programs.post("/generate-url", {"bucket_name": name, "object_name": "a"}).body
        for name in ("others", "none-of-that-name")
    }

    assert len(said) == 1


def test_no_secret_is_logged(programs: Programs) -> None:
    """Neither URL nor nonce, in no log of the functions and of the API."""
    upload = programs.signs("upload", "logged.pdf", note="a secret note")["url"]
    programs.deployed.upload("logged.pdf")
    link = programs.one_time_link("logged.pdf")
    ask(link)
    ask(link)
    names = programs.deployed.names
    groups = [names["ProgramsLogGroup"], names["ProgramsApiLogGroup"]]

    def said() -> str:
        lines = [line for group in groups for line in programs.deployed.account.log_messages(group)]
        return "\n".join(lines)

    until(lambda: "UsedUp" in said())
    for secret in ("secret note", link.rpartition("=")[2], upload.rpartition("=")[2]):
        assert secret not in said()
    assert "logged.pdf" in said()

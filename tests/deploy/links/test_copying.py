"""A version is copied onto its own key: with all that S3 knows of it, at once or in parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.lambda_packages import COPY_OF
from deploy.links.copying import NotCopied, Original, Pieces, copy_onto_itself
from deploy.uploading.upload import Place
from tests.deploy.links.account import DEPLOYMENT
from tests.deploy.links.files_account import BUCKET, KEY, FilesAccount

MIB = 1024 * 1024
GIB = 1024 * MIB
LARGE = b"first part".ljust(5 * MIB, b".") + b"second part".ljust(5 * MIB, b".") + b"the last"
IN_PARTS = Pieces(above=6 * MIB, size=5 * MIB)
MOST = 10_000 * 512 * MIB  # bytes in as many parts as S3 takes, of the usual size
MARK = "v1 now v1"

KNOWN = {
    "ContentType": "application/pdf",
    "ContentDisposition": "attachment; filename=\"Q3.pdf\"; filename*=UTF-8''Q3%20%C3%BC.pdf",
    "ContentEncoding": "identity",
    "ContentLanguage": "de",
    "CacheControl": "no-store",
    "StorageClass": "STANDARD_IA",
}
METADATA = {"note": "=?utf-8?b?w7w=?=", "recipients": "bob@example.com"}
TAGS = {"Project": "Q3 = 4+1", "Team": "files"}


@pytest.fixture
def account() -> Iterator[FilesAccount]:
    with mock_aws():
        yield FilesAccount()


def copied(account: FilesAccount, version: str, pieces: Pieces, s3: Any = None) -> str:
    newest = account.s3.head_object(Bucket=BUCKET, Key=KEY)["ETag"]
    place = Place(s3 or account.s3, BUCKET, DEPLOYMENT.account)
    return copy_onto_itself(place, Original(KEY, version, lambda: newest), MARK, pieces)


@pytest.mark.parametrize(("content", "pieces"), [(b"small", Pieces()), (LARGE, IN_PARTS)])
def test_a_copy_is_what_the_version_was(
    account: FilesAccount, content: bytes, pieces: Pieces
) -> None:
    """But for its mark, and its age."""
    tagging = "Project=Q3%20%3D%204%2B1&Team=files"
    version = account.put(content, **KNOWN, Metadata=METADATA, Tagging=tagging)

    copy = copied(account, version, pieces)

    head = account.head(copy)
    assert {name: head[name] for name in KNOWN} == KNOWN
    assert head["Metadata"] == {**METADATA, COPY_OF: MARK}
    tags = account.s3.get_object_tagging(Bucket=BUCKET, Key=KEY, VersionId=copy)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == TAGS
    assert head["LastModified"] > account.head(version)["LastModified"]
    got = account.s3.get_object(Bucket=BUCKET, Key=KEY, VersionId=copy)
    assert got["Body"].read() == content
    assert account.versions == [copy, version]
    assert account.begun == []


@pytest.mark.parametrize("pieces", [Pieces(), IN_PARTS])
def test_a_copy_is_under_the_same_key(account: FilesAccount, pieces: Pieces) -> None:
    """A customer's own, if the version was; else the bucket's."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    version = account.put(LARGE, **encryption)

    head = account.head(copied(account, version, pieces))

    assert {name: head[name] for name in encryption} == encryption


def test_a_restored_file_is_not_archived_anew(account: FilesAccount) -> None:
    """Nobody could download its copy before that was restored, too."""
    version = account.put(StorageClass="GLACIER")
    which = {"Bucket": BUCKET, "Key": KEY, "VersionId": version}
    account.s3.restore_object(**which, RestoreRequest={"Days": 1})

    head = account.head(copied(account, version, Pieces()))

    assert head.get("StorageClass", "STANDARD") == "STANDARD"


def test_the_version_is_copied_that_was_meant(account: FilesAccount) -> None:
    """Not what lies on top of it."""
    version = account.put(b"old")
    account.put(b"new")

    copy = copied(account, version, Pieces())

    got = account.s3.get_object(Bucket=BUCKET, Key=KEY, VersionId=copy)
    assert got["Body"].read() == b"old"


@pytest.mark.parametrize(
    ("size", "parts", "first", "last"),
    [
        (GIB, 2, (0, 512 * MIB - 1), (512 * MIB, GIB - 1)),
        (GIB + 1, 3, (0, 512 * MIB - 1), (GIB, GIB)),
        # More than 10,000 parts of the usual size.
        (MOST + 1, 10_000, (0, 512 * MIB), (MOST - 512 * MIB + 9_999, MOST)),
    ],
)
def test_parts_are_as_many_as_s3_takes(
    size: int, parts: int, first: tuple[int, int], last: tuple[int, int]
) -> None:
    """From the first byte to the last one, none twice."""
    ranges = list(Pieces().ranges(size))

    assert (len(ranges), ranges[0], ranges[-1]) == (parts, first, last)
    assert [start for start, _ in ranges[1:]] == [end + 1 for _, end in ranges[:-1]]


class Ends:
    """S3, which does not get beyond one kind of call."""

    def __init__(self, client: Any, call: str, fault: BaseException) -> None:
        self._client, self._call, self._fault = client, call, fault

    def __getattr__(self, name: str) -> Any:
        return self._ends if name == self._call else getattr(self._client, name)

    def _ends(self, PartNumber: int = 2, **request: Any) -> Any:  # noqa: N803 - AWS's
        if PartNumber == 2:
            raise self._fault
        return getattr(self._client, self._call)(PartNumber=PartNumber, **request)


@pytest.mark.parametrize("call", ["upload_part_copy", "complete_multipart_upload"])
@pytest.mark.parametrize(
    "fault",
    [
        KeyboardInterrupt(),
        ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "UploadPartCopy"),
    ],
)
def test_of_a_copy_that_ends_before_its_time_nothing_stays(
    account: FilesAccount, call: str, fault: BaseException
) -> None:
    """Whether S3 fails, or somebody presses Ctrl-C."""
    version = account.put(LARGE)

    with pytest.raises(type(fault)):
        copied(account, version, IN_PARTS, Ends(account.s3, call, fault))

    assert account.begun == []
    assert account.versions == [version]


def test_metadata_that_s3_does_not_show_is_not_lost(account: FilesAccount) -> None:
    """A copy could not have it, so there is none."""

    class Hides(Ends):
        def _ends(self, **request: Any) -> Any:
            return {**self._client.head_object(**request), "MissingMeta": 1}

    version = account.put()

    with pytest.raises(NotCopied, match="S3 does not show all of its file's metadata"):
        copied(account, version, Pieces(), Hides(account.s3, "head_object", ValueError()))

    assert account.versions == [version]

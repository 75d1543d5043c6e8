"""Manifests from outside: each is refused as a whole, loudly, with one sentence; nobody is mailed,
nothing is claimed, no link made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from files.errors import (
    FileArchived,
    FileEncrypted,
    FileNotReadable,
    InvalidShare,
    MisspelledMetadata,
)
from function.errors import FunctionError
from link_generator.errors import SeveralFailures
from mail.named_senders import InvalidSender, UnauthorizedSender
from mail.recipients import InvalidRecipient, UnauthorizedRecipient
from moto import mock_aws

from tests.lambda_src.fakes import BUCKET, KMS_KEY, arrival_of
from tests.lambda_src.link_generator.share_world import ID, KEY, Shares, manifest

AS_A_WHOLE = f'"{KEY}" was not announced, nor any file of it: '
AGAIN = "; send the files again, as a new share."

Case = Callable[[Shares], Any]


@pytest.fixture
def shares() -> Iterator[Shares]:
    with mock_aws():
        yield Shares()


def _changed(**changes: Any) -> Case:
    """A manifest that says something else of its second file than what is there."""
    return lambda shares: manifest(shares.put("a.jpg"), {**shares.put("b.jpg"), **changes})


def _with(**members: Any) -> Case:
    return lambda shares: manifest(shares.put("a.jpg"), shares.put("b.jpg"), **members)


def _raw(content: bytes) -> Case:
    return lambda shares: content


def _another_share(shares: Shares) -> Any:
    return manifest(shares.put("a.jpg"), shares.put("others.jpg", share="another-share"))


def _no_mark(shares: Shares) -> Any:
    return manifest(shares.put("a.jpg"), shares.put("salaries.xlsx", share=None))


def _version_of_another_key(shares: Shares) -> Any:
    first, second = shares.put("a.jpg"), shares.put("b.jpg")
    return manifest(first, {**second, "version": first["version"]})


def _deleted(shares: Shares) -> Any:
    first, second = shares.put("a.jpg"), shares.put("b.jpg")
    shares.store.delete_object(Bucket=BUCKET, Key="b.jpg")
    return manifest(first, second)


def _removed(shares: Shares) -> Any:
    first, second = shares.put("a.jpg"), shares.put("b.jpg")
    shares.store.delete_object(Bucket=BUCKET, Key="b.jpg", VersionId=second["version"])
    return manifest(first, second)


def _older_version_without_the_mark(shares: Shares) -> Any:
    older = shares.put("b.jpg", b"other", share=None)
    shares.put("b.jpg")
    return manifest(shares.put("a.jpg"), older)


def _folder(shares: Shares) -> Any:
    return manifest(shares.put("a.jpg"), shares.put("b/", b""))


def _in_a_folder_for_somebody(shares: Shares) -> Any:
    document = manifest(shares.put("a.jpg"), shares.put("/eve＠example.com/b.jpg"))
    del document["recipients"]
    return document


def _with_wishes_of_its_own(shares: Shares) -> Any:
    return manifest(
        shares.put("a.jpg"), shares.put("b.jpg", Metadata={"recipients": "eve@example.com"})
    )


def _huge(shares: Shares) -> Any:
    return b" " * 8_000_001


REFUSED: list[tuple[str, Case, str]] = [
    ("not JSON", _raw(b"hello"), "it is not JSON in UTF-8"),
    ("not UTF-8", _raw(b'{"\xff": 1}'), "it is not JSON in UTF-8"),
    ("empty", _raw(b" "), "it is not JSON in UTF-8"),
    ("deep", _raw(b"[" * 100_000), "it is not JSON in UTF-8"),
    ("huge", _huge, "it has 8,000,001 bytes, and a manifest at most 8,000,000"),
    ("other bucket", _with(bucket="x"), 'it has "bucket", which is no member of a manifest'),
    ("no files", lambda shares: manifest(), "files is not a list of 1 to 1,000"),
    (
        "too many",
        lambda shares: manifest(*[shares.put("a.jpg")] * 1001),
        "files is not a list of 1 to 1,000",
    ),
    ("twice", lambda shares: manifest(*[shares.put("a.jpg")] * 2), 'it names "a.jpg" twice'),
    (
        "another version",
        _changed(version="x" * 32),
        '"b.jpg" is not there, or not in that version, or not readable',
    ),
    (
        "another key's version",
        _version_of_another_key,
        '"b.jpg" is not there, or not in that version, or not readable',
    ),
    (
        "no such key",
        _changed(key="c.jpg"),
        '"c.jpg" is not there, or not in that version, or not readable',
    ),
    ("deleted", _deleted, '"b.jpg" is not there, or not in that version, or not readable'),
    ("removed", _removed, '"b.jpg" is not there, or not in that version, or not readable'),
    ("no version", _changed(version="null"), 'the version of file 2, "b.jpg", is "null"'),
    ("size", _changed(size=6), '"b.jpg" has 5 bytes, and the manifest says 6'),
    (
        "without the mark",
        _no_mark,
        '"salaries.xlsx" does not have the share\'s id as metadata s3link-share',
    ),
    (
        "another share's",
        _another_share,
        '"others.jpg" does not have the share\'s id as metadata s3link-share',
    ),
    (
        "an older version without the mark",
        _older_version_without_the_mark,
        '"b.jpg" does not have the share\'s id as metadata s3link-share',
    ),
    (
        "a manifest",
        _changed(key=".s3link/shares/another1.json"),
        'file 2, ".s3link/shares/another1.json", is a manifest itself',
    ),
    ("a folder", _folder, '"b/" is a folder'),
    (
        "a file with recipients",
        _with_wishes_of_its_own,
        '"b.jpg" has metadata recipients, which its manifest must say',
    ),
    ("no recipients", _with(recipients=[]), "recipients is not a list of 1 to 1,000"),
    (
        "a folder that means an address",
        _in_a_folder_for_somebody,
        'it names no recipients, but "/eve＠example.com/b.jpg", whose first folder means one',
    ),
]


@pytest.mark.parametrize(
    ("case", "why"), [(case, why) for _, case, why in REFUSED], ids=[name for name, *_ in REFUSED]
)
@pytest.mark.parametrize("portal", [True, False], ids=["portal", "direct"])
def test_a_hostile_manifest_is_refused(shares: Shares, case: Case, why: str, portal: bool) -> None:
    """And its files are announced neither with it nor alone."""
    if not portal:
        shares.parameters.clear()
    shares.put_manifest(case(shares))

    with pytest.raises(InvalidShare) as error:
        shares.hears_of()

    assert str(error.value) == f"{AS_A_WHOLE}{why}{AGAIN}"
    assert shares.is_untouched


def _archived(shares: Shares) -> Any:
    return manifest(shares.put("a.jpg"), shares.put("b.jpg", StorageClass="GLACIER"))


def _encrypted(shares: Shares) -> Any:
    kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KMS_KEY}
    return manifest(shares.put("a.jpg"), shares.put("b.jpg", **kms))


def _dots(shares: Shares) -> Any:
    return manifest(shares.put("a.jpg"), shares.put("x/../b.jpg"))


# Refused with the sentence of a single file, or of a single file's wish.
AS_A_FILE: list[tuple[str, Case, type[FunctionError], str]] = [
    ("archived", _archived, FileArchived, '"b.jpg" was not announced: it lies in storage class'),
    ("..", _dots, FileNotReadable, '"x/../b.jpg" was not announced: browsers cannot open a link'),
    (
        ".",
        _changed(key="./b.jpg"),
        FileNotReadable,
        '"./b.jpg" was not announced: browsers cannot open a link',
    ),
    (
        "misspelled metadata",
        lambda shares: manifest(shares.put("b.jpg", Metadata={"recipient": "x@example.com"})),
        MisspelledMetadata,
        '"b.jpg" was not announced: its metadata "recipient" is probably meant to be recipients',
    ),
    (
        "recipient not allowed",
        _with(recipients=["bob@example.com", "eve@evil.example"]),
        UnauthorizedRecipient,
        f'"{KEY}" was not announced to anybody: not on AuthorizedRecipients: eve@evil.example.',
    ),
    (
        "recipient that is none",
        _with(recipients=["bob"]),
        InvalidRecipient,
        f'"{KEY}" was not announced: "bob" in its metadata recipients is not an address',
    ),
    (
        "recipient that would have to be decoded",
        _with(recipients=["=?utf-8?q?bob=40example.com?="]),
        InvalidRecipient,
        f'"{KEY}" was not announced: "=?utf-8?q?bob=40example.com?=" in its metadata recipients',
    ),
    (
        "recipient on two lines",
        _with(recipients=["bob@example.com\r\nBcc: eve@evil.example"]),
        InvalidRecipient,
        f'"{KEY}" was not announced: "bob@example.com\\r\\nBcc: eve@evil.example" in its',
    ),
    (
        "sender not allowed",
        _with(sender="Ann <ann@example.com>"),
        UnauthorizedSender,
        f'"{KEY}" was not announced to anybody: not on AuthorizedSenders: ann@example.com.',
    ),
    (
        "sender that is none",
        _with(sender="Ann"),
        InvalidSender,
        f'"{KEY}" was not announced: "Ann" in its metadata sender is not a name with one address',
    ),
]


@pytest.mark.parametrize(
    ("case", "kind", "begins"),
    [row[1:] for row in AS_A_FILE],
    ids=[name for name, *_ in AS_A_FILE],
)
def test_a_share_is_held_to_the_rules_of_a_file(
    shares: Shares, case: Case, kind: type[FunctionError], begins: str
) -> None:
    """One file that could not be announced alone refuses them all."""
    shares.put_manifest(case(shares))

    with pytest.raises(kind) as error:
        shares.hears_of()

    assert str(error.value).startswith(begins)
    assert shares.is_untouched


def test_a_file_that_this_role_cannot_decrypt_refuses_the_share(shares: Shares) -> None:
    """S3 would give it to nobody."""
    document = _encrypted(shares)
    read = shares.store.get_object

    class Locked:
        def __getattr__(self, name: str) -> Any:
            return getattr(shares.store, name)

        def get_object(self, **parameters: Any) -> Any:
            if parameters["Key"] == "b.jpg":
                raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")
            return read(**parameters)

    version = shares.put_manifest(document)
    shares.world = type(shares.world)(bucket=Locked(), clock=shares.world.clock)

    with pytest.raises(FileEncrypted, match=r'"b\.jpg" was not announced: no link may use its KMS'):
        shares.hears_of(version=version)

    assert shares.is_untouched


@pytest.mark.parametrize(
    "key",
    [
        ".s3link/shares/short.json",
        ".s3link/shares/ab12cd34",
        ".s3link/shares/ab12cd34.json.json",
        ".s3link/shares/sub/ab12cd34.json",
        ".s3link/shares/ab12cd34.json\n",
    ],
)
def test_a_manifest_at_an_odd_key_is_refused(shares: Shares, key: str) -> None:
    """It is no file that anybody meant to share, nor a share of ours."""
    shares.put_manifest(manifest(shares.put("a.jpg")), key)

    with pytest.raises(
        InvalidShare, match=r"its key is not \.s3link/shares/ID\.json with an ID of"
    ):
        shares.hears_of(key)

    assert shares.is_untouched


@pytest.mark.parametrize(
    "name", ["recipients", "sender", "note", "expires", "max-downloads", "s3link-share"]
)
def test_a_manifest_with_metadata_is_refused(shares: Shares, name: str) -> None:
    """Which of the two would hold?"""
    document = manifest(shares.put("a.jpg"))
    shares.put_manifest(document, Metadata={name: ID})

    with pytest.raises(InvalidShare) as error:
        shares.hears_of()

    why = f"the manifest has metadata {name}, but must itself say all"
    assert str(error.value) == f"{AS_A_WHOLE}{why}{AGAIN}"
    assert shares.is_untouched


def test_a_version_that_s3_takes_for_none_is_refused(shares: Shares) -> None:
    """S3 answers 400, as it does for files under a key of their sender's."""
    document = manifest(shares.put("a.jpg"), {**shares.put("b.jpg"), "version": "none of S3's"})
    look, version = shares.store.head_object, shares.put_manifest(document)

    class Strict:
        def __getattr__(self, name: str) -> Any:
            return getattr(shares.store, name)

        def head_object(self, **parameters: Any) -> Any:
            if parameters.get("VersionId") == "none of S3's":
                raise ClientError({"Error": {"Code": "400"}}, "HeadObject")
            return look(**parameters)

    shares.world = type(shares.world)(bucket=Strict(), clock=shares.world.clock)

    with pytest.raises(InvalidShare, match=r'"b\.jpg" is not there, or not in that version'):
        shares.hears_of(version=version)

    assert shares.is_untouched


def test_a_share_that_is_refused_keeps_no_other_upload_of_the_event(shares: Shares) -> None:
    """S3 may tell of several in one event."""
    shares.put_manifest(b"no")
    shares.put("alone.jpg", share=None)
    version = shares.store.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    body = arrival_of(KEY, version=version)
    body["Records"] += arrival_of("alone.jpg")["Records"]
    body["Records"] += arrival_of(KEY, version=version)["Records"]

    with pytest.raises(SeveralFailures, match="2 files of one event were not announced"):
        shares.announce(body)

    assert [mail.data["fileName"] for mail in shares.world.post_office.mails] == ["alone.jpg"]


def test_what_is_refused_may_be_mended_and_replayed(shares: Shares) -> None:
    """A file that came after its manifest is there at Lambda's next try."""
    second = shares.put("b.jpg")
    shares.store.delete_object(Bucket=BUCKET, Key="b.jpg")
    shares.put_manifest(manifest(shares.put("a.jpg"), second))
    with pytest.raises(InvalidShare):
        shares.hears_of()
    [marker] = shares.store.list_object_versions(Bucket=BUCKET)["DeleteMarkers"]

    shares.store.delete_object(Bucket=BUCKET, Key="b.jpg", VersionId=marker["VersionId"])

    assert shares.hears_of() == "mailed"

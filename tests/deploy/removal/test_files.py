"""`s3link delete`: files go for good, and say whose links go with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.deployment import Deployment
from deploy.links.reading import ALL_LINKS, read_links
from deploy.removal.files import FileExchange, StoredFile
from tests.deploy.links.account import DAY, NOW, TABLE, LinksAccount
from tests.deploy.operator import Operator

BUCKET = "s3link-123456789012-eu-west-1"
COMPOSED, DECOMPOSED = "gr\u00fc\u00dfe.pdf", "gru\u0308\u00dfe.pdf"
PARAMETERS = {"MaxDownloads": 0, "ExchangableObjectsTTL": 2, "LogsTTL": 90}
OUTPUTS = {
    "s3link-generator": {"FileExchangeBucketName": BUCKET},
    "s3link-portal": {"LinksTableName": TABLE, "LinkMailerName": "LinkMailer"},
}


class FilesAccount(LinksAccount):
    """An account with a bucket for files and a portal; its ledger does not exist yet."""

    def __init__(self) -> None:
        super().__init__()
        self.files: Any = self.aws.s3
        self.files.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        self.files.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        for name, outputs in OUTPUTS.items():
            self.aws.cloudformation.create_stack(
                StackName=name, TemplateBody=json.dumps(_template(outputs))
            )

    def put(self, *keys: str) -> None:
        for key in keys:
            self.files.put_object(Bucket=BUCKET, Key=key, Body=b"12345")

    def hide(self, key: str) -> None:
        """What "Delete" in the S3 console does."""
        self.files.delete_object(Bucket=BUCKET, Key=key)

    @property
    def keys(self) -> list[str]:
        """Of every version and every delete marker."""
        page = self.files.list_object_versions(Bucket=BUCKET)
        return [one["Key"] for kind in ("Versions", "DeleteMarkers") for one in page.get(kind, [])]


def _template(outputs: dict[str, str]) -> dict[str, Any]:
    return {
        "Parameters": {
            name: {"Type": "Number", "Default": value} for name, value in PARAMETERS.items()
        },
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


@pytest.fixture
def account() -> Iterator[FilesAccount]:
    with mock_aws():
        yield FilesAccount()


@pytest.fixture
def operator(account: FilesAccount, tmp_path: Path) -> Operator:
    config = tmp_path / "s3link.toml"
    config.write_text('[s3link]\nregion = "eu-west-1"\n')
    return Operator(config)


def test_a_file_goes_with_all_versions_and_links(operator: Operator, account: FilesAccount) -> None:
    """Nothing else does: neither a longer key nor another file's link."""
    account.put("report.pdf", "report.pdf", "report.pdf.old", "b.pdf")
    account.hide("report.pdf")
    bob = account.add("report.pdf")
    ann = account.add("b.pdf", recipient="ann@example.com")

    ran = operator.s3link("delete report.pdf", answers="y\n")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == 'Deleted "report.pdf" (2 versions, 10 bytes).\n'
    assert ran.stderr.startswith(
        '"report.pdf" (2 versions, 10 bytes) will be gone for good.\n'
        "  bob@example.com has a link of the portal, which will be revoked\n"
        "Delete 1 file for good? [y/N]: "
    )
    assert account.keys == ["b.pdf", "report.pdf.old"]
    links = {link_id: account.store.of_id(link_id) for link_id in (bob, ann)}
    assert {key: bool(link and link.revoked_at) for key, link in links.items()} == {
        bob: True,
        ann: False,
    }


def test_several_files_as_a_document(operator: Operator, account: FilesAccount) -> None:
    """Each once, however often it is named; links that are over are not told of."""
    account.put("a.pdf", "b.pdf")
    bob = account.add("a.pdf")
    account.add("a.pdf", recipient="ann@example.com", expires=-DAY, file_ends=-DAY)

    ran = operator.s3link("delete a.pdf b.pdf a.pdf --yes --output json")

    assert ran.exit_code == 0, ran.stderr
    link = {"kind": "portal", "id": bob, "recipient": "bob@example.com"}
    assert ran.document["files"] == [
        {"file": "a.pdf", "versions": 1, "size": 5, "links": [link], "problems": []},
        {"file": "b.pdf", "versions": 1, "size": 5, "links": [], "problems": []},
    ]
    assert account.keys == []


@pytest.mark.parametrize("answers", ["n\n", ""])
def test_nothing_goes_without_consent(
    operator: Operator, account: FilesAccount, answers: str
) -> None:
    """Neither the file nor its links."""
    account.put("report.pdf")
    bob = account.add("report.pdf")

    ran = operator.s3link("delete report.pdf", answers=answers)

    link = account.store.of_id(bob)
    assert ran.exit_code == 1
    assert ran.error == "Nothing was deleted; agree to the question, or add --yes."
    assert account.keys == ["report.pdf"]
    assert link and not link.revoked_at


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            "report.pdf",
            'there is no file "report.pdf"; did you mean "bob@example.com/Report.pdf"?',
        ),
        ("summry.txt", 'there is no file "summry.txt"; did you mean "summary.txt"?'),
        ("*.pdf", 'there is no file "*.pdf"; the bucket has no key like it.'),
        ("bob@example.com", None),
    ],
)
def test_a_key_that_is_not_there(
    operator: Operator, account: FilesAccount, typed: str, error: str | None
) -> None:
    """One sentence, with what may be meant; nothing goes, not even what was named beside it."""
    account.put("bob@example.com/Report.pdf", "summary.txt")

    ran = operator.s3link(f"delete summary.txt {typed} --yes")

    assert ran.exit_code == 1
    assert ran.error.startswith(f"Nothing was deleted: {error or 'there is no file'}")
    assert len(account.keys) == 2


@pytest.mark.parametrize(
    ("key", "typed"), [(DECOMPOSED, COMPOSED), (COMPOSED, DECOMPOSED), (COMPOSED, COMPOSED)]
)
def test_a_key_is_found_in_either_spelling(
    operator: Operator, account: FilesAccount, key: str, typed: str
) -> None:
    """macOS decomposes what everybody types."""
    account.put(key, "other.pdf")

    ran = operator.s3link(f"delete {typed} --yes")

    assert ran.exit_code == 0, ran.stderr
    assert account.keys == ["other.pdf"]


def test_the_spelling_that_was_typed_stands_before_the_other(
    operator: Operator, account: FilesAccount
) -> None:
    """They are two files, though they look alike."""
    account.put(DECOMPOSED, COMPOSED)

    operator.s3link(f"delete {COMPOSED} --yes")

    assert account.keys == [DECOMPOSED]


class StubbornBucket:
    """Answers DeleteObjects, and keeps these versions."""

    account = "123456789012"

    def __init__(self, *kept: str, is_down: bool = False) -> None:
        self.s3 = self
        self.kept = kept
        self.is_down = is_down
        self.asked: list[str] = []

    def delete_objects(self, **request: Any) -> dict[str, Any]:
        if self.is_down:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteObjects")
        versions = [one["VersionId"] for one in request["Delete"]["Objects"]]
        self.asked += versions
        return {
            "Errors": [
                {"Key": one["Key"], "Code": "AccessDenied", "Message": "no"}
                for one in request["Delete"]["Objects"]
                if one["VersionId"] in self.kept
            ]
        }


def stored(*versions: str) -> StoredFile:
    identified: Any = tuple({"Key": "a b.pdf", "VersionId": one} for one in versions)
    marker: Any = ({"Key": "a b.pdf", "VersionId": "marker"},)
    return StoredFile("a b.pdf", identified, marker, 5)


def exchange(bucket: StubbornBucket) -> FileExchange:
    clients: Any = bucket
    made = FileExchange(clients, Deployment("s3link", "123456789012", "eu-west-1", {}))
    made.__dict__.update(bucket=BUCKET, portal=None)  # looked up before
    return made


def test_a_version_that_stays_is_not_uncovered() -> None:
    """Without its delete marker it would be downloaded again; what to do is said."""
    bucket = StubbornBucket("v2")

    [deletion] = exchange(bucket).delete([stored("v1", "v2")], NOW)

    assert bucket.asked == ["v1", "v2"]
    assert deletion.problems == (
        '"a b.pdf" was not deleted: "a b.pdf" stays (AccessDenied: no); run `s3link delete '
        "'a b.pdf'` again.",
    )


def test_a_hostile_key_that_stays_is_told_in_one_line() -> None:
    """Whoever may upload chose it: it commands no terminal, and the command can be typed."""
    bucket, key = StubbornBucket("v1"), "a\x9b2J\n.pdf"
    versions: Any = ({"Key": key, "VersionId": "v1"},)

    [deletion] = exchange(bucket).delete([StoredFile(key, versions, (), 5)], NOW)

    assert deletion.problems == (
        r'"a\x9b2J\n.pdf" was not deleted: "a\x9b2J\n.pdf" stays (AccessDenied: no); '
        r"run `s3link delete $'a\u009b2J\u000a.pdf'` again.",
    )


def test_a_bucket_that_refuses_is_told_of() -> None:
    """For every file, for one may be kept and another not."""
    bucket = StubbornBucket(is_down=True)

    deletions = list(exchange(bucket).delete([stored("v1"), stored("v2")], NOW))

    assert len(deletions) == 2
    assert all("was not deleted" in one.problems[0] for one in deletions)


def test_links_that_stay_are_told_of(account: FilesAccount) -> None:
    """The file is gone all the same, which is what matters."""
    bob = account.add("a b.pdf")
    [link] = read_links(account.portal, ALL_LINKS, NOW)
    bucket = StubbornBucket()
    made = exchange(bucket)
    made.__dict__.update(portal=replace(account.portal, table="gone"))

    [deletion] = made.delete([replace(stored("v1"), portal_links=(link,))], NOW)

    [problem] = deletion.problems
    assert bucket.asked == ["v1", "marker"]
    assert problem.startswith('The link of bob@example.com to "a b.pdf" was not revoked: ')
    assert problem.endswith(f"; run `s3link links revoke {bob}`.")

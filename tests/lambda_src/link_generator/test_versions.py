"""Which of the versions of a file are news: with moto's S3, which keeps them as S3 does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from files.copies import COPY_OF, Family, copy_mark, family_of, versions_copied
from files.errors import FileNotReadable
from files.store import StoredFile, look_up
from files.uploads import Upload
from link_generator.errors import LedgerUnavailable
from moto import mock_aws

from tests.lambda_src.fakes import BUCKET, NOW, PORTAL, Clock, World, arrival_of

KEY = "bob@example.com/report.pdf"


class Versions:
    """A bucket with versions, and LinkGenerator, which hears of each that arrives."""

    def __init__(self, store: Any) -> None:
        self.store = store
        # moto says of its objects that they came now.
        self.world = World(bucket=store, clock=Clock(datetime.now(UTC)))
        self.portal = False
        self._arrivals = 0

    def put(self, content: bytes, key: str = KEY, **more: Any) -> str:
        """The outcome of the upload."""
        version = self.store.put_object(Bucket=BUCKET, Key=key, Body=content, **more)["VersionId"]
        # However long the machine takes, it is not before the file came.
        arrived = self.store.head_object(Bucket=BUCKET, Key=key)["LastModified"]
        self.world.clock.now = max(self.world.clock.now, arrived)
        return self.hears_of("ObjectCreated:Put", key, version)

    def copy(self, source: str = KEY, to: str = KEY, **more: Any) -> str:
        """The outcome of a copy with other metadata."""
        copied = self.store.copy_object(
            Bucket=BUCKET,
            Key=to,
            CopySource={"Bucket": BUCKET, "Key": source},
            MetadataDirective="REPLACE",
            **more,
        )
        return self.hears_of("ObjectCreated:Copy", to, copied["VersionId"])

    def prolong(self, event: str = "ObjectCreated:Copy", of: str = "") -> str:
        """The outcome of a copy as `links extend` makes it, of a version or of the newest."""
        newest = self.store.head_object(Bucket=BUCKET, Key=KEY)
        version = of or newest["VersionId"]
        self._arrivals += 1
        file = look_up(Upload(BUCKET, KEY, version), self.store)
        assert file
        moment = NOW + timedelta(seconds=self._arrivals)
        mark = copy_mark(version, moment, family_of(file, self.store))
        upload = self.store.create_multipart_upload(
            Bucket=BUCKET, Key=KEY, Metadata={**newest["Metadata"], COPY_OF: mark}
        )
        parts = {"Bucket": BUCKET, "Key": KEY, "UploadId": upload["UploadId"]}
        source = {"Bucket": BUCKET, "Key": KEY, "VersionId": version}
        part = self.store.upload_part_copy(**parts, PartNumber=1, CopySource=source)
        tag = part["CopyPartResult"]["ETag"]
        made = self.store.complete_multipart_upload(
            **parts, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
        )
        return self.hears_of(event, KEY, made["VersionId"])

    def hears_of(self, event: str, key: str, version: str) -> str:
        self._arrivals += 1
        body = arrival_of(key, version=version)
        body["Records"][0]["eventName"] = event
        parameters = PORTAL if self.portal else {}
        [announced] = self.world.announce(body, request=f"request-{self._arrivals}", **parameters)
        return str(announced.outcome)

    @property
    def mailed(self) -> list[str]:
        return self.world.post_office.recipients


@pytest.fixture
def store() -> Iterator[Any]:
    with mock_aws():
        store = boto3.client("s3", "eu-west-1")
        store.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        store.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield store


@pytest.fixture
def versions(store: Any) -> Versions:
    return Versions(store)


def test_edited_metadata_is_no_news(versions: Versions, caplog: pytest.LogCaptureFixture) -> None:
    """The S3 console copies the file onto itself; however often."""
    caplog.set_level(logging.INFO, "link_generator")
    versions.put(b"the report")

    outcomes = [
        versions.copy(Metadata={"note": "mended"}),
        versions.copy(Metadata={"note": "mended again"}),
        versions.copy(StorageClass="STANDARD_IA"),
    ]

    assert outcomes == ["already mailed"] * 3
    assert versions.mailed == ["bob@example.com"]
    assert caplog.messages[-2:] == [
        f'"{KEY}" is a copy of the version before it; whoever was mailed that one is not mailed '
        "again",
        f'bob@example.com was mailed "{KEY}" before; not mailed again',
    ]


def test_who_was_added_by_the_edit_is_mailed(versions: Versions) -> None:
    """And nobody else; their link gives the version that names them."""
    versions.put(b"the report", Metadata={"recipients": "bob@example.com"})

    outcome = versions.copy(Metadata={"recipients": "bob@example.com,ann@example.com"})

    assert outcome == "mailed"
    assert versions.mailed == ["bob@example.com", "ann@example.com"]


def test_an_edit_that_mends_what_was_refused_is_mailed(versions: Versions) -> None:
    """Nobody had heard of the file."""
    with pytest.raises(Exception, match="not on AuthorizedRecipients"):
        versions.put(b"the report", Metadata={"recipients": "eve@evil.example"})

    assert versions.copy(Metadata={"recipients": "bob@example.com"}) == "mailed"
    assert versions.mailed == ["bob@example.com"]


def test_each_is_asked_for_under_every_version_that_was_copied(versions: Versions) -> None:
    """The same bytes were uploaded for one, then for another; S3 does not say which were edits."""
    versions.put(b"the report", Metadata={"recipients": "ann@example.com"})
    versions.put(b"the report", Metadata={"recipients": "bob@example.com"})

    outcomes = [
        versions.copy(Metadata={"recipients": "bob@example.com", "note": "mended"}),
        versions.copy(Metadata={"recipients": "bob@example.com,ann@example.com"}),
        versions.copy(Metadata={"recipients": "carol@example.com,bob@example.com"}),
        versions.copy(Metadata={"recipients": "ann@example.com,carol@example.com"}),
    ]

    assert outcomes == ["already mailed", "already mailed", "mailed", "already mailed"]
    assert versions.mailed == ["ann@example.com", "bob@example.com", "carol@example.com"]


def test_an_edit_after_a_refused_second_upload_is_mailed(versions: Versions) -> None:
    """Of that upload the recipient has heard nothing, whatever came of the first."""
    versions.put(b"the report")
    versions.world.post_office.refuses("bob@example.com", "AccountThrottled")
    with pytest.raises(Exception, match="SES"):
        versions.put(b"the report")
    versions.world.post_office.refuses_nobody()

    assert versions.copy(Metadata={"note": "mended"}) == "mailed"
    assert versions.mailed == ["bob@example.com"] * 2


def test_the_ledger_does_not_say_whether_it_knows_an_edit(versions: Versions) -> None:
    """Nobody is mailed on a guess; Lambda tries again."""
    versions.put(b"the report")
    versions.put(b"the report")
    versions.world.table.fails("InternalServerError")

    with pytest.raises(LedgerUnavailable):
        versions.copy(Metadata={"note": "mended"})

    assert versions.mailed == ["bob@example.com"] * 2


def test_the_portals_link_is_on_the_terms_of_the_edit(versions: Versions) -> None:
    """It was made for the first version, whose mail SES refused, and leads to the edited one."""
    versions.portal = True
    versions.world.post_office.refuses("bob@example.com", "AccountThrottled")
    with pytest.raises(Exception, match="SES"):
        versions.put(b"the report", Metadata={"max-downloads": "5"})
    versions.world.post_office.refuses_nobody()

    assert versions.copy(Metadata={"max-downloads": "1", "expires": "3600"}) == "mailed"

    [row] = versions.world.links_table.rows
    edited = versions.store.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    assert (row["Version"], row["MaxDownloads"]) == (edited, 1)
    ends = datetime.fromtimestamp(int(row["ExpiresAt"]), UTC)
    assert ends - versions.world.clock.now <= timedelta(hours=1)


def _other_bytes(versions: Versions) -> str:
    versions.store.put_object(Bucket=BUCKET, Key="other", Body=b"other bytes")
    return versions.copy("other")


def _same_length(versions: Versions) -> str:
    versions.store.put_object(Bucket=BUCKET, Key="other", Body=b"THE REPORT")
    return versions.copy("other")


def _another_key(versions: Versions) -> str:
    return versions.copy(to="bob@example.com/copy.pdf")


def _a_longer_key(versions: Versions) -> str:
    return versions.copy(to=f"{KEY}.old")


def _after_a_deletion(versions: Versions) -> str:
    first = versions.store.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    versions.store.delete_object(Bucket=BUCKET, Key=KEY)
    copied = versions.store.copy_object(
        Bucket=BUCKET,
        Key=KEY,
        CopySource={"Bucket": BUCKET, "Key": KEY, "VersionId": first},
    )
    return versions.hears_of("ObjectCreated:Copy", KEY, copied["VersionId"])


def _uploaded_again(versions: Versions) -> str:
    return versions.put(b"the report")


@pytest.mark.parametrize(
    "happens",
    [_other_bytes, _same_length, _another_key, _a_longer_key, _after_a_deletion, _uploaded_again],
)
def test_what_somebody_means_is_news(
    versions: Versions, happens: Callable[[Versions], str]
) -> None:
    """Other bytes, another key, a file that was taken back; and who uploads it again, means it."""
    versions.put(b"the report")

    assert happens(versions) == "mailed"
    assert versions.mailed == ["bob@example.com"] * 2


def _newest(versions: Versions) -> Any:
    return versions.store.head_object(Bucket=BUCKET, Key=KEY)


def _forget(versions: Versions, version: str) -> None:
    versions.store.delete_object(Bucket=BUCKET, Key=KEY, VersionId=version)


@pytest.mark.parametrize("event", ["ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"])
def test_a_prolonged_file_is_no_news(
    versions: Versions, event: str, caplog: pytest.LogCaptureFixture
) -> None:
    """However often, also when no version is left of which somebody was mailed; S3 puts a large one
    together of parts, so that its ETag is another one."""
    caplog.set_level(logging.INFO, "link_generator")
    versions.put(b"the report")
    first = _newest(versions)["VersionId"]

    outcomes = [versions.prolong(event), versions.prolong(event)]
    _forget(versions, first)
    outcomes.append(versions.prolong(event))

    assert outcomes == ["skipped"] * 3
    assert versions.mailed == ["bob@example.com"]
    assert caplog.messages[-1] == (f'"{KEY}" stays longer now, by `links extend`; nobody is mailed')


def test_a_file_that_is_prolonged_twice_at_once_is_no_news(versions: Versions) -> None:
    """By two operators, or by one whose first command was stopped; what it is a copy of may have
    been prolonged itself."""
    versions.put(b"the report")
    first = _newest(versions)["VersionId"]
    versions.prolong()
    second = _newest(versions)["VersionId"]
    _forget(versions, first)

    outcomes = [versions.prolong(of=second), versions.prolong(of=second)]

    assert outcomes == ["skipped"] * 2
    assert versions.mailed == ["bob@example.com"]


@pytest.mark.parametrize("event", ["ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"])
def test_copies_of_copies_are_no_news(versions: Versions, event: str) -> None:
    """The first was prolonged twice, as a link was made late; then so were its copies."""
    versions.put(b"the report")
    first = _newest(versions)["VersionId"]
    outcomes = [versions.prolong(event)]
    second = _newest(versions)["VersionId"]
    outcomes.append(versions.prolong(event, of=first))
    third = _newest(versions)["VersionId"]
    outcomes += [versions.prolong(event, of=one) for one in (second, third, first)]

    assert outcomes == ["skipped"] * 5
    assert versions.mailed == ["bob@example.com"]


def test_a_copy_is_no_news_where_its_file_came_anew_before_it(versions: Versions) -> None:
    """For somebody else, while it was copied. Each was mailed once."""
    versions.put(b"the report", Metadata={"recipients": "bob@example.com"})
    first = _newest(versions)["VersionId"]
    versions.put(b"the report", Metadata={"recipients": "ann@example.com"})

    outcome = versions.prolong("ObjectCreated:CompleteMultipartUpload", of=first)

    assert outcome == "skipped"
    assert versions.mailed == ["bob@example.com", "ann@example.com"]


def test_a_prolonged_file_may_be_edited(versions: Versions) -> None:
    """Whoever was mailed it is not mailed again, and who was added is. The console keeps the mark
    of the copy."""
    versions.put(b"the report", Metadata={"recipients": "bob@example.com"})
    versions.prolong("ObjectCreated:CompleteMultipartUpload")
    marked = {**_newest(versions)["Metadata"], "recipients": "bob@example.com,ann@example.com"}

    outcomes = [versions.copy(Metadata=marked), versions.copy(Metadata={**marked, "note": "new"})]

    assert outcomes == ["mailed", "already mailed"]
    assert versions.mailed == ["bob@example.com", "ann@example.com"]


def _other_bytes_with_the_mark(versions: Versions) -> str:
    return versions.put(b"another report", Metadata=_newest(versions)["Metadata"])


def _same_length_with_a_mark(versions: Versions) -> str:
    root = _newest(versions)["Metadata"][COPY_OF].split()[2]
    return versions.put(b"THE REPORT", Metadata={COPY_OF: copy_mark(root, NOW, Family(root, NOW))})


def _another_key_with_the_mark(versions: Versions) -> str:
    marked = _newest(versions)["Metadata"]
    return versions.copy(to="bob@example.com/copy.pdf", Metadata=marked)


@pytest.mark.parametrize(
    "happens",
    [_other_bytes_with_the_mark, _same_length_with_a_mark, _another_key_with_the_mark],
)
def test_a_mark_alone_keeps_no_file_from_being_mailed(
    versions: Versions, happens: Callable[[Versions], str]
) -> None:
    """Who copies a file on takes its metadata along."""
    versions.put(b"the report")
    versions.prolong()

    assert happens(versions) == "mailed"
    assert versions.mailed == ["bob@example.com"] * 2


COPY = StoredFile(Upload(BUCKET, KEY, "v2", is_copy=True), 5, NOW, {}, etag='"one"')
BEFORE = {"Key": KEY, "VersionId": "v1", "ETag": '"parts-2"', "Size": 5, "LastModified": NOW}


@pytest.mark.parametrize(
    ("copy", "before", "copied"),
    [
        ({"ChecksumCRC64NVME": "a", "ChecksumType": "FULL_OBJECT"}, "a", ("v1",)),
        ({"ChecksumCRC64NVME": "a", "ChecksumType": "FULL_OBJECT"}, "b", ()),
        ({"ChecksumCRC64NVME": "a", "ChecksumType": "COMPOSITE"}, "a", ()),
        ({"ChecksumCRC32": "a", "ChecksumType": "FULL_OBJECT"}, "a", ()),
        ({}, "a", ()),
    ],
)
def test_where_etags_cannot_tell_checksums_do(
    store: Any, copy: dict[str, str], before: str, copied: tuple[str, ...]
) -> None:
    """A large file came in parts, its copy did not. What cannot be told is taken for news."""
    with Stubber(store) as answers:
        answers.add_response("list_object_versions", {"Versions": [BEFORE]})
        answers.add_response("head_object", copy)
        answers.add_response(
            "head_object", {"ChecksumCRC64NVME": before, "ChecksumType": "FULL_OBJECT"}
        )

        assert versions_copied(COPY, store) == copied


def test_versions_that_cannot_be_listed_are_asked_for_again(store: Any) -> None:
    """To mail without knowing might mail twice."""
    with Stubber(store) as answers:
        answers.add_client_error("list_object_versions", "SlowDown", http_status_code=503)

        with pytest.raises(FileNotReadable) as failure:
            versions_copied(COPY, store)

    assert isinstance(failure.value.__cause__, ClientError)
    assert str(failure.value) == (
        f'"{KEY}" was not announced: S3 does not say which versions it has had (SlowDown). '
        "Lambda tries again."
    )


def test_an_empty_file_that_is_filled_is_one_mail(versions: Versions) -> None:
    """Programs that show a bucket as a drive make a file first, and fill it in a moment."""
    filled: list[str] = []
    versions.world.clock.while_sleeping = lambda: filled.append(
        versions.store.put_object(Bucket=BUCKET, Key=KEY, Body=b"x" * 5000)["VersionId"]
    )

    outcomes = [versions.put(b"")]
    versions.world.clock.while_sleeping = lambda: None
    outcomes.append(versions.hears_of("ObjectCreated:Put", KEY, filled[0]))

    assert outcomes == ["replaced", "mailed"]
    [mail] = versions.world.post_office.mails
    assert mail.data["fileSize"] == "5.0 kB"
    assert 15 < sum(versions.world.clock.slept) <= 20


def test_an_empty_file_that_is_deleted_is_not_mailed(versions: Versions) -> None:
    """Nor is one that its program takes back."""
    versions.world.clock.while_sleeping = lambda: versions.store.delete_object(
        Bucket=BUCKET, Key=KEY
    )

    assert versions.put(b"") == "replaced"
    assert versions.mailed == []


def test_an_empty_file_that_stays_empty_is_mailed(versions: Versions) -> None:
    """A moment later; the next try of its event does not wait again."""
    assert versions.put(b"") == "mailed"
    version = versions.store.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    assert versions.hears_of("ObjectCreated:Put", KEY, version) == "already mailed"

    [mail] = versions.world.post_office.mails
    assert mail.data["fileSize"] == "0 bytes"
    assert 15 < sum(versions.world.clock.slept) <= 20

"""A file is kept for its links: when it is copied, what moves with it, and when that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.lambda_packages import (
    COPY_OF,
    Family,
    Link,
    copy_mark,
    family_of,
    is_prolonged,
    look_up,
)
from deploy.links.changing import Extension, revoke
from deploy.links.copying import Pieces
from deploy.wording import moment
from tests.deploy.links.account import DAY, NOW
from tests.deploy.links.files_account import BUCKET, KEY, LEDGER, STAYS, FilesAccount

HOUR = timedelta(hours=1)


@pytest.fixture
def account() -> Iterator[FilesAccount]:
    with mock_aws():
        yield FilesAccount()


def test_a_link_outlives_the_version_that_was_mailed(account: FilesAccount) -> None:
    """The copy has its bytes, stays as long as a new file, and keeps what was counted."""
    link = account.link(account.put(b"the report"))

    change = account.extend(link, Extension(until=NOW + 3 * DAY))

    assert (change.problem, change.is_prolonged, change.ends_with_file) == ("", True, False)
    moved = account.now(link.id)
    copied = account.head(str(moved.version))
    assert moved.version == account.versions[0] != link.version
    assert moved.modified_at == copied["LastModified"]
    assert moved.file_ends_at == copied["LastModified"] + STAYS
    assert moved.expires_at == NOW + 3 * DAY
    assert copied["Metadata"][COPY_OF].startswith(f"{link.version} ")
    assert account.told == [
        f'Copying "{KEY}" (10 bytes) inside S3, so that it stays until {moment(NOW + STAYS)}.'
    ]
    account.s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=link.version)
    assert account.content(moved) == b"the report"


def test_nothing_is_copied_while_the_file_stays_long_enough(account: FilesAccount) -> None:
    """It costs its storage; a link that is to end before its file needs no other one."""
    link = account.link(account.put())
    shorter = account.store.extend(link.id, NOW, NOW + HOUR)
    assert shorter

    change = account.extend(shorter, Extension(by=timedelta(hours=12)))

    assert (change.problem, change.is_prolonged) == ("", False)
    assert account.now(link.id).expires_at == NOW + 13 * HOUR
    assert len(account.versions) == 1


def test_a_link_goes_as_far_as_a_copy_made_now(account: FilesAccount) -> None:
    """Whoever asks for more is told; asked again at once, nothing more is copied."""
    link = account.link(account.put())

    change = account.extend(link, Extension(by=30 * DAY))
    again = account.extend(change.link, Extension(by=30 * DAY))

    assert (change.problem, change.is_prolonged, change.ends_with_file) == ("", True, True)
    assert change.link.expires_at == change.link.file_ends_at
    assert (again.is_done, again.ends_with_file) == (True, True)
    assert len(account.versions) == 2


def test_several_links_need_one_copy(account: FilesAccount) -> None:
    """The others of the file move with them, and end as before; those of other files stay."""
    version = account.put()
    first, second, third = (account.link(version) for _ in range(3))
    other = account.add("other.pdf")
    files = account.files()

    changes = [
        account.extend(link, Extension(by=by), files)
        for link, by in ((first, 2 * DAY), (second, DAY))
    ]

    assert [(one.problem, one.is_prolonged) for one in changes] == [("", True)] * 2
    assert len(account.versions) == 2
    ends = NOW + DAY
    assert [account.now(one.id).expires_at for one in (first, second, third)] == [
        ends + 2 * DAY,
        ends + DAY,
        ends,
    ]
    assert {account.now(one.id).version for one in (first, second, third)} == {account.versions[0]}
    assert account.now(other).version == "v1"


def test_more_links_than_one_transaction_takes_are_all_moved(account: FilesAccount) -> None:
    """DynamoDB takes 100 updates at once."""
    version = account.put()
    links = [account.link(version) for _ in range(150)]

    account.extend(links[0], Extension(by=DAY))

    assert {account.now(one.id).version for one in links} == {account.versions[0]}


def test_a_revoked_link_moves_along_and_stays_revoked(account: FilesAccount) -> None:
    """Its page names the file, and nothing makes it work again."""
    version = account.put()
    link, revoked = account.link(version), account.link(version)
    revoke(account.portal, revoked, NOW)

    account.extend(link, Extension(by=DAY))
    refused = account.extend(account.now(revoked.id), Extension(by=2 * DAY))

    after = account.now(revoked.id)
    assert (after.version, bool(after.revoked_at)) == (account.versions[0], True)
    assert after.expires_at == revoked.expires_at
    assert refused.problem == "it is revoked, and that cannot be undone; send the file again"
    assert len(account.versions) == 2


def test_a_revoked_link_alone_is_no_reason_to_copy(account: FilesAccount) -> None:
    """It is refused before anything is done."""
    link = account.link(account.put())
    revoke(account.portal, link, NOW)

    change = account.extend(account.now(link.id), Extension(by=DAY))

    assert change.problem == "it is revoked, and that cannot be undone; send the file again"
    assert len(account.versions) == 1


def test_the_ledger_remembers_as_long_as_the_link(account: FilesAccount) -> None:
    """A row that is gone from it is not made again."""
    version = account.put()
    link, forgotten = account.link(version), account.link(version)
    account.dynamodb.delete_item(TableName=LEDGER, Key={"DeliveryId": {"S": forgotten.id}})

    account.extend(link, Extension(by=DAY))

    assert account.remembered_until(link.id) == NOW + STAYS + 90 * DAY
    assert account.remembered_until(forgotten.id) is None


class Stopped:
    """DynamoDB, at whose second transaction, after the ledger's, Ctrl-C is pressed."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._transactions = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **request: Any) -> Any:
        self._transactions += 1
        if self._transactions == 2:
            raise KeyboardInterrupt
        return self._client.transact_write_items(**request)


def test_a_command_that_was_stopped_after_the_copy_is_repeated(account: FilesAccount) -> None:
    """The link leads to the version that was mailed, which is copied once more."""
    link = account.link(account.put(b"the report"))
    working, account.dynamodb = account.dynamodb, Stopped(account.dynamodb)
    with pytest.raises(KeyboardInterrupt):
        account.extend(link, Extension(by=DAY))
    account.dynamodb = working
    assert account.now(link.id) == link
    assert len(account.versions) == 2

    change = account.extend(link, Extension(by=DAY))

    assert (change.problem, change.is_prolonged) == ("", True)
    assert account.now(link.id).version == account.versions[0]
    assert len(account.versions) == 3
    assert account.content(change.link) == b"the report"


def test_a_file_is_prolonged_again_and_again(account: FilesAccount) -> None:
    """Each time from the copy before, also when no older version is left."""
    link = account.link(account.put(b"the report"))
    account.extend(link, Extension(by=DAY))
    first = account.versions[0]
    account.s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=link.version)
    account.grows_older(first, 3 * DAY)

    change = account.extend(account.now(link.id), Extension(until=NOW + 3 * DAY))

    assert (change.problem, change.is_prolonged) == ("", True)
    assert account.head(account.versions[0])["Metadata"][COPY_OF].startswith(f"{first} ")
    assert account.content(change.link) == b"the report"


def _newer_version(account: FilesAccount) -> Link:
    link = account.link(account.put(b"old report"))
    account.put(b"new report", age=HOUR)
    return link


def _edited(account: FilesAccount) -> Link:
    link = account.link(account.put())
    account.s3.copy_object(
        Bucket=BUCKET,
        Key=KEY,
        CopySource={"Bucket": BUCKET, "Key": KEY},
        MetadataDirective="REPLACE",
        Metadata={"note": "edited"},
    )
    return link


def _prolonged_and_edited(account: FilesAccount) -> Link:
    link = account.extend(account.link(account.put()), Extension(by=30 * DAY)).link
    account.grows_older(str(link.version), 3 * DAY)
    account.s3.copy_object(
        Bucket=BUCKET,
        Key=KEY,
        CopySource={"Bucket": BUCKET, "Key": KEY},
        MetadataDirective="REPLACE",
        Metadata={**account.head(str(link.version))["Metadata"], "note": "edited"},
    )
    return account.now(link.id)


def _newer_version_with_the_mark(account: FilesAccount) -> Link:
    link = account.link(account.put(b"old report"))
    account.put(
        b"another report", age=HOUR, Metadata={COPY_OF: f"{link.version} now {link.version}"}
    )
    return link


def _archived(account: FilesAccount) -> Link:
    return account.link(account.put(StorageClass="GLACIER"))


def _deleted(account: FilesAccount) -> Link:
    link = account.link(account.put())
    account.s3.delete_object(Bucket=BUCKET, Key=KEY)
    return link


def _gone(account: FilesAccount) -> Link:
    link = account.link(account.put())
    account.s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=link.version)
    return link


def _no_room(account: FilesAccount) -> Link:
    return account.link(account.put(Metadata={"note": "x" * 2_000}))


NEWER = "its file has a newer version, which a copy of this one would hide; send that one instead"


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (_newer_version, NEWER),
        (_edited, NEWER),
        (_prolonged_and_edited, NEWER),
        (_newer_version_with_the_mark, NEWER),
        (_archived, "its file is archived; send it again in class STANDARD"),
        (_deleted, "its file is gone; send the file again"),
        (_gone, "its file is gone; send the file again"),
        (
            _no_room,
            "its file's metadata leaves no room to say that it is a copy; send the file again",
        ),
    ],
)
def test_what_cannot_be_prolonged_is_refused(
    account: FilesAccount, prepare: Callable[[FilesAccount], Link], problem: str
) -> None:
    """The link stays as it is, and so does the file."""
    link = prepare(account)
    before = account.versions

    change = account.extend(link, Extension(until=NOW + 3 * DAY))

    assert change.problem == problem
    assert account.now(link.id) == link
    assert account.versions == before


def test_what_is_marked_as_a_copy_is_not_given_out(account: FilesAccount) -> None:
    """Whoever may upload can write any metadata. Other bytes are a newer version, as any upload."""
    link = account.link(account.put(b"the report"))
    mark = copy_mark(str(link.version), NOW, Family(str(link.version), NOW))
    account.put(b"THE REPORT", age=HOUR, Metadata={COPY_OF: mark})

    change = account.extend(link, Extension(by=DAY))

    assert change.problem.startswith(NEWER)
    assert account.content(account.now(link.id)) == b"the report"


@pytest.mark.parametrize("pieces", [Pieces(), Pieces(above=0)])
def test_all_copies_of_a_file_are_one_family(account: FilesAccount, pieces: Pieces) -> None:
    """A link that was made late is prolonged beside the others; later each follows the newest."""
    version = account.put(b"the report")
    link = account.link(version)
    account.extend(link, Extension(by=DAY), account.files(pieces))
    late = account.link(version)
    second = account.extend(late, Extension(by=DAY), account.files(pieces)).link
    changes = []
    for one in (link, second, link):
        leads_to = str(account.now(one.id).version)
        account.grows_older(leads_to, 3 * DAY)
        until = Extension(until=NOW + 3 * DAY)
        changes.append(account.extend(account.now(one.id), until, account.files(pieces)))

    assert [(change.problem, change.is_prolonged) for change in changes] == [("", True)] * 3
    assert len(account.versions) == 6
    newest = look_up(account.now(link.id).upload, account.s3)
    assert newest
    assert newest.upload.version == account.versions[0]
    assert newest.metadata[COPY_OF].split()[2] == version
    assert is_prolonged(newest, account.s3)
    assert family_of(newest, account.s3).root == version


def test_links_that_come_meanwhile_are_moved_by_the_next_copy(account: FilesAccount) -> None:
    """One command copies a file twice, where a redrive makes links in between."""
    version = account.put()
    files = account.files()
    account.extend(account.link(version), Extension(by=DAY), files)
    late, later = account.link(version), account.link(version)

    account.extend(late, Extension(by=DAY), files)

    assert {account.now(one.id).version for one in (late, later)} == {account.versions[0]}


class Meanwhile:
    """S3, where something happens before the first call of a kind, or after it."""

    def __init__(
        self, client: Any, call: str, before: Callable[[], object], fault: str = ""
    ) -> None:
        self._client, self._call, self._before, self._fault = client, call, before, fault

    def __getattr__(self, name: str) -> Any:
        return self._happens if name == self._call else getattr(self._client, name)

    def _happens(self, **request: Any) -> Any:
        self._before()
        self._before = lambda: None
        answer = getattr(self._client, self._call)(**request)
        if self._fault:
            raise ClientError({"Error": {"Code": self._fault, "Message": ""}}, "CopyObject")
        return answer


@pytest.mark.parametrize(
    ("pieces", "call"),
    [(Pieces(), "get_object_tagging"), (Pieces(above=0), "upload_part_copy")],
)
def test_the_same_bytes_that_come_anew_meanwhile_are_not_covered(
    account: FilesAccount, pieces: Pieces, call: str
) -> None:
    """For other recipients, say; their ETag is that of the version before."""
    link = account.link(account.put(b"the report"))
    s3 = account.s3

    def somebody_uploads() -> None:
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"the report", Metadata={"note": "anew"})

    account.s3 = Meanwhile(s3, call, somebody_uploads)
    change = account.extend(link, Extension(by=DAY), account.files(pieces))

    assert change.problem.startswith(NEWER)
    assert account.now(link.id) == link
    assert account.head(account.versions[0])["Metadata"] == {"note": "anew"}
    assert len(account.versions) == 2
    assert account.begun == []


def test_a_copy_whose_answer_was_lost_is_taken(account: FilesAccount) -> None:
    """The second try is refused, for the key has a newer version: the copy itself."""
    link = account.link(account.put(b"the report"))
    account.s3 = Meanwhile(account.s3, "copy_object", lambda: None, "PreconditionFailed")

    change = account.extend(link, Extension(by=DAY))

    assert (change.problem, change.is_prolonged) == ("", True)
    assert change.link.version == account.versions[0]
    assert len(account.versions) == 2


def test_a_copy_that_somebody_was_quicker_than_is_refused(account: FilesAccount) -> None:
    """S3 asks once more while it copies."""
    link = account.link(account.put(b"the report"))
    s3 = account.s3

    def somebody_uploads() -> None:
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"a newer report")

    class Quicker(Meanwhile):
        def _happens(self, **request: Any) -> Any:
            self._before()
            raise ClientError(
                {"Error": {"Code": "PreconditionFailed", "Message": ""}}, "CopyObject"
            )

    account.s3 = Quicker(s3, "copy_object", somebody_uploads)
    change = account.extend(link, Extension(by=DAY))

    assert change.problem.startswith(NEWER)
    assert account.now(link.id) == link


class Refuses:
    """S3, which does not tell of a file."""

    def __init__(self, client: Any, code: str) -> None:
        self._client, self._code = client, code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def head_object(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": self._code, "Message": "No"}}, "HeadObject")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("400", "its file is under its sender's own key; send it again without SSE-C"),
        ("Odd", "its file cannot be read (An error occurred (Odd) when calling the HeadObject"),
    ],
)
def test_what_s3_does_not_tell_of_is_not_prolonged(
    account: FilesAccount, code: str, problem: str
) -> None:
    """A key of its own is known by S3's answer."""
    link = account.link(account.put())
    account.s3 = Refuses(account.s3, code)

    change = account.extend(link, Extension(by=DAY))

    assert change.problem.startswith(problem)
    assert account.now(link.id) == link


def test_what_cannot_be_prolonged_may_still_work_up_to_its_end(account: FilesAccount) -> None:
    """The sentence says until when."""
    link = _newer_version(account)
    account.store.extend(link.id, NOW, NOW + HOUR)

    change = account.extend(account.now(link.id), Extension(by=2 * DAY))

    assert change.problem == (
        f"{NEWER}. Until its end on {moment(link.file_ends_at)} the link can be extended"
    )


def test_the_files_of_a_share_are_not_prolonged(account: FilesAccount) -> None:
    """A copy of the manifest alone would lead to files that are gone."""
    link = account.link(account.put(), file_count=12)
    account.store.extend(link.id, NOW, NOW + HOUR)

    change = account.extend(account.now(link.id), Extension(by=2 * DAY))
    shorter = account.extend(account.now(link.id), Extension(by=2 * HOUR))

    assert change.problem == (
        "the files of a share cannot be kept for longer; send them again. "
        f"Until its end on {moment(link.file_ends_at)} the link can be extended"
    )
    assert (shorter.problem, shorter.link.expires_at) == ("", NOW + 3 * HOUR)
    assert len(account.versions) == 1


@pytest.mark.parametrize(("most", "is_prolonged"), [(6, True), (5, False)])
def test_max_extension_counts_from_the_files_arrival(
    account: FilesAccount, most: int, is_prolonged: bool
) -> None:
    """Which each copy knows, though neither it nor a link that a late redrive made is as old."""
    account.max_extension = str(most)
    arrived = NOW - 3 * DAY
    first = account.link(account.put(age=3 * DAY))
    copied = account.extend(first, Extension(until=NOW + 36 * HOUR))
    version = str(copied.link.version)
    late = account.link(version)
    account.grows_older(version, 2 * DAY)

    change = account.extend(account.now(late.id), Extension(until=NOW + 3 * DAY))

    assert copied.is_prolonged
    assert change.problem == (
        ""
        if is_prolonged
        else (
            f"its file came on {moment(arrived)}, and MaxExtension ends links to prolonged "
            f"files after 5 days, on {moment(arrived + 5 * DAY)}; ask for an earlier --until, "
            "raise that with `s3link deploy --set MaxExtension=DAYS`, or send the file again"
        )
    )


@pytest.mark.parametrize(
    "arrival", ["soon", "2026-11-01T00:00:00", "1 2", "", "9999-12-31T00:00:00+00:00"]
)
def test_an_arrival_that_nobody_can_have_written_is_none(
    account: FilesAccount, arrival: str
) -> None:
    """Whoever may upload can write any metadata: such a file came when it came."""
    mark = f"{'v' * 32} {NOW.isoformat()} {'v' * 32} {arrival}"
    link = account.link(account.put(age=HOUR, Metadata={COPY_OF: mark}))
    file = look_up(link.upload, account.s3)

    assert file
    assert family_of(file, account.s3) == Family(str(link.version), file.last_modified)


def test_max_extension_holds_though_the_copy_stays_for_longer(account: FilesAccount) -> None:
    """A link that needs no further copy ends in time, too, and so does one that moved along."""
    account.max_extension = "5"
    version = account.put(age=3 * DAY)
    link, other = account.link(version), account.link(version)
    limit = NOW + 2 * DAY
    files = account.files()

    first = account.extend(link, Extension(until=NOW + 36 * HOUR), files)
    beyond = [
        account.extend(account.now(one.id), Extension(until=NOW + 4 * DAY), account.files())
        for one in (link, other)
    ]
    moved_along = account.extend(other, Extension(until=NOW + 4 * DAY), files)
    in_time = account.extend(account.now(link.id), Extension(until=limit))

    assert (first.problem, first.is_prolonged) == ("", True)
    for change in (*beyond, moved_along):
        assert change.problem == (
            f"its file came on {moment(NOW - 3 * DAY)}, and MaxExtension ends links to prolonged "
            f"files after 5 days, on {moment(limit)}; ask for an earlier --until, raise that with "
            "`s3link deploy --set MaxExtension=DAYS`, or send the file again"
        )
    assert (in_time.problem, in_time.link.expires_at) == ("", limit)
    assert account.now(other.id).expires_at == other.expires_at
    assert len(account.versions) == 2


@pytest.mark.parametrize(
    ("change", "way_out"),
    [
        (
            {"max_extension": "0"},
            "let files be prolonged with `s3link deploy --set MaxExtension=DAYS`",
        ),
        (
            {"code": "code-0.zip"},
            "let files be prolonged with `s3link deploy`, which updates LinkGenerator",
        ),
        ({}, ""),
    ],
)
def test_what_would_let_files_be_prolonged_is_said(
    account: FilesAccount, change: dict[str, Any], way_out: str
) -> None:
    """All files need not stay longer for it."""
    for name, value in change.items():
        setattr(account, name, value)

    assert account.portal.way_to_prolong == way_out


@pytest.mark.parametrize("change", [{"max_extension": "0"}, {"code": "code-0.zip"}])
def test_where_no_file_may_be_prolonged_links_end_with_theirs(
    account: FilesAccount, change: dict[str, Any]
) -> None:
    """By MaxExtension; or since LinkGenerator is of another version than the portal, and might mail
    everybody again."""
    for name, value in change.items():
        setattr(account, name, value)
    link = account.link(account.put())

    done = account.extend(link, Extension(by=DAY))

    assert (done.is_done, done.ends_with_file, done.is_prolonged) == (True, True, False)
    assert len(account.versions) == 1


def test_another_operator_may_be_quicker(account: FilesAccount) -> None:
    """The links lead to the copy that the other has made."""
    link = account.link(account.put(b"the report"))
    files = account.files()
    account.extend(link, Extension(by=DAY))
    theirs = account.now(link.id)

    change = account.extend(link, Extension(by=DAY), files)

    assert change.problem == "it was changed at the same moment; run the command again"
    assert account.now(link.id) == theirs
    assert account.extend(theirs, Extension(until=NOW + 3 * DAY)).problem == ""

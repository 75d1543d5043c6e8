"""Several files that one mail announces, with moto's S3, which keeps versions as S3 does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from files.errors import FileNotReadable, InvalidMaxDownloads, InvalidShare
from files.uploads import Outcome
from moto import mock_aws
from portal_links.tokens import parse_token
from werkzeug.http import parse_options_header

from tests.lambda_src.fakes import BUCKET, PORTAL
from tests.lambda_src.link_generator.share_world import ID, KEY, Shares, manifest


@pytest.fixture
def shares(caplog: pytest.LogCaptureFixture) -> Iterator[Shares]:
    caplog.set_level(logging.INFO, "link_generator")
    with mock_aws():
        yield Shares()


def several(shares: Shares, count: int = 3) -> list[dict[str, object]]:
    return [shares.put(f"photos/{n}.jpg", b"x" * 1_000 * (n + 1)) for n in range(count)]


def test_a_share_is_one_mail_for_each_recipient(shares: Shares) -> None:
    """It says how many files, which, how large, who shares them, and has one link."""
    shares.parameters["AuthorizedSenders"] = "@example.com"
    shares.put_manifest(
        manifest(
            *several(shares, 12),
            recipients=["bob@example.com", "carol@example.com"],
            sender="Ann Example <ann@example.com>",
            note="Grüße",
            max_downloads=1,
        )
    )

    assert shares.hears_of() == Outcome.MAILED

    bob, carol = shares.world.post_office.mails
    assert (bob.to, carol.to) == ("bob@example.com", "carol@example.com")
    assert bob.reply_to == ("ann@example.com",)
    assert bob.data["subject"] == "Ann Example shares 12 files with you"
    assert bob.data["headline"] == "Ann Example (ann@example.com) shares 12 files with you"
    assert bob.data["fileSize"] == "78.0 kB"
    assert bob.data["note"] == "> Grüße"
    assert bob.data["limit"] == "Each file can be downloaded once."
    assert bob.data["moreFiles"] == "and 2 more files"
    assert [(one["name"], one["size"]) for one in bob.data["files"]] == [
        (f"{n}.jpg", f"{n + 1}.0 kB") for n in range(10)
    ]
    assert bob.data["link"] != carol.data["link"]


def test_the_portals_link_leads_to_the_manifest(shares: Shares) -> None:
    """In the version that was announced; it knows how many files there are, and its name."""
    files = several(shares)
    version = shares.put_manifest(manifest(*files, max_downloads=2))

    shares.hears_of()

    [mail] = shares.world.post_office.mails
    token = parse_token(mail.data["link"].removeprefix(f"{PORTAL['PortalUrl']}/d/"))
    assert token is not None
    link = shares.world.links.find(token)
    assert link is not None
    assert (link.key, link.version, link.file_count) == (KEY, version, 3)
    assert (link.name, link.max_downloads) == ("0.jpg and 2 more files", 2)
    [row] = shares.world.links_table.rows
    assert (row["FileDownloads"], row["FileGrace"]) == ({}, {})
    [delivery] = shares.world.table.rows
    assert (delivery["File"], delivery["Version"], delivery["Name"]) == (KEY, version, link.name)


def test_without_a_portal_each_file_has_its_link(shares: Shares) -> None:
    """To its version, under the name by which it is listed, with one delivery's id."""
    shares.parameters.clear()
    first = shares.put("photos/a.jpg", ContentEncoding="gzip")
    second = {**shares.put("6f1c.bin", ContentDisposition='attachment; filename="x"'), "name": "Ü"}
    shares.put("photos/a.jpg", b"newer", share="another-share")
    shares.put_manifest(manifest(first, second))

    shares.hears_of()

    [mail] = shares.world.post_office.mails
    assert "link" not in mail.data
    listed = mail.data["files"]
    assert [one["name"] for one in listed] == ["a.jpg", "Ü"]
    queries = []
    for one, file, name in zip(listed, (first, second), ("a.jpg", "Ü"), strict=True):
        parts = urlsplit(one["url"])
        query = parse_qs(parts.query)
        assert unquote(parts.path) == f"/{file['key']}"
        assert query["versionId"] == [file["version"]]
        [disposition] = query["response-content-disposition"]
        assert parse_options_header(disposition)[1]["filename"] == name
        assert "X-Amz-Signature" in query
        queries.append(query)
    assert {query["x-s3link-delivery"][0] for query in queries} == {mail.tags["s3link-delivery"]}
    assert "response-content-encoding" in queries[0]


def test_twenty_direct_links_are_one_mail_and_more_are_refused(shares: Shares) -> None:
    """With the way out."""
    shares.parameters.clear()
    files = several(shares, 21)
    shares.put_manifest(manifest(*files))

    with pytest.raises(InvalidShare) as error:
        shares.hears_of()

    assert str(error.value) == (
        f'"{KEY}" was not announced, nor any file of it: it has 21 files, and a mail with links to '
        "S3 itself has room for 20 with short keys; send fewer at once, or run "
        "`s3link deploy --with portal --name files`."
    )
    assert shares.is_untouched
    key = ".s3link/shares/another1.json"
    twenty = [shares.put(f"{n}.jpg", share="another1") for n in range(20)]
    shares.put_manifest(manifest(*twenty, recipients=[f"p{n}@example.com" for n in range(5)]), key)
    assert shares.hears_of(key) == Outcome.MAILED
    assert shares.world.post_office.group_sizes == [2, 2, 1]
    assert all(len(mail.data["files"]) == 20 for mail in shares.world.post_office.mails)


def test_direct_links_that_are_too_long_for_one_mail_are_refused(shares: Shares) -> None:
    """Before anything is claimed: SES takes so many characters and no more."""
    shares.parameters.clear()
    shares.put_manifest(manifest(*(shares.put(f"{'%' * 1000}{n}") for n in range(20))))

    with pytest.raises(InvalidShare, match="its links are too long together, and a mail with"):
        shares.hears_of()

    assert shares.is_untouched


def test_files_alone_mail_nobody(shares: Shares, caplog: pytest.LogCaptureFixture) -> None:
    """Whether their events come before the manifest or after it."""
    files = several(shares)

    assert shares.hears_of("photos/0.jpg") == Outcome.SKIPPED
    shares.put_manifest(manifest(*files))
    assert shares.hears_of("photos/1.jpg") == Outcome.SKIPPED

    assert shares.is_untouched
    assert '"photos/1.jpg", which is announced with the other files of its share' in caplog.text
    [record] = [one for one in caplog.records if '1.jpg", which' in one.getMessage()]
    assert record.__dict__["outcome"] == "skipped"


def test_a_copy_under_another_key_is_a_file_as_any(shares: Shares) -> None:
    """It carries the mark of a share whose manifest does not name it."""
    shares.put_manifest(manifest(*several(shares)))
    shares.put("copy.jpg")

    assert shares.hears_of("copy.jpg") == Outcome.MAILED

    assert shares.world.post_office.mails[0].data["fileName"] == "copy.jpg"


def test_a_later_manifest_lets_no_file_of_a_share_be_announced_alone(shares: Shares) -> None:
    """What was announced is what its first version says."""
    shares.put_manifest(manifest(*several(shares)))
    shares.put_manifest(manifest(shares.put("other.jpg")))

    assert shares.hears_of("photos/0.jpg") == Outcome.SKIPPED
    assert shares.is_untouched


@pytest.mark.parametrize("content", [b"not JSON", b'{"s3link": "share"}'])
def test_a_broken_manifest_lets_no_file_be_announced_alone(shares: Shares, content: bytes) -> None:
    """Its own event says what is wrong with it."""
    several(shares)
    shares.put_manifest(content)

    assert shares.hears_of("photos/0.jpg") == Outcome.SKIPPED


@pytest.mark.parametrize("mark", ["", "short", "x" * 65, "../../etc", "ab12 cd34"])
def test_a_mark_that_is_no_id_is_refused(shares: Shares, mark: str) -> None:
    """Loudly, and not mailed to whoever it was not meant for."""
    shares.put("a.jpg", share=None, Metadata={"s3link-share": mark})

    with pytest.raises(InvalidShare, match="which is no id of a share; upload it again with 8 to"):
        shares.hears_of("a.jpg")

    assert shares.is_untouched


@pytest.mark.parametrize("name", ["s3link-shares", "s3link_share", "s3-link-share", "s3linkshare"])
def test_a_mistyped_mark_is_refused(shares: Shares, name: str) -> None:
    """Its file would be announced alone."""
    shares.put("a.jpg", share=None, Metadata={name: ID})

    with pytest.raises(Exception, match="is probably meant to be s3link-share"):
        shares.hears_of("a.jpg")

    assert shares.is_untouched


def test_a_replayed_event_mails_nobody_again(shares: Shares) -> None:
    """The ledger knows who was mailed."""
    shares.put_manifest(manifest(*several(shares)))

    assert shares.hears_of() == Outcome.MAILED
    assert shares.hears_of() == Outcome.ALREADY_MAILED

    assert len(shares.world.post_office.mails) == 1


@pytest.mark.parametrize("event", ["ObjectCreated:Put", "ObjectCreated:Copy"])
def test_the_same_manifest_again_is_nobodys_news(shares: Shares, event: str) -> None:
    """Also in other spaces, and when its first event comes last."""
    document = manifest(*several(shares))
    first = shares.put_manifest(document)
    assert shares.hears_of() == Outcome.MAILED

    shares.put_manifest(document)
    assert shares.hears_of(event=event) == Outcome.ALREADY_MAILED
    shares.put_manifest(str(document).replace("'", '"').encode())
    assert shares.hears_of(event=event) == Outcome.ALREADY_MAILED
    assert shares.hears_of(version=first) == Outcome.ALREADY_MAILED

    assert len(shares.world.post_office.mails) == 1


def test_the_first_of_two_manifests_is_announced(shares: Shares) -> None:
    """In whatever order their events come; the second is refused, and mails nobody."""
    files = several(shares)
    first = shares.put_manifest(manifest(*files))
    shares.put_manifest(manifest(*files, recipients=["eve@example.com"]))

    with pytest.raises(InvalidShare, match="another manifest was put there before; send the files"):
        shares.hears_of()
    assert shares.is_untouched
    assert shares.hears_of(version=first) == Outcome.MAILED
    assert shares.world.post_office.recipients == ["bob@example.com"]


def test_a_manifest_that_was_deleted_is_not_put_anew(shares: Shares) -> None:
    """Links may lead to it; and one that is gone before its event mails nobody."""
    files = several(shares)
    version = shares.put_manifest(manifest(*files))
    shares.store.delete_object(Bucket=BUCKET, Key=KEY)

    assert shares.hears_of(version=version) == Outcome.GONE
    shares.put_manifest(manifest(*files, note="other"))
    with pytest.raises(InvalidShare, match="another manifest was put there before"):
        shares.hears_of()

    assert shares.is_untouched


def test_a_drive_may_put_an_empty_file_before_the_manifest(shares: Shares) -> None:
    """As programs do that show a bucket as a drive."""
    files = several(shares)
    empty = shares.put_manifest(b"")
    shares.put_manifest(manifest(*files))

    assert shares.hears_of(version=empty) == Outcome.REPLACED
    assert shares.hears_of() == Outcome.MAILED


def test_a_share_ends_with_its_first_file(shares: Shares) -> None:
    """Whose day began before that of the manifest."""
    file = shares.put("a.jpg")
    shares.put_manifest(manifest(file, shares.put("b.jpg")))
    shares.hears_of()

    [mail] = shares.world.post_office.mails
    [row] = shares.world.links_table.rows
    oldest = shares.store.head_object(Bucket=BUCKET, Key="a.jpg")["LastModified"]
    assert row["FileEndsAt"] == int(oldest.timestamp()) + 24 * 3600
    assert mail.data["expiresAt"]


def test_who_is_named_nowhere_is_the_usual_recipient(shares: Shares) -> None:
    """As for a file."""
    document = manifest(*several(shares))
    del document["recipients"]
    shares.put_manifest(document)

    shares.hears_of()

    assert shares.world.post_office.recipients == ["team@example.com"]


def test_a_share_of_one_file_is_mailed_as_a_file(shares: Shares) -> None:
    """With a link of its own, to S3 itself as well."""
    shares.parameters.clear()
    shares.put_manifest(manifest(shares.put("a.jpg")))

    shares.hears_of()

    [mail] = shares.world.post_office.mails
    assert mail.data["subject"] == "File for you: a.jpg"
    assert "/a.jpg?" in mail.data["link"]
    assert "files" not in mail.data


def test_downloads_are_counted_by_the_portal_only(shares: Shares) -> None:
    """As for a file."""
    shares.parameters.clear()
    shares.put_manifest(manifest(*several(shares), max_downloads=1))

    with pytest.raises(InvalidMaxDownloads):
        shares.hears_of()

    assert shares.is_untouched


def test_a_slow_bucket_ends_the_run_in_time(shares: Shares) -> None:
    """Nobody is mailed a share of which some may be missing; Lambda tries again."""
    shares.put_manifest(manifest(*several(shares)))
    look, clock = shares.store.head_object, shares.world.clock

    class Slow:
        def __getattr__(self, name: str) -> object:
            return getattr(shares.store, name)

        def head_object(self, **parameters: str) -> object:
            clock.passes(seconds=250)
            return look(**parameters)

    shares.world = type(shares.world)(bucket=Slow(), clock=clock)
    version = look(Bucket=BUCKET, Key=KEY)["VersionId"]

    with pytest.raises(FileNotReadable, match="S3 was too slow to tell about them all"):
        shares.hears_of(version=version)

    assert shares.is_untouched


def test_lines_about_a_share_tell_how_many_files(
    shares: Shares, caplog: pytest.LogCaptureFixture
) -> None:
    """And neither note nor links."""
    shares.put_manifest(manifest(*several(shares), note="between us"))
    shares.hears_of()

    [line] = [one for one in caplog.records if one.getMessage().startswith("Mailed")]
    assert (line.__dict__["file"], line.__dict__["files"]) == (KEY, 3)
    [mail] = shares.world.post_office.mails
    for secret in ("between us", mail.data["link"].rpartition("/")[2]):
        assert all(secret not in str(one.__dict__) for one in caplog.records)

"""What LinkMailer mails of shares: again, as a reminder, to who asks, and as news of a download."""

from __future__ import annotations

from typing import Any

import pytest
from portal_links import rows

from tests.lambda_src.link_mailer.office import LATE, OTHER, Office, links_in, opens
from tests.lambda_src.portal_world import LINK_ID
from tests.lambda_src.shares_world import SHARE_ID, ShareBucket, share, share_world

FILES = {"photos/a.jpg": b"x" * 1500, "photos/b <2>.jpg": b"x" * 500}
TITLE = "a.jpg and 1 more file"
MANIFEST = f".s3link/shares/{SHARE_ID}.json"


@pytest.fixture
def office() -> Office:
    return Office(portal=share_world())


def told(office: Office) -> dict[str, Any]:
    """What the one mail says of its one link."""
    data: Any = office.mail.data
    [file] = data["files"]
    assert isinstance(file, dict)
    return file


def test_a_share_is_mailed_again(office: Office) -> None:
    """Its files, their size in all, note, sender and limit; its link opens the page."""
    said = {"note": "Two pictures.", "sender": "Ann <ann@example.com>", "max_downloads": 2}
    share(office.portal, FILES, said=said)

    answer = office.do("resend", linkIds=[LINK_ID], settings={"AuthorizedSenders": "@example.com"})

    assert answer == {"mailed": [LINK_ID], "notMailed": {}}
    data, file = office.mail.data, told(office)
    assert data["subject"] == f"Files for you: {TITLE}"
    assert data["headline"] == "2 files have been shared with you"
    assert "Not expecting files? Check" in data["closing"]
    assert (file["fileName"], file["fileSize"]) == (TITLE, "2.0 kB")
    assert file["names"] == "a.jpg\nb <2>.jpg"
    assert file["namesHtml"] == "a.jpg<br>b &lt;2&gt;.jpg"
    assert (file["note"], file["sender"]) == ("> Two pictures.", "Ann (ann@example.com)")
    assert file["limit"] == "Each file can be downloaded 2 times."
    assert office.mail.reply_to == ("ann@example.com",)
    assert opens(office, office.mail)


def test_the_limit_is_that_of_each_file_however_many_are_left(office: Office) -> None:
    """The page says what is left of which."""
    token = share(office.portal, FILES, max_downloads=1)
    office.portal.click(token, {"file": "0"})

    office.do("resend", linkIds=[LINK_ID])

    assert told(office)["limit"] == "Each file can be downloaded once."


def test_a_share_that_is_used_up_is_not_mailed_again(office: Office) -> None:
    """Until it is extended."""
    token = share(office.portal, FILES, max_downloads=1)
    for position in "01":
        office.portal.click(token, {"file": position})

    answer = office.do("resend", linkIds=[LINK_ID])

    assert "it is used up" in answer["notMailed"][LINK_ID]


@pytest.mark.parametrize("fault", ["gone", "no manifest", "refused"])
def test_a_share_that_cannot_be_read_is_not_mailed(office: Office, fault: str) -> None:
    """The operator is told why."""
    share(office.portal, FILES)
    bucket = office.portal.bucket
    assert isinstance(bucket, ShareBucket)
    if fault == "gone":
        bucket.remove(MANIFEST)
    elif fault == "no manifest":
        bucket.fill(MANIFEST, b"[]")
    else:
        bucket.refuses(MANIFEST, "403")

    answer = office.do("resend", linkIds=[LINK_ID])

    assert (
        answer["notMailed"][LINK_ID]
        == {
            "gone": "its file is gone",
            "no manifest": "S3 did not let LinkMailer look at its file (InvalidShare)",
            "refused": "S3 did not let LinkMailer look at its file (FileNotReadable)",
        }[fault]
    )


def test_a_reminder_is_of_all_files(office: Office) -> None:
    """And is sent to who has downloaded none of them."""
    share(office.portal, FILES)
    token = share(office.portal, ["c.txt", "d.txt"], share_id="a-share-2", link_id=OTHER)
    office.portal.click(token, {"file": "1"})
    office.portal.clock.now += LATE

    office.do("remind")

    assert office.mail.data["subject"] == f"Reminder: {TITLE}"
    assert office.mail.data["headline"] == "2 files are still waiting for you"
    assert "If you do not need the files, do nothing." in office.mail.data["closing"]
    assert links_in(office.mail) == [LINK_ID]
    assert rows.REMINDED_AT in office.portal.links.table.read(LINK_ID)


def test_who_asks_gets_shares_beside_single_files(office: Office) -> None:
    """Each with one link."""
    share(office.portal, FILES)
    office.portal.clock.passes(seconds=1)
    office.portal.share("single.pdf", link_id=OTHER)

    office.do("request", address="bob@example.com", file=None)

    data: Any = office.mail.data
    assert [file["fileName"] for file in data["files"]] == ["single.pdf", TITLE]
    assert [file["names"] for file in data["files"]] == ["", "a.jpg\nb <2>.jpg"]
    assert opens(office, office.mail)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TITLE, True),
        ("a.jpg", True),
        ("a.jpg.", True),
        ("b <2>.jpg", False),
        ("a.jpg and 2 more files", False),
    ],
)
def test_a_share_is_found_by_its_title_and_its_first_file(
    office: Office, wanted: str, found: bool
) -> None:
    """To look into every manifest for the others would be a call of S3 for each."""
    share(office.portal, FILES)

    office.do("request", address="bob@example.com", file=wanted)

    assert [mail.data["subject"] for mail in office.post.mails] == (
        [f"Your link: {TITLE}"] if found else []
    )


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ({"file": "1"}, f"b <2>.jpg, of {TITLE},"),
        ({"file": "7"}, TITLE),
        ({"file": None}, TITLE),
        ({}, TITLE),
    ],
)
def test_news_of_the_first_download_name_the_file(
    office: Office, event: dict[str, Any], what: str
) -> None:
    """As far as the portal has said which it was."""
    share(office.portal, FILES)

    office.do("first-download", linkId=LINK_ID, **event)

    text = office.mail.data["closing"]
    assert office.mail.data["subject"] == f"Downloaded: {TITLE}"
    assert text.startswith(f"bob@example.com has downloaded {what} for the first time.")


def test_news_of_a_share_of_one_file_name_it_once(office: Office) -> None:
    share(office.portal, ["only.pdf"])

    office.do("first-download", linkId=LINK_ID, file="0")

    assert office.mail.data["closing"].startswith("bob@example.com has downloaded only.pdf for")


def test_news_go_to_who_shares_them(office: Office) -> None:
    """As the manifest says; where that is gone, the link's own name must do."""
    share(office.portal, FILES, said={"sender": "Ann <ann@example.com>"})
    senders = {"AuthorizedSenders": "@example.com"}

    office.do("first-download", linkId=LINK_ID, file="0", settings=senders)
    office.portal.bucket.remove(MANIFEST)
    office.do("first-download", linkId=LINK_ID, file="0", settings=senders)

    assert [mail.to for mail in office.post.mails] == ["ann@example.com", "files@example.com"]
    assert TITLE in office.post.mails[1].data["closing"]

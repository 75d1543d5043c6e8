"""Shares all the way: announced to the portal's page, their files clicked through HTTP, function,
table and IAM, withdrawn and mailed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.browser import Browser
from tests.e2e.portal import Portal, follow, press
from tests.local.apis import ask
from tests.mails import link_in
from tests.waiting import until

pytestmark = pytest.mark.slow

FILES = {
    "photos/a/my report (final) + ü.pdf": b"the report",
    "photos/b/100% sure, 'really'; a&b=c#d.txt": b"surely",
    "photos/b/отчёт 📄 資料.txt": b"data" * 1000,
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        folder = tmp_path_factory.mktemp("operator")
        yield Portal(aws, folder, MaxDownloads="1", NotifyOnDownload="sender")


def test_each_file_is_given_once(portal: Portal) -> None:
    """200 clicks at the same moment: each is served in its file's grace period, one is counted."""
    sent = portal.share_files(FILES)
    clicks = [str(number % 3) for number in range(200)]

    with ThreadPoolExecutor(50) as people:
        replies = list(people.map(lambda file: press(sent.link, file=file), clicks))

    assert Counter(reply.status for reply in replies) == {303: 200}
    contents = [follow(reply).body for reply in replies[:3]]
    assert contents == list(FILES.values())
    row = portal.row(sent.id)
    assert (row["Downloads"], row["FileDownloads"]) == (3, {"0": 1, "1": 1, "2": 1})
    portal.change_row(sent.id, FileGrace={}, GraceUntil=0)
    assert [press(sent.link, file=file).status for file in "012"] == [410] * 3


def test_what_is_not_in_it_leaves_its_row_as_it_is(portal: Portal) -> None:
    """Through IAM and DynamoDB, which would take any name."""
    sent = portal.share_files(FILES)
    before = portal.row(sent.id)

    statuses = [press(sent.link, file=file).status for file in ("3", "-1", "x", "9" * 300, "0.Map")]

    assert statuses == [404] * 5
    assert press(sent.link).status == 404
    assert portal.row(sent.id) == before


def test_it_is_withdrawn_as_a_whole(portal: Portal) -> None:
    """A file that was downloaded before is not to be had again either."""
    sent = portal.share_files(FILES)
    assert press(sent.link, file="1").status == 303

    ran = portal.s3link(f"links revoke {sent.id} --yes")

    assert ran.exit_code == 0, ran.stderr
    replies = [ask(sent.link), *(press(sent.link, file=file) for file in "01")]
    assert [reply.status for reply in replies] == [410] * 3
    assert b"The files are no longer shared with you." in replies[0].body


def test_it_is_mailed_again_and_its_first_download_told_of(portal: Portal) -> None:
    """LinkMailer reads the manifest, as its role lets it."""
    sent = portal.share_files(FILES)

    ran = portal.s3link(f"links resend {sent.id} --yes")
    again = portal.mail_to(sent.recipient, 2)
    press(link_in(again), file="2")

    assert ran.exit_code == 0, ran.stderr
    assert again.subject == "Files for you: my report (final) + ü.pdf and 2 more files"
    assert "отчёт 📄 資料.txt\nSize: 4.0 kB\n" in again.text
    news = f"{sent.recipient} has downloaded отчёт 📄 資料.txt, of my report (final) + ü.pdf and 2"
    until(lambda: any(news in mail.text for mail in portal.mails()))


def test_from_the_mail_to_all_saved_files(
    portal: Portal, browser: Browser, downloads: Path
) -> None:
    """With S3's own refusals in between, which say that there is a connection."""
    sent = portal.share_files(FILES)
    browser.open(sent.link)

    browser.click("#all button")
    browser.wait_until(lambda: browser.text("#progress") == "3 of 3 files started.")

    names = [key.rpartition("/")[2] for key in FILES]
    saved = browser.all_saved(downloads, len(FILES))
    assert saved == dict(zip(names, FILES.values(), strict=True))
    assert portal.row(sent.id)["FileDownloads"] == {"0": 1, "1": 1, "2": 1}

"""A recipient and an admin with a real browser: from the mail in the inbox to the saved file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.e2e.conftest import RunningLocal

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(window: Browser) -> Browser:
    """Not held to silence: the inbox asks for mails that are not there yet."""
    return window


def open_mail(browser: Browser, local: RunningLocal, subject: str) -> None:
    """Choose the newest mail with this subject in the inbox."""
    browser.see_as("light")
    browser.open(local.inbox)
    browser.wait_until(lambda: subject in browser.texts(".what"))
    position = browser.texts(".what").index(subject) + 1
    browser.click(f"#entries > :nth-child({position}) .entry")
    browser.wait_until(lambda: browser.text("#subject") == subject)


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("my report (final) + ü.pdf", "my report (final) + ü.pdf"),
        ("100% sure, 'really'; a&b=c#d.pdf", "100% sure, 'really'; a&b=c#d.pdf"),
        ("отчёт 📄 資料.txt", "отчёт 📄 資料.txt"),
        ("page.html", "page.html"),
        # Chromium itself replaces what some file systems cannot take.
        ('a "quoted" name.txt', "a _quoted_ name.txt"),
    ],
)
def test_the_mails_button_saves_the_file_under_its_name(
    local: RunningLocal, browser: Browser, tmp_path: Path, name: str, saved_as: str
) -> None:
    """A click on the mail's button downloads the same bytes, and never shows them in the page."""
    content = f"<script>document.title = 'run'</script> {name}".encode()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / name).write_bytes(content)
    downloads = tmp_path / "downloads"
    browser.save_downloads_in(downloads)
    local.aws("s3", "cp", tmp_path / "source" / name, f"s3://{local.bucket}/")
    mail = local.wait_for_mail(lambda mail: mail["subject"].endswith(f": {name}"))

    open_mail(browser, local, mail["subject"])
    with browser.frame("#frame"):
        browser.click("a")

    assert browser.saved(downloads, saved_as) == content
    assert browser.text("#subject") == mail["subject"]


def test_a_packed_file_is_saved_as_it_is_stored(
    local: RunningLocal, browser: Browser, tmp_path: Path
) -> None:
    """Though it was uploaded with a Content-Encoding, for which Chromium would unpack it."""
    content = gzip.compress(b"one line of a log\n" * 100)
    (tmp_path / "log.txt.gz").write_bytes(content)
    downloads = tmp_path / "downloads"
    browser.save_downloads_in(downloads)
    local.aws(
        *("s3", "cp", tmp_path / "log.txt.gz", f"s3://{local.bucket}/"),
        *("--content-encoding", "gzip"),
    )
    mail = local.wait_for_mail(lambda mail: mail["subject"].endswith(": log.txt.gz"))

    open_mail(browser, local, mail["subject"])
    with browser.frame("#frame"):
        browser.click("a")

    assert browser.saved(downloads, "log.txt.gz") == content


def test_hostile_names_and_notes_stay_text(
    local: RunningLocal, browser: Browser, tmp_path: Path
) -> None:
    """HTML and template syntax in a file's name and in a note are shown as they were typed."""
    name = "<img src=x onerror=alert(1)> {{link}}.txt"
    note = '</td><script>alert("note")</script> {{fileName}}'
    (tmp_path / name).write_text("x")
    metadata = json.dumps({"note": note})
    local.aws("s3", "cp", tmp_path / name, f"s3://{local.bucket}/", "--metadata", metadata)
    mail = local.wait_for_mail(lambda mail: "onerror" in mail["subject"])

    open_mail(browser, local, mail["subject"])
    with browser.frame("#frame"):
        shown = browser.text("body")

    assert name in shown
    assert note in shown


def test_the_admin_confirms_by_clicking(local: RunningLocal, browser: Browser) -> None:
    """The link in the confirmation mail makes `s3link status` say that the admin gets alarms."""
    before = local.s3link("status").stdout

    open_mail(browser, local, "AWS Notification - Subscription Confirmation")
    inbox = browser.tabs()
    with browser.frame("#frame"):
        browser.click("a")
    browser.wait_until(lambda: len(browser.tabs()) > len(inbox))
    told = "Alarms are mailed to\tadmin@example.com\n"
    browser.wait_until(lambda: told in local.s3link("status").stdout)

    assert "gets NO alarms" in before

"""A recipient with a real browser, by way of the portal: from the mail to the saved file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from function.text import moment

from tests.browser import ENTER, TAB, Browser
from tests.e2e.inbox_window import click_its_link, open_mail
from tests.e2e.portal import Portal, Shared, press
from tests.e2e.portal_window import complaints

pytestmark = pytest.mark.slow


def open_mails_link(browser: Browser, portal: Portal, shared: Shared) -> None:
    open_mail(browser, portal.inbox, shared.recipient, shared.mail.subject)
    click_its_link(browser)


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("my report (final) + ü.pdf", "my report (final) + ü.pdf"),
        ("100% sure, 'really'; a&b=c#d.pdf", "100% sure, 'really'; a&b=c#d.pdf"),
        ("%2e%2e%2f+%20+.txt", "%2e%2e%2f+%20+.txt"),
        ("отчёт 📄 資料.txt", "отчёт 📄 資料.txt"),
        ("דוח שנתי 2026 (סופי).pdf", "דוח שנתי 2026 (סופי).pdf"),
        # U+202E would let it read "annexeexe.pdf".
        ("annexe\u202efdp.exe", "annexefdp.exe"),
        # Chromium itself replaces what some file systems cannot take.
        ('a "quoted" <b>name.txt', "a _quoted_ _b_name.txt"),
        ("200 characters " + "x" * 181 + ".pdf", "200 characters " + "x" * 181 + ".pdf"),
    ],
)
def test_from_the_mail_to_the_saved_file(
    portal: Portal, browser: Browser, downloads: Path, name: str, saved_as: str
) -> None:
    """Mail, page, button: the same bytes under the right name, which the page shows before."""
    shared = portal.share(name, f"<script>document.title = 'run'</script> {name}".encode())

    open_mails_link(browser, portal, shared)
    heading = browser.text("h1")
    browser.click("button")

    assert browser.saved(downloads, saved_as) == shared.content
    assert heading == name.replace("\u202e", "")
    assert portal.row(shared.id)["Downloads"] == 1


def test_the_page_tells_what_is_offered(portal: Portal, browser: Browser) -> None:
    """Name, size, note and sender are shown as text, and how often it may be downloaded."""
    note = '</p><script>alert("note")</script> & {{fileName}}'
    shared = portal.share("<img src=x>.txt", b"x" * 12_345, note=note, max_downloads="3")
    press(shared.link)

    browser.open(shared.link)

    shown = browser.text("main")
    assert browser.text("h1") == "<img src=x>.txt"
    assert note in shown
    assert "from links@example.com" in shown
    assert "Size\n12.3 kB" in shown
    assert "Downloads left\n2" in shown


def test_the_button_leads_to_the_bucket_and_nowhere_else(
    portal: Portal, browser: Browser, downloads: Path
) -> None:
    """The policy lets the form be sent to the page's site and on to the bucket's, which Chromium
    checks at the redirect too; a form that is sent elsewhere goes nowhere."""
    shared = portal.share()
    browser.open(shared.link)

    browser.run("document.forms[0].action = 'http://localhost:9/elsewhere'")
    browser.click("button")
    said: list[str] = []
    browser.wait_until(lambda: bool(said.extend(complaints(browser)) or said))
    [refusal] = said
    browser.open(shared.link)
    browser.click("button")

    assert "form-action 'self' " in refusal
    assert portal.aws.endpoint in refusal
    assert browser.saved(downloads, "report.pdf") == shared.content


def test_the_console_tells_of_what_the_policy_refuses(portal: Portal, browser: Browser) -> None:
    """So its silence in all other tests says that nothing was refused."""
    browser.open(portal.share().link)

    browser.run("document.body.appendChild(new Image()).src = '/pixel.png'")
    browser.run("document.body.setAttribute('style', 'color: red')")
    said: list[str] = []
    browser.wait_until(lambda: said.extend(complaints(browser)) or len(said) >= 2)

    image, style = said
    assert "img-src" in image
    assert "style-src" in style


def test_with_the_keyboard_alone(portal: Portal, browser: Browser, downloads: Path) -> None:
    """Tab finds the button, and shows so; Enter downloads."""
    shared = portal.share()
    browser.open(shared.link)

    browser.type(TAB)
    outline = browser.run("return getComputedStyle(document.activeElement).outline")
    browser.type(ENTER)

    assert browser.saved(downloads, "report.pdf") == shared.content
    assert outline.endswith("solid 3px")


def test_without_javascript(portal: Portal, browser: Browser, downloads: Path) -> None:
    """The page says its time in UTC, and its button works."""
    shared = portal.share()
    browser.allow_scripts(False)

    browser.open(shared.link)
    browser.click("button")

    expires_at = datetime.fromtimestamp(int(portal.row(shared.id)["ExpiresAt"]), UTC)
    assert browser.text("time") == moment(expires_at)
    assert browser.text("time").endswith("UTC")
    assert browser.saved(downloads, "report.pdf") == shared.content


@pytest.mark.parametrize(
    ("time_zone", "called"),
    [("America/New_York", "GMT-"), ("Europe/Berlin", "CE"), ("Asia/Kolkata", "GMT+5:30")],
)
def test_with_javascript_the_time_is_the_readers(
    portal: Portal, browser: Browser, time_zone: str, called: str
) -> None:
    """Their day and their hour, with the name of their zone."""
    shared = portal.share()
    browser.live_in(time_zone)

    browser.open(shared.link)

    expires_at = int(portal.row(shared.id)["ExpiresAt"])
    there = datetime.fromtimestamp(expires_at, ZoneInfo(time_zone))
    shown = browser.text("time")
    assert f"{there:%A}, {there.day} {there:%B %Y} at {there:%H:%M} {called}" in shown


def test_a_one_time_link_within_its_grace_period_and_after(
    portal: Portal, browser: Browser, downloads: Path
) -> None:
    """Its page offers to try again; once the time for that is over, it says so at the click."""
    shared = portal.share(max_downloads="1")
    browser.open(shared.link)
    browser.click("button")
    browser.saved(downloads, "report.pdf")

    browser.open(shared.link)
    in_grace = browser.text("main")
    portal.change_row(shared.id, GraceUntil=0)
    browser.click("button")
    browser.wait_until(lambda: browser.text("h1") != "report.pdf")

    assert "Downloads left\n0, but you can repeat the last one for now" in in_grace
    assert browser.text("h1") == "This link has been used up"


@pytest.mark.parametrize("scripts", [True, False])
def test_after_the_click_the_page_says_what_is_left(
    portal: Portal, browser: Browser, downloads: Path, scripts: bool
) -> None:
    """The download starts from a new page; the one before it would go on saying 2."""
    shared = portal.share(max_downloads="2")
    browser.allow_scripts(scripts)
    browser.open(shared.link)
    before = browser.text("dl")

    browser.click("button")

    assert browser.saved(downloads, "report.pdf") == shared.content
    assert browser.text("h1") == browser.title == "Your download has started"
    assert (before[-16:], browser.text("dl")[-16:]) == ("Downloads left\n2", "Downloads left\n1")
    assert complaints(browser) == []


def test_a_download_that_did_not_start_is_started_from_the_page(
    portal: Portal, browser: Browser, downloads: Path
) -> None:
    """Its link is the file's, for a minute; it is not counted again."""
    shared = portal.share(max_downloads="1")
    browser.open(shared.link)
    browser.click("button")
    browser.saved(downloads, "report.pdf")
    (downloads / "report.pdf").unlink()

    browser.click("p > a")

    assert browser.saved(downloads, "report.pdf") == shared.content
    assert portal.row(shared.id)["Downloads"] == 1

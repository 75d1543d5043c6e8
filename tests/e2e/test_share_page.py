"""The page of a share in a real browser: one file or all, by whom and with whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from portal_links import rows

from tests.accessibility import problems_of
from tests.browser import ENTER, TAB, Browser
from tests.e2e.share_site import ShareSite, share_site
from tests.lambda_src.portal_world import LINK_ID
from tests.lambda_src.shares_world import SHARE_ID, counts_of

pytestmark = pytest.mark.slow

AWKWARD = [
    "my report (final) + ü.pdf",
    "100% sure, 'really'; a&b=c#d.pdf",
    "%2e%2e%2f+%20+.txt",
    "отчёт 📄 資料.txt",
    "דוח שנתי 2026 (סופי).pdf",
    "200 characters " + "x" * 181 + ".pdf",
]
ALL, STATUS, PROGRESS = "#all button", "[role=status]", "#progress"


@pytest.fixture
def site() -> Iterator[ShareSite]:
    with share_site() as site:
        yield site


def of(*names: str) -> dict[str, bytes]:
    """Files by their keys, in two folders."""
    return {
        f"photos/{'ab'[number % 2]}/{name}": f"<script>{name}</script>".encode()
        for number, name in enumerate(names)
    }


def numbered(count: int) -> dict[str, bytes]:
    return of(*(f"file {number}.txt" for number in range(count)))


def button(position: int) -> str:
    return f"#b{position}"


def goes_on_to(browser: Browser, heading: str) -> None:
    browser.wait_until(lambda: browser.text("h1") == heading)


def ends(browser: Browser) -> str:
    """What the page says when nothing is running any more, which is what is read out, too."""
    browser.wait_until(lambda: browser.text(ALL) not in ("", "Stop"))
    assert browser.run(f"return document.querySelector('{STATUS}').textContent") == browser.text(
        PROGRESS
    )
    return browser.text(PROGRESS)


@pytest.mark.parametrize("scripts", [True, False])
def test_each_file_is_saved_under_its_own_name(
    site: ShareSite, browser: Browser, downloads: Path, scripts: bool
) -> None:
    """The same bytes; with JavaScript the list stays, without it there is a way back to it."""
    files = of(*AWKWARD)
    browser.allow_scripts(scripts)
    browser.open(site.share(files))

    for position in range(len(files)):
        browser.click(button(position))
        browser.all_saved(downloads, position + 1)
        if not scripts:
            goes_on_to(browser, "Your download has started")
            browser.click("#back a")
        goes_on_to(browser, "6 files for you")

    by_name = {key.rpartition("/")[2]: content for key, content in files.items()}
    assert browser.all_saved(downloads, len(files)) == by_name
    assert browser.texts("li .soft") == [
        f"photos / {'ab'[number % 2]} · {len(content)} bytes · downloaded"
        for number, content in enumerate(files.values())
    ]
    assert counts_of(site.world).downloads == dict.fromkeys(range(6), 1)


def test_the_page_shows_names_as_they_are(site: ShareSite, browser: Browser) -> None:
    """As text, in their own direction, and long ones by their beginning and end."""
    names = [*AWKWARD, "<img src=x>.txt", "annexe\u202efdp.exe"]
    site_link = site.share(of(*names))

    browser.open(site_link)

    shown = browser.texts("li p:first-child")
    assert shown[:5] == AWKWARD[:5]
    assert shown[5] == f"200 characters {'x' * 45}…{'x' * 56}.pdf"
    assert shown[6:] == ["<img src=x>.txt", "annexefdp.exe"]
    assert browser.title == "8 files for you"


@pytest.mark.parametrize("count", [12, 200])
def test_all_files_are_downloaded(
    site: ShareSite, browser: Browser, downloads: Path, count: int
) -> None:
    """One after the other, each with the same bytes, each counted once."""
    files = numbered(count)
    browser.open(site.share(files, max_downloads=1))
    assert browser.text(ALL) == f"Download all {count} files"

    browser.click(ALL)
    said = ends(browser)

    by_name = {key.rpartition("/")[2]: content for key, content in files.items()}
    assert said == f"{count} of {count} files started."
    assert browser.all_saved(downloads, count) == by_name
    assert site.given == list(files)
    assert counts_of(site.world).downloads == dict.fromkeys(range(count), 1)
    assert site.world.link.downloads == count
    assert browser.text(ALL) == f"Download all {count} files again"
    assert browser.visited()[-1].startswith(site.url)


def test_none_is_asked_for_while_there_is_no_connection_for_it(
    site: ShareSite, browser: Browser, downloads: Path
) -> None:
    """Large files take their time; a URL that waited for theirs would run out, after it was
    counted."""
    site.let_go.clear()
    browser.open(site.share(numbered(12), max_downloads=1))

    browser.click(ALL)
    browser.wait_until(lambda: browser.text(PROGRESS) == "6 of 12 files started.")
    browser.run("return new Promise((resolve) => setTimeout(resolve, 500))")
    waiting = (browser.text(PROGRESS), len(site.clicks), len(site.given))
    site.let_go.set()

    assert waiting == ("6 of 12 files started.", 6, 6)
    assert ends(browser) == "12 of 12 files started."
    assert len(browser.all_saved(downloads, 12)) == 12


def test_it_may_be_stopped_and_go_on(site: ShareSite, browser: Browser, downloads: Path) -> None:
    """It says how far it came, and takes the others only."""
    site.let_go.clear()
    browser.open(site.share(numbered(12)))
    browser.click(ALL)
    browser.wait_until(lambda: browser.text(PROGRESS) == "6 of 12 files started.")

    browser.click(ALL)
    stopped, offer = ends(browser), browser.text(ALL)
    site.let_go.set()
    browser.click(ALL)

    assert stopped == "6 of 12 files started, 6 not asked for."
    assert offer == "Download the other 6 files"
    browser.wait_until(lambda: browser.text(PROGRESS) == "6 of 6 files started.")
    assert len(browser.all_saved(downloads, 12)) == 12
    assert counts_of(site.world).downloads == dict.fromkeys(range(12), 1)


def test_it_says_which_failed_and_why(site: ShareSite, browser: Browser, downloads: Path) -> None:
    """Used up meanwhile, gone, refused by S3: the others are saved; what failed is tried again."""
    link = site.share(numbered(5), max_downloads=1)
    browser.open(link)
    row = site.world.links_table.items[LINK_ID]
    row[rows.FILE_DOWNLOADS] = {"M": {"0": {"N": "1"}}}
    site.bucket.remove("photos/b/file 1.txt")
    site.refuses.add("photos/a/file 2.txt")

    browser.click(ALL)
    ends(browser)
    browser.wait_until(lambda: len(browser.texts("#all li")) == 3)
    failed, said, offer = browser.texts("#all li"), browser.text(PROGRESS), browser.text(ALL)
    site.refuses.clear()
    browser.click(ALL)
    ends(browser)
    browser.wait_until(lambda: len(browser.texts("#all li")) == 2)

    assert sorted(failed) == [
        "file 0.txt: This file has been used up.",
        "file 1.txt: This file has been removed.",
        "file 2.txt: It did not start.",
    ]
    assert (said, offer) == ("2 of 5 files started, 3 did not.", "Try 3 files again")
    assert sorted(browser.all_saved(downloads, 3)) == ["file 2.txt", "file 3.txt", "file 4.txt"]
    assert counts_of(site.world).downloads == dict.fromkeys([0, 2, 3, 4], 1)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("revoked", "This link has been withdrawn."),
        ("throttled", "Something went wrong."),
    ],
)
def test_it_ends_where_nothing_can_be_had_any_more(
    site: ShareSite, browser: Browser, what: str, why: str
) -> None:
    """Rather than to ask for each file in vain; the others are not passed over in silence."""
    browser.open(site.share(numbered(12)))
    if what == "revoked":
        site.world.links.revoke(LINK_ID, site.world.clock.now)
    else:
        site.is_throttled = True

    browser.click(ALL)

    assert ends(browser) == "0 of 12 files started, 1 did not, 11 not asked for."
    assert browser.texts("#all li") == [f"file 0.txt: {why}"]
    assert browser.text(ALL) == "Download the other 11 files"


def test_what_is_used_up_has_no_button(site: ShareSite, browser: Browser, downloads: Path) -> None:
    """It is said how many are left out."""
    link = site.share(numbered(3), max_downloads=1)
    site.settings["DownloadGracePeriod"] = "0"
    browser.open(link)
    browser.click(button(1))
    browser.wait_until(lambda: browser.texts("li .soft")[1].endswith("no downloads left"))
    browser.all_saved(downloads, 1)

    browser.open(link)
    assert not browser.shows(button(1))
    browser.click(ALL)

    assert ends(browser) == "2 of 2 files started; 1 file had no downloads left."
    assert len(browser.all_saved(downloads, 3)) == 3


def test_a_file_is_tried_again_in_its_grace_period(
    site: ShareSite, browser: Browser, downloads: Path
) -> None:
    """It is counted once; after that it is used up, and its page leads back to the others."""
    browser.allow_scripts(False)
    link = site.share(numbered(3), max_downloads=1)
    for _ in range(2):
        browser.open(link)
        browser.click(button(0))
        goes_on_to(browser, "Your download has started")
        assert browser.all_saved(downloads, 1)
        next(downloads.iterdir()).unlink()
    browser.open(link)
    site.world.clock.passes(minutes=10)
    browser.click(button(0))
    goes_on_to(browser, "This file has been used up")
    assert problems_of(browser) == []

    browser.click("#back a")

    goes_on_to(browser, "3 files for you")
    assert browser.texts("li button") == ["Download"] * 2
    assert counts_of(site.world).downloads == {0: 1}


@pytest.mark.parametrize("scripts", [True, False])
def test_with_confirm_recipient(
    site: ShareSite, browser: Browser, downloads: Path, scripts: bool
) -> None:
    """The address is typed once for the list, and checked for each file."""
    site.settings["ConfirmRecipient"] = "true"
    browser.allow_scripts(scripts)
    files = numbered(3)
    browser.open(site.share(files))
    before = browser.run("return document.documentElement.outerHTML")
    assert problems_of(browser) == []

    browser.run("document.activeElement.blur()")
    browser.type(TAB + "eve@example.com" + ENTER)
    browser.wait_until(lambda: browser.shows("[role=alert]"))
    browser.run("document.activeElement.blur()")
    browser.type(TAB + "bob@example.com" + ENTER)
    goes_on_to(browser, "3 files for you")
    if scripts:
        browser.click(ALL)
        assert ends(browser) == "3 of 3 files started."
    else:
        for position in range(3):
            browser.click(button(position))
            goes_on_to(browser, "Your download has started")
            browser.all_saved(downloads, position + 1)
            browser.click("#back button")
            goes_on_to(browser, "3 files for you")

    assert len(browser.all_saved(downloads, 3)) == 3
    assert not [word for word in ("file 0", "photos", "3 files", "bob@") if word in before]
    assert all("address=bob%40example.com" in click for click in site.clicks[1:])
    assert counts_of(site.world).downloads == dict.fromkeys(range(3), 1)


def test_with_the_keyboard_alone(site: ShareSite, browser: Browser, downloads: Path) -> None:
    """Tab goes to the button for all, then to each file's; Enter downloads, and the focus stays."""
    browser.open(site.share(numbered(3)))

    browser.type(TAB + TAB + TAB + ENTER)
    ends(browser)

    outline = browser.run("return getComputedStyle(document.activeElement).outline")
    assert browser.run("return document.activeElement.id") == "b1"
    assert outline.endswith("solid 3px")
    assert list(browser.all_saved(downloads, 1)) == ["file 1.txt"]


def test_what_a_screen_reader_says(site: ShareSite, browser: Browser) -> None:
    """Each button with the name of its file; a list of so many; news as they come."""
    browser.open(site.share(of("a.txt", "b & c.txt")))

    names = browser.run(
        "return [...document.querySelectorAll('li button')].map((one) => "
        "one.getAttribute('aria-labelledby').split(' ').map((id) => "
        "document.getElementById(id).textContent).join(' '))"
    )

    assert names == ["Download a.txt", "Download b & c.txt"]
    assert browser.run("return document.querySelector('.files ul').getAttribute('role')") == "list"
    assert browser.run(f"return document.querySelectorAll('{STATUS}').length") == 1


@pytest.mark.parametrize("count", [2, 1000])
def test_everybody_can_read_it(site: ShareSite, browser: Browser, count: int) -> None:
    """In light and dark, on the smallest screen, with names of any length; before and after."""
    names = ["x" * 240 + ".pdf", "a b.txt", *(f"{number}.txt" for number in range(count - 2))]
    note = "A few words, and one that breaks nowhere: " + "x" * 200
    browser.open(site.share(of(*names), max_downloads=3, said={"note": note}))

    assert problems_of(browser) == []
    browser.click(button(0))
    ends(browser)
    assert problems_of(browser) == []


def test_a_thousand_files_are_there_soon(site: ShareSite, browser: Browser) -> None:
    """The page is small enough for Lambda, and a phone shows it without a pause that one feels."""
    link = site.share(numbered(1000), max_downloads=3)

    browser.see_as(phone=True)
    browser.open(link)

    assert browser.text(ALL) == "Download all 1000 files"
    assert len(browser.run("return document.documentElement.outerHTML")) < 300_000
    assert browser.run("return document.querySelectorAll('li button').length") == 1000


def test_one_share_of_a_link_is_no_other(site: ShareSite, browser: Browser) -> None:
    """A file that was put in another's place, without the share's mark, is not given."""
    link = site.share(numbered(2))
    site.bucket.fill("photos/a/file 0.txt", b"another's", {"s3link-share": f"{SHARE_ID}-2"})
    browser.open(link)

    browser.click(button(0))

    ends(browser)
    assert browser.texts("#all li") == ["file 0.txt: This file has been removed."]

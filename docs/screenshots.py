"""Takes the pictures of the portal, the members area and the local inbox in these documents:
`make pictures`.

The pages are those of a deployment on the embedded AWS, as Chromium shows them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from files.metadata import header_text

from deploy.local.as_member import temporary_password
from deploy.local.server import EmbeddedAws
from tests.browser import Browser, chromium
from tests.e2e.inbox_window import open_mail
from tests.e2e.members import Members
from tests.e2e.members_window import VERSIONS, heading_is, sign_in_first
from tests.e2e.portal import Portal

FOLDER = Path(__file__).resolve().parent
SIZE = (1000, 740)  # CSS pixels
SMALL = (1000, 470)
WIDE = (1280, 820)
TALL = (1000, 900)
SCALE = 2  # for screens of today

NAME = "Quarterly report (final).pdf"
NOTE = "Hello Bob,\nhere is the report. What you asked about is on page 7.\nAnn"
FILE_SIZE = 4_321_000  # bytes

SHARED = {
    "harbour/At dawn.jpg": 3_456_000,
    "harbour/The ferry.jpg": 2_890_000,
    "Quarterly report (final).pdf": 4_321_000,
    "Figures.xlsx": 48_200,
}  # bytes

# Of each mail in the inbox, the last one the newest: for whom, the file, its size, and a note.
MAILED = (
    ("ann@example.com", "slides for Monday.key", 12_345_678, ""),
    ("carol@example.com", "Q3 figures.xlsx", 48_200, ""),
    (
        "bob@example.com",
        "my report (final) + ü.pdf",
        34_039,
        "As discussed: the final figures. The appendix follows on Thursday.",
    ),
)

MEMBER, PASSWORD = "bob@example.com", "correct horse battery"
VERSIONS_SHOWN = {
    "1.4.0-beta.1": {"Lighthouse.zip": 7_654_000},
    "1.4.0": {"Lighthouse (Windows).zip": 8_123_000, "Lighthouse (macOS).zip": 9_876_000},
}  # bytes
NOTES = {
    "1.4.0-beta.1": "The first build with the new harbour. Saving does not work yet.",
    "1.4.0": "Saving works again.\nThe harbour is finished: please try to get the boat out.",
}
# Readers see their own system's font; Debian's stand-in for it is wider than all of them.
FONT = "document.body.style.fontFamily = 'Arial'"


def main() -> None:
    """Take a picture of each page, as those see it who get files."""
    with TemporaryDirectory() as directory, chromium() as browser:
        browser.live_in("Europe/Berlin")
        with EmbeddedAws() as aws:
            portal = Portal(aws, Path(directory), ExchangableObjectsTTL="7")
            take_inbox(browser, portal)
            take_portal(browser, portal)
        with EmbeddedAws() as aws:
            take_members(browser, Members(aws, Path(directory)))


def take_inbox(browser: Browser, portal: Portal) -> None:
    """Send mails, and look at the newest one."""
    # Before the mail is shown: its frame is drawn by a process of its own, some time after this.
    browser.see_as(size=WIDE, scale=SCALE)
    for recipient, name, size, note in MAILED:
        portal.upload(f"{recipient}/{name}", bytes(size), **({"note": note} if note else {}))
        newest = portal.mail_to(recipient)
    open_mail(browser, portal.inbox, recipient, newest.subject)
    with browser.frame("#frame"):
        browser.wait_until(lambda: browser.shows("a"))
    shoot(browser, "inbox.png", WIDE)


def take_portal(browser: Browser, portal: Portal) -> None:
    """Share a file, and look at what a recipient sees."""
    shared = portal.share(NAME, bytes(FILE_SIZE), note=header_text(NOTE), max_downloads="3")
    take(browser, shared.link, "portal.png", SIZE)
    take(browser, shared.link, "portal-dark.png", SIZE, "dark")
    take(browser, portal.url, "request-page.png", SMALL)
    take(browser, portal.share_files(SHARED, note=NOTE).link, "share-page.png", TALL)


def take_members(browser: Browser, members: Members) -> None:
    """Publish versions, come by invitation, and look at what a member sees."""
    for version, sizes in VERSIONS_SHOWN.items():
        members.publish(
            version, {name: bytes(size) for name, size in sizes.items()}, NOTES[version]
        )
    take(browser, members.url, "members-sign-in.png", SMALL)
    invitation = members.invite(MEMBER)
    sign_in_first(browser, MEMBER, temporary_password(invitation.html), PASSWORD)
    heading_is(browser, VERSIONS)
    shoot(browser, "members.png", SIZE)
    shoot(browser, "members-dark.png", SIZE, "dark")


def take(
    browser: Browser, address: str, file: str, size: tuple[int, int], scheme: str = "light"
) -> None:
    browser.open(address)
    shoot(browser, file, size, scheme)


def shoot(browser: Browser, file: str, size: tuple[int, int], scheme: str = "light") -> None:
    """The page that the browser shows."""
    browser.see_as(scheme, size=size, scale=SCALE)
    browser.run(FONT)
    browser.screenshot(FOLDER / file)


if __name__ == "__main__":
    main()

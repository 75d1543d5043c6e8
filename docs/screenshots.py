"""Takes the pictures of the portal in these documents: `make pictures`.

The pages are those of a deployment on the embedded AWS, as Chromium shows them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from files.metadata import header_text

from deploy.local.server import EmbeddedAws
from tests.browser import Browser, chromium
from tests.e2e.portal import Portal

FOLDER = Path(__file__).resolve().parent
SIZE = (1000, 740)  # CSS pixels
SMALL = (1000, 470)
SCALE = 2  # for screens of today

NAME = "Quarterly report (final).pdf"
NOTE = "Hello Bob,\nhere is the report. What you asked about is on page 7.\nAnn"
FILE_SIZE = 4_321_000  # bytes
# Readers see their own system's font; Debian's stand-in for it is wider than all of them.
FONT = "document.body.style.fontFamily = 'Arial'"


def main() -> None:
    """Share a file, and take a picture of each page that a recipient sees."""
    with EmbeddedAws() as aws, TemporaryDirectory() as directory, chromium() as browser:
        portal = Portal(aws, Path(directory), ExchangableObjectsTTL="7")
        shared = portal.share(NAME, bytes(FILE_SIZE), note=header_text(NOTE), max_downloads="3")
        browser.live_in("Europe/Berlin")
        take(browser, shared.link, "portal.png", SIZE)
        take(browser, shared.link, "portal-dark.png", SIZE, "dark")
        take(browser, portal.url, "request-page.png", SMALL)


def take(
    browser: Browser, address: str, file: str, size: tuple[int, int], scheme: str = "light"
) -> None:
    browser.see_as(scheme, size=size, scale=SCALE)
    browser.open(address)
    browser.run(FONT)
    browser.screenshot(FOLDER / file)


if __name__ == "__main__":
    main()

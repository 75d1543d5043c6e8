"""A browser in front of the members' page: what a member does there."""

from __future__ import annotations

from tests.browser import Browser
from tests.e2e.members_area import MembersArea

VERSIONS = "Versions"
SIGN_IN = "Members area"


def heading_is(browser: Browser, heading: str) -> None:
    browser.wait_until(lambda: browser.texts("h1") == [heading])


def open_area(browser: Browser, area: MembersArea) -> None:
    browser.open(f"{area.url}/")
    browser.wait_until(lambda: browser.shows("#view button"))


def sign_in(browser: Browser, area: MembersArea, heading: str = VERSIONS) -> None:
    """Press the button, and the one of the login page."""
    open_area(browser, area)
    press_through(browser, heading)


def press_through(browser: Browser, heading: str = VERSIONS) -> None:
    browser.click("#view button")
    heading_is(browser, "Login")
    browser.click("button")
    heading_is(browser, heading)


def says(browser: Browser, part: str, where: str = "#messages") -> None:
    browser.wait_until(lambda: part in browser.text(where))

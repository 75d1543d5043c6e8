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


def fill_in(browser: Browser, title: str, **fields: str) -> None:
    """Fill in a page of Cognito's login and send it."""
    browser.wait_until(lambda: browser.title == title)
    for name, text in fields.items():
        browser.click(f"#{name}")
        browser.type(text)
    browser.click("form button")


def sign_in_first(browser: Browser, address: str, temporary: str, password: str) -> None:
    """From the area's page, with a mailed password, to one's own and what comes after it."""
    browser.click("#view button")
    fill_in(browser, "Sign in", username=address, password=temporary)
    fill_in(browser, "Choose a password", password=password)

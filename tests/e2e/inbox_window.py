"""A browser in front of the inbox: mails, their links, and what is downloaded by way of them."""

from __future__ import annotations

from tests.browser import Browser


def open_mail(browser: Browser, inbox: str, recipient: str, subject: str) -> None:
    """Choose the newest mail to somebody."""
    browser.open(inbox)
    browser.wait_until(lambda: recipient in browser.texts(".who"))
    position = browser.texts(".who").index(recipient) + 1
    browser.click(f"#entries > :nth-child({position}) .entry")
    browser.wait_until(lambda: browser.text("#subject") == subject)


def click_its_link(browser: Browser) -> None:
    """Click the button of the mail that is shown, and look at the tab that opens."""
    before = browser.tabs()
    with browser.frame("#frame"):
        browser.click("a")
    browser.wait_until(lambda: len(browser.tabs()) > len(before))
    browser.look_at(next(tab for tab in browser.tabs() if tab not in before))
    browser.wait_until(lambda: browser.shows("h1"))

"""With ConfirmRecipient, the page asks for the recipient's address before it says anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.accessibility import problems_of
from tests.browser import ENTER, TAB, Browser
from tests.e2e.portal import Portal, follow, press
from tests.local.apis import ask

pytestmark = pytest.mark.slow

NO_ADDRESS = "Enter an email address, such as bob@example.com."
WRONG = "The link was not sent to that address. Enter the one that got the email."


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        yield Portal(aws, tmp_path_factory.mktemp("operator"), ConfirmRecipient="true")


def answer(browser: Browser, address: str) -> None:
    """Type an address into the page's field, by keyboard."""
    browser.run("document.activeElement.blur()")
    browser.type(TAB + address + ENTER)


def test_before_the_answer_nothing_is_told(portal: Portal, browser: Browser) -> None:
    """Not the file's name or size, not the note; only who shared something, and until when."""
    shared = portal.share("dismissal of Bob.pdf", b"x" * 12_345, note="He does not know yet.")

    browser.open(shared.link)

    whole = browser.run("return document.documentElement.outerHTML")
    assert browser.text("h1") == browser.title == "Is this link for you?"
    assert "links@example.com" in browser.text("main")
    for told in ("dismissal", "12.3", "He does not", shared.recipient, shared.key):
        assert told not in whole
    assert problems_of(browser) == []


def test_after_a_typing_error_and_a_wrong_address_the_right_one_downloads(
    portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    """Each page says what was wrong, beside the field; upper and lower case are the same."""
    shared = portal.share()
    browser.open(shared.link)

    answer(browser, "bob@example")
    browser.wait_until(lambda: browser.text("[role=alert]") == NO_ADDRESS)
    assert problems_of(browser) == []
    answer(browser, "bob@example.com")
    browser.wait_until(lambda: browser.text("[role=alert]") == WRONG)
    assert browser.run("return document.getElementById('address').ariaInvalid") == "true"
    assert problems_of(browser) == []
    answer(browser, shared.recipient.upper())

    assert browser.saved(tmp_path, "report.pdf") == shared.content
    assert portal.row(shared.id)["Downloads"] == 1
    assert browser.text("h1") == browser.title == "Your download has started"
    assert browser.run("return document.querySelectorAll('[role=alert]').length") == 0
    assert problems_of(browser) == []


def test_without_javascript_as_well(portal: Portal, browser: Browser, tmp_path: Path) -> None:
    """The error goes with its page."""
    shared = portal.share()
    browser.allow_scripts(False)
    browser.open(shared.link)

    browser.type(TAB + "bob@example.com" + ENTER)
    browser.wait_until(lambda: browser.text("[role=alert]") == WRONG)
    browser.type(TAB + shared.recipient + ENTER)

    assert browser.saved(tmp_path, "report.pdf") == shared.content
    assert browser.text("h1") == "Your download has started"


def test_after_five_wrong_addresses_the_link_rests(portal: Portal, browser: Browser) -> None:
    """Then not even the right one opens it, until its time has passed."""
    shared = portal.share()
    browser.open(shared.link)

    for number in range(5):
        answer(browser, f"guess{number}@example.com")
        # The answer to a guess looks as the one before: the row tells when it has come.
        browser.wait_until(lambda n=number: _answers(portal, shared.id) == (n + 1) % 5)
    browser.wait_until(lambda: browser.text("h1") == "This link is locked for a while")
    refused = press(shared.link, address=shared.recipient)
    portal.change_row(shared.id, LockedUntil=int(time.time()))
    served = press(shared.link, address=shared.recipient)

    assert refused.status == 429
    assert follow(served).body == shared.content
    assert portal.row(shared.id)["Downloads"] == 1


@pytest.mark.parametrize(
    ("fields", "status", "problem"),
    [
        ({}, 400, NO_ADDRESS),
        ({"address": ""}, 400, NO_ADDRESS),
        ({"address": "x" * 400}, 400, NO_ADDRESS),
        ({"address": "bob+reader@example.com"}, 403, WRONG),
        ({"email": "bob@example.com"}, 400, NO_ADDRESS),
    ],
)
def test_what_no_page_sends(
    portal: Portal, fields: dict[str, str], status: int, problem: str
) -> None:
    """A form that somebody makes up gets no further than a wrong address does."""
    shared = portal.share()

    reply = press(shared.link, **fields)

    assert reply.status == status
    assert problem in reply.body.decode()
    assert b"report.pdf" not in reply.body
    assert portal.row(shared.id)["Downloads"] == 0


def test_an_address_in_the_query_is_no_answer(portal: Portal) -> None:
    """It would stand in logs and histories; only the form counts."""
    shared = portal.share()

    reply = ask(f"{shared.link}?address={shared.recipient}", "POST")

    assert reply.status == 400
    assert portal.row(shared.id)["Downloads"] == 0


def _answers(portal: Portal, link_id: str) -> int:
    """How many wrong addresses were counted; none are left once the link is locked."""
    row = portal.row(link_id)
    return 0 if "LockedUntil" in row else int(row.get("WrongAnswers", -1))

"""Every page of the portal, as a person sees it: what it says, and whether everybody can read it.

The console has to stay empty in all of these tests.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.accessibility import problems_of
from tests.browser import ENTER, TAB, Browser
from tests.e2e.portal import Portal, follow, press
from tests.local.apis import ask

pytestmark = pytest.mark.slow

# Goes to a page as a person does.
Way = Callable[[Portal, Browser], None]

NOTE = "A few words, and one that breaks nowhere: " + "x" * 200


def link(portal: Portal, browser: Browser) -> None:
    browser.open(portal.share().link)


def link_with_everything(portal: Portal, browser: Browser) -> None:
    shared = portal.share("200 characters " + "x" * 181 + ".pdf", note=NOTE, max_downloads="7")
    browser.open(shared.link)


def expired(portal: Portal, browser: Browser) -> None:
    shared = portal.share()
    portal.change_row(shared.id, ExpiresAt=int(time.time()) - 1)
    browser.open(shared.link)


def revoked(portal: Portal, browser: Browser) -> None:
    shared = portal.share()
    ran = portal.s3link(f"links revoke {shared.id} --yes")
    assert ran.exit_code == 0, ran.stderr
    browser.open(shared.link)


def used_up(portal: Portal, browser: Browser) -> None:
    shared = portal.share(max_downloads="1")
    press(shared.link)
    portal.change_row(shared.id, GraceUntil=int(time.time()))
    browser.open(shared.link)


def expired_while_it_was_looked_at(portal: Portal, browser: Browser) -> None:
    shared = portal.share()
    browser.open(shared.link)
    portal.change_row(shared.id, ExpiresAt=int(time.time()) - 1)
    browser.click("button")


def locked(portal: Portal, browser: Browser) -> None:
    shared = portal.share()
    portal.change_row(shared.id, LockedUntil=int(time.time()) + 600)
    browser.open(shared.link)


def without_its_file(portal: Portal, browser: Browser) -> None:
    shared = portal.share()
    portal.remove(shared.key, shared.version)
    browser.open(shared.link)


def unknown(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/d/{'A' * 43}")


def malformed(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/d/A")


def no_page(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/downloads")


def request(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/")


def request_for_a_file(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/?file=folder/{'x' * 200}.pdf")


def request_with_a_typing_error(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/")
    browser.type(TAB + "bob@example" + ENTER)  # for a browser that is an address


def requested(portal: Portal, browser: Browser) -> None:
    browser.open(f"{portal.url}/")
    browser.type(TAB + "eve@elsewhere.example" + ENTER)


ASK_AGAIN = "Ask the person who shared it to share it again."
COPY_ALL = "Open it from the email itself, or copy all of it."

# The way to a page, its heading, and what it tells the person to do.
PAGES: list[tuple[Way, str, str]] = [
    (link, "report.pdf", "Download the file"),
    (link_with_everything, "200 characters " + "x" * 181 + ".pdf", "Download the file"),
    (expired, "This link has expired", ASK_AGAIN),
    (expired_while_it_was_looked_at, "This link has expired", ASK_AGAIN),
    (
        revoked,
        "This link has been withdrawn",
        "If you still need it, ask the person who shared it.",
    ),
    (used_up, "This link has been used up", ASK_AGAIN),
    (locked, "This link is locked for a while", "Try again after "),
    (without_its_file, "This file has been removed", ASK_AGAIN),
    (unknown, "This link does not exist", COPY_ALL),
    (malformed, "This link does not exist", COPY_ALL),
    (no_page, "Page not found", "Open the link in your email."),
    (request, "Get your links by email", "Enter your email address"),
    (
        request_for_a_file,
        "Get your links by email",
        "a new link to one file, if it is shared with you.",
    ),
    (
        request_with_a_typing_error,
        "Get your links by email",
        "Enter an email address, such as bob@example.com.",
    ),
    (requested, "Check your inbox", "Check your spam folder"),
]


@pytest.mark.parametrize(
    ("go", "heading", "advice"), PAGES, ids=[way.__name__ for way, _, _ in PAGES]
)
def test_everybody_can_read_what_to_do(
    portal: Portal, browser: Browser, go: Way, heading: str, advice: str
) -> None:
    """A page says what is the matter and what to do next; in light, in dark, on a small phone."""
    go(portal, browser)
    browser.wait_until(lambda: browser.text("h1") == heading)

    assert advice in browser.text("main")
    assert problems_of(browser) == []


def test_the_audit_finds_what_is_hard_to_read(portal: Portal, browser: Browser) -> None:
    """So that it finds nothing above says something."""
    request(portal, browser)
    browser.run(
        """
        document.documentElement.lang = "";
        document.querySelector("label").htmlFor = "nobody";
        document.querySelector("h1").style.color = "gray";
        document.querySelector("main").style.width = "500px";
        """
    )

    problems = " ".join(problems_of(browser))

    assert "light: The page does not say its language." in problems
    assert "light: A field has no label." in problems
    assert 'light: <h1> "Get your links by email" has a contrast of 3.95 only.' in problems
    assert "dark: The page is 5" in problems


def test_unknown_and_malformed_links_cannot_be_told_apart(portal: Portal) -> None:
    """Nor can one with the id of a real link: the answers are the same, byte for byte."""
    real = portal.share().link
    guesses = [
        f"{portal.url}/d/{'A' * 43}",
        f"{portal.url}/d/A",
        f"{portal.url}/d/%00%FF",
        f"{real[:-1]}{'A' if real[-1] != 'A' else 'Q'}",
        f"{real}A",
    ]

    answers = [ask(guess, method) for guess in guesses for method in ("GET", "POST")]

    fleeting = ("date", "apigw-requestid")
    seen = {
        (a.status, a.body, tuple(one for one in a.headers if one[0].lower() not in fleeting))
        for a in answers
    }
    assert len(seen) == 1
    assert answers[0].status == 404


@pytest.mark.parametrize("after", ["/", ".", ")", "%20", "%3E", "/.", "_"])
def test_a_link_works_with_what_mail_programs_append(portal: Portal, after: str) -> None:
    """Through the API, whichever of its routes takes it; the button leads to the file."""
    shared = portal.share()
    link = f"{shared.link}{after}"

    page, head, answer = ask(link), ask(link, "HEAD"), press(link)

    assert (page.status, head.status) == (200, 200)
    assert "Download the file" in page.body.decode()
    assert follow(answer).body == shared.content

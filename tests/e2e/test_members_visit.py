"""A member with a real browser: from the invitation to the sign-out, and what is left after it.

The console has to stay empty. Nobody waits for a minute to pass: the embedded AWS's clock is moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.local.as_member import temporary_password
from deploy.local.server import EmbeddedAws
from tests.browser import Browser
from tests.e2e.inbox_window import click_its_link, open_mail
from tests.e2e.members import INVITATION, Members
from tests.e2e.members_window import (
    SIGN_IN,
    VERSIONS,
    fill_in,
    heading_is,
    says,
    sign_in_first,
)
from tests.e2e.places import as_written, listening, places_of, search, session_secrets
from tests.local.apis import ask
from tests.local.cognito.area import app_code
from tests.local.links import Clock

pytestmark = pytest.mark.slow

VERSION, NAME, CONTENT = "1.4.0", "my game (final beta) + ü.zip", b"the game" * 1_000
PASSWORD = "correct horse battery"
PAST_ITS_MINUTE = timedelta(seconds=61)

# What a page of the area sends and is told from now on, as a thief in the browser would keep it.
LISTEN = """
    const real = window.fetch;
    window.heard = [];
    window.fetch = async (address, options) => {
        const answer = await real(address, options);
        const told = await answer.clone().text();
        window.heard.push([String(options?.body ?? ""), told]);
        return answer;
    };
"""
# All that a browser keeps of a page.
KEPT = """
    return JSON.stringify([
        {...sessionStorage}, {...localStorage}, document.cookie, history.state, location.href,
        window.name, document.documentElement.outerHTML,
    ]);
"""


@dataclass
class Place:
    members: Members
    clock: Clock
    said: list[str]  # by this process's log


@dataclass(frozen=True)
class Heard:
    """What the page had in its hands while somebody was signed in."""

    tokens: dict[str, str]
    verifier: str
    code: str
    url: str

    @property
    def secrets(self) -> set[str]:
        given = {self.tokens[f"{kind}_token"] for kind in ("access", "id", "refresh")}
        signature = parse_qs(urlsplit(self.url).query)["X-Amz-Signature"][0]
        return as_written({*given, self.verifier, self.code, signature})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    clock = Clock()
    with listening() as said, EmbeddedAws(clock=clock) as aws:
        members = Members(aws, tmp_path_factory.mktemp("operator"))
        members.publish(VERSION, {NAME: CONTENT})
        yield Place(members, clock, said)


def come_by_invitation(browser: Browser, members: Members, address: str) -> str:
    """Read the mail in the inbox and follow its button; gives the temporary password."""
    mail = members.invite(address)
    open_mail(browser, members.inbox, address, INVITATION)
    with browser.frame("#frame"):
        assert address in browser.texts("p.strong")
        password = browser.texts("p.strong")[-1]
    assert password == temporary_password(mail.html)
    click_its_link(browser)
    heading_is(browser, SIGN_IN)
    return password


def send_survey(browser: Browser, rating: str, comment: str = "") -> None:
    position = browser.texts(".choice").index(rating)
    browser.run(f"document.querySelectorAll('.choice')[{position}].click()")
    if comment:
        browser.click("textarea")
        browser.type(comment)
    browser.click('[data-slot="send"]')


def heard(browser: Browser) -> Heard:
    said: list[list[str]] = browser.run("return window.heard")
    [(sent, tokens)] = [one for one in said if "code_verifier" in one[0]]
    [url] = [json.loads(told)["url"] for _, told in said if told.startswith('{"url"')]
    form = parse_qs(sent)
    return Heard(json.loads(tokens), form["code_verifier"][0], form["code"][0], url)


def rating_of(place: Place, address: str) -> Any:
    [row] = [row for row in place.members.answers() if row["member"] == address]
    return row["answers"].get("rating")


def test_a_visit(place: Place, browser: Browser, downloads: Path) -> None:
    """Invitation, first password, download, survey, another answer, sign-out; and then nothing of
    it opens anything any more, and none of it is left anywhere."""
    members, address = place.members, "ann@example.com"
    temporary = come_by_invitation(browser, members, address)
    browser.run_first(LISTEN)

    sign_in_first(browser, address, temporary, PASSWORD)
    heading_is(browser, VERSIONS)
    assert browser.text("#who") == address
    assert browser.texts("h2") == [VERSION]
    browser.click('[data-slot="download"]')
    assert browser.saved(downloads, NAME) == CONTENT

    browser.click('[data-slot="survey"]')
    heading_is(browser, f"Survey for {VERSION}")
    send_survey(browser, "4", "I like it. <b>=cmd()</b>")
    says(browser, "Thank you, your answers are saved.")
    assert rating_of(place, address) == 4
    send_survey(browser, "5")
    browser.wait_until(lambda: rating_of(place, address) == 5)
    says(browser, "Thank you, your answers are saved.")

    had, kept = heard(browser), browser.run(KEPT)
    access = had.tokens["access_token"]
    assert members.ask("GET /artifacts", access).status == 200
    assert ask(had.url).body == CONTENT
    browser.run("window.unloaded = false; scrollTo(0, 0)")
    browser.click("#sign-out")
    browser.wait_until(lambda: browser.run("return window.unloaded") is None)
    heading_is(browser, SIGN_IN)
    kept += browser.run(KEPT)

    late = members.ask("GET /artifacts", access)
    assert (late.status, late.document) == (401, {"error": "Your session is over; sign in again."})
    assert ask(had.url).status == 200  # S3 asks nobody, until the minute is over
    place.clock.ahead = PAST_ITS_MINUTE
    try:
        assert ask(had.url).status == 403
    finally:
        place.clock.ahead = timedelta()
    refresh = {"grant_type": "refresh_token", "refresh_token": had.tokens["refresh_token"]}
    body = "&".join(f"{name}={value}" for name, value in refresh.items())
    refused = ask(
        f"{members.pool.issuer}/oauth2/token",
        "POST",
        f"client_id={members.names['MembersClient']}&{body}".encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (refused.status, refused.document) == (400, {"error": "invalid_grant"})

    visited = " ".join(browser.visited())
    browser.back()
    browser.wait_until(
        lambda: browser.texts("h1") in ([SIGN_IN], ["Sign in"], ["This did not work"])
    )
    assert VERSION not in browser.text("body")
    browser.open(f"{members.url}/")
    browser.reload()
    browser.wait_until(lambda: browser.texts("#view button") == ["Sign in"])
    assert VERSION not in browser.text("body")
    browser.click("#view button")
    browser.wait_until(lambda: browser.title == "Sign in")  # the password is asked for again

    assert [secret for secret in had.secrets if secret in kept + visited] == []
    secrets = {*had.secrets, PASSWORD, temporary, *session_secrets()}
    assert search(places_of(members, "\n".join(place.said)), secrets) == set()


def test_with_an_authenticator_app(place: Place, browser: Browser) -> None:
    """Set up at the first sign-in, and asked for at the next."""
    members, address = place.members, "bob@example.com"
    with members.with_apps_for_all():
        temporary = come_by_invitation(browser, members, address)

        sign_in_first(browser, address, temporary, PASSWORD)
        browser.wait_until(lambda: browser.title == "Set up an authenticator app")
        secret = browser.text("#secret")
        code = app_code(secret, place.clock().timestamp())
        fill_in(browser, "Set up an authenticator app", code=code)
        heading_is(browser, VERSIONS)
        browser.click("#sign-out")
        browser.wait_until(lambda: browser.texts("#view button") == ["Sign in"])

        browser.click("#view button")
        fill_in(browser, "Sign in", username=address, password=PASSWORD)
        fill_in(browser, "Your authenticator app", code=code)
        says(browser, "This code is not right.", "[role=alert]")  # it was used
        place.clock.ahead = timedelta(seconds=30)
        try:
            code = app_code(secret, place.clock().timestamp())
            fill_in(browser, "Your authenticator app", code=code)
            heading_is(browser, VERSIONS)
        finally:
            place.clock.ahead = timedelta()
        assert browser.text("#who") == address
        browser.click("#sign-out")
        browser.wait_until(lambda: browser.texts("#view button") == ["Sign in"])

"""The members' page and its login: in, out, and all that may go wrong on the way.

The console has to stay empty in all of these tests.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.browser import Browser
from tests.e2e.members_area import MembersArea
from tests.e2e.members_login import CLIENT_ID
from tests.e2e.members_window import (
    SIGN_IN,
    VERSIONS,
    heading_is,
    open_area,
    press_through,
    says,
    sign_in,
)
from tests.local.apis import ask

pytestmark = pytest.mark.slow

NOT_BEGUN_HERE = (
    "This sign-in was started somewhere else, or has been used before. "
    "Press Sign in to start again."
)
SESSION_ENDED = "Your session has ended. Sign in again to continue; what you wrote has been kept."

# All that a page can keep, and all that it shows.
KEPT = """
    return JSON.stringify([
        {...sessionStorage}, {...localStorage}, document.cookie, history.state, location.href,
        window.name, document.documentElement.outerHTML, Object.keys(window).map((key) => {
            try { return JSON.stringify(window[key]); } catch { return ""; }
        }),
    ]);
"""


def test_a_member_signs_in(area: MembersArea, member: Browser) -> None:
    """With a code that only the page's own verifier opens."""
    sign_in(member, area)

    assert area.login.grants == ["authorization_code"]
    assert member.text("#who") == "bob@example.com"
    assert member.texts("h2") == ["1.4.0"]
    assert member.address == f"{area.url}/"
    assert member.run("return document.activeElement.localName") == "h1"
    assert member.title == "Versions – Members area"


def test_nothing_of_a_sign_in_is_kept(area: MembersArea, member: Browser) -> None:
    """No code, token or verifier is in any storage, in the page, in a global name or in the
    history of the tab."""
    sign_in(member, area)
    member.click('[data-slot="survey"]')
    heading_is(member, "Survey for 1.4.0")

    kept = member.run(KEPT) + "".join(
        address for address in member.visited() if address.startswith(area.url)
    )

    assert len(area.login.given) == 4  # a code and three tokens
    assert [secret for secret in area.login.given if secret in kept] == []
    assert sorted(member.run("return Object.keys(sessionStorage)")) == ["members.signed-in"]


@pytest.mark.parametrize(
    ("lies", "grants"),
    [
        ({"state": "another"}, []),
        ({"nonce": "another"}, ["authorization_code"]),
        ({"nonce": None}, ["authorization_code"]),
        ({"iss": "https://login.example.com"}, ["authorization_code"]),
        ({"aud": "another client"}, ["authorization_code"]),
        ({"token_use": "access"}, ["authorization_code"]),
    ],
)
def test_an_answer_to_another_sign_in_is_refused(
    area: MembersArea, member: Browser, lies: dict[str, Any], grants: list[str]
) -> None:
    """A wrong state stops it before the code is used, a wrong ID token before anything is shown."""
    area.login.lies = lies
    open_area(member, area)

    press_through(member, SIGN_IN)
    says(member, NOT_BEGUN_HERE)

    assert area.login.grants == grants
    assert member.run("return sessionStorage.length") == 0
    assert member.address == f"{area.url}/"


def test_a_link_with_somebody_elses_code_is_refused(area: MembersArea, member: Browser) -> None:
    """It was not asked for in this tab."""
    member.open(f"{area.url}/?code=attackers-code&state=attackers-state")

    says(member, NOT_BEGUN_HERE)
    assert area.login.grants == []
    assert not [address for address in member.visited() if "attackers" in address]


def test_a_login_that_says_no_is_told(area: MembersArea, member: Browser) -> None:
    """In the page's own words, not in those of the address."""
    area.login.refuses = "access_denied"
    open_area(member, area)

    press_through(member, SIGN_IN)

    says(member, "You could not be signed in. Press Sign in to try again.")
    assert member.address == f"{area.url}/"


def test_a_login_that_is_down_is_told(area: MembersArea, window: Browser) -> None:
    area.login.is_down = True
    open_area(window, area)
    press_through(window, SIGN_IN)
    says(
        window,
        "The sign-in service cannot be reached. Check your connection, wait a minute and try "
        "again.",
    )

    area.login.is_down = False
    window.click("#view button")  # the login page knows the member by now

    heading_is(window, VERSIONS)


def test_a_reload_signs_in_again_by_itself(area: MembersArea, member: Browser) -> None:
    """The login page's own session does it, and the page is at the same place again."""
    sign_in(member, area)
    member.click('[data-slot="survey"]')
    heading_is(member, "Survey for 1.4.0")

    member.reload()
    member.wait_until(lambda: len(area.login.grants) == 2)
    heading_is(member, "Survey for 1.4.0")

    assert area.login.forms_shown == 1


def test_coming_back_from_another_page_signs_in_again(area: MembersArea, member: Browser) -> None:
    """What the browser sets aside for its back button has neither tokens nor content."""
    sign_in(member, area)
    member.open("about:blank")

    member.back()
    member.wait_until(lambda: len(area.login.grants) == 2)

    heading_is(member, VERSIONS)
    assert area.login.grants == ["authorization_code"] * 2
    assert area.login.forms_shown == 1


def test_the_login_is_never_opened_in_a_circle(area: MembersArea, member: Browser) -> None:
    """A reload whose sign-in is refused ends at the button."""
    sign_in(member, area)
    area.login.refuses = "access_denied"

    member.reload()
    says(member, "You could not be signed in.")
    member.reload()

    member.wait_until(lambda: member.texts("#view button") == ["Sign in"])
    assert member.text("#messages") == ""


def test_signing_out_ends_everything(area: MembersArea, member: Browser) -> None:
    """The API refuses the tokens, the login forgets the member, and no button of the browser brings
    anything back."""
    sign_in(member, area)
    member.click('[data-slot="survey"]')
    heading_is(member, "Survey for 1.4.0")
    (access, refresh) = area.login.given[1:3]
    member.run("window.unloaded = false")

    member.click("#sign-out")
    heading_is(member, SIGN_IN)
    member.wait_until(lambda: member.run("return window.unloaded") is None)

    assert (area.signed_out, area.login.revoked) == ([access], [refresh])
    assert area.login.logged_in == set()
    for _ in range(2):
        member.back()
        member.wait_until(lambda: member.texts("h1") in ([SIGN_IN], ["Login"]))
        assert "1.4.0" not in member.text("body")
    assert area.login.grants == ["authorization_code"]


def test_after_signing_out_a_reload_asks_for_the_password(
    area: MembersArea, member: Browser
) -> None:
    sign_in(member, area)
    member.click("#sign-out")
    member.wait_until(lambda: member.texts("#view button") == ["Sign in"])
    member.reload()
    member.wait_until(lambda: member.texts("#view button") == ["Sign in"])

    member.click("#view button")

    heading_is(member, "Login")


def test_a_sign_out_that_fails_is_not_called_one(area: MembersArea, window: Browser) -> None:
    """Whoever leaves a shared computer has to know."""
    sign_in(window, area)
    area.broken["/sign-out"] = 503

    window.click("#sign-out")

    says(window, "You are still signed in. The members area is not responding.")
    assert window.shows("#bar")
    assert area.login.revoked == []


def test_a_session_that_was_signed_out_elsewhere_is_over(
    area: MembersArea, member: Browser
) -> None:
    """Nothing of it is shown any more."""
    sign_in(member, area)
    area.signed_out += area.login.access_tokens
    area.login.refresh_tokens.clear()

    member.click('[data-slot="survey"]')
    heading_is(member, SIGN_IN)

    says(member, SESSION_ENDED)
    assert "bob@example.com" not in member.run("return document.documentElement.outerHTML")
    assert area.login.faults.pop() == "refresh_token refused"


def test_a_session_that_the_api_has_ended_leaves_no_token(
    area: MembersArea, member: Browser
) -> None:
    """As after a reset: the login would still give new tokens for the one that the tab has."""
    sign_in(member, area)
    area.broken["/survey"] = 401

    member.click('[data-slot="survey"]')
    heading_is(member, SIGN_IN)

    assert area.login.grants == ["authorization_code", "refresh_token"]
    member.wait_until(lambda: not area.login.refresh_tokens)


def sign_in_beside_another_tab(area: MembersArea, browser: Browser) -> tuple[str, str]:
    """Gives the tab of the member, and one where the area is open, which is looked at."""
    sign_in(browser, area)
    first, second = browser.another_tab()
    browser.run_first("AbortSignal.timeout = () => null")  # a held answer may take its time
    open_area(browser, area)
    return first, second


def test_another_tab_hears_of_the_sign_out(area: MembersArea, member: Browser) -> None:
    """Each tab has tokens of its own, and ends them; the login page's session spares the second
    password."""
    first, second = sign_in_beside_another_tab(area, member)
    member.click("#view button")
    heading_is(member, VERSIONS)
    assert area.login.forms_shown == 1

    member.look_at(first)
    member.click("#sign-out")
    heading_is(member, SIGN_IN)
    member.look_at(second)
    heading_is(member, SIGN_IN)

    says(member, "You signed out in another tab.")
    assert member.run("return sessionStorage.length") == 0
    member.wait_until(lambda: len(set(area.login.revoked)) == 2)
    member.wait_until(lambda: len(set(area.signed_out)) == 2)


def sign_out_while_tokens_are_held(area: MembersArea, browser: Browser, *tabs: str) -> None:
    """Sign out in the first tab, and let the second have its new tokens once it has heard of it."""
    first, second = tabs
    browser.wait_until(lambda: bool(area.login.held))
    browser.look_at(first)
    browser.click("#sign-out")
    browser.look_at(second)
    says(browser, "You signed out in another tab.")
    area.login.let_go.set()


def is_refused(area: MembersArea, token: str) -> bool:
    """Whether the login gives nothing for a refresh token."""
    form = {"client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": token}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = ask(f"{area.login.origin}/token", "POST", urlencode(form).encode(), kind)
    return reply.status == 400 and area.login.faults.pop() == "refresh_token refused"


def test_another_tab_is_just_replacing_its_tokens(area: MembersArea, member: Browser) -> None:
    """The new ones come after it has heard of the sign-out, and open nothing."""
    tabs = sign_in_beside_another_tab(area, member)
    member.click("#view button")
    heading_is(member, VERSIONS)
    area.login.holds = "refresh_token"
    area.login.access_tokens.popitem()  # the second tab's
    member.click('[data-slot="survey"]')

    sign_out_while_tokens_are_held(area, member, *tabs)

    [late] = area.login.held
    member.wait_until(lambda: late in area.login.revoked)
    assert is_refused(area, late)
    assert member.texts("h1") == [SIGN_IN]


def test_another_tab_is_just_signing_in(area: MembersArea, member: Browser) -> None:
    """Its tokens come after it has heard of the sign-out, begin no session and open nothing."""
    tabs = sign_in_beside_another_tab(area, member)
    area.login.holds = "authorization_code"
    member.click("#view button")

    sign_out_while_tokens_are_held(area, member, *tabs)

    [late] = area.login.held
    member.wait_until(lambda: late in area.login.revoked)
    assert is_refused(area, late)
    assert member.texts("h1") == [SIGN_IN]
    assert member.run("return sessionStorage.length") == 0


def test_tokens_are_replaced_before_they_end(area: MembersArea, member: Browser) -> None:
    """By itself, each time with the newest refresh token."""
    area.login.lifetime = 2
    sign_in(member, area)

    member.wait_until(lambda: area.login.grants.count("refresh_token") >= 3)

    assert area.login.faults == []
    assert member.texts("h1") == [VERSIONS]


def test_refused_tokens_are_replaced_once(area: MembersArea, member: Browser) -> None:
    """However many questions are under way: a refresh token that comes twice ends the session."""
    area.versions[0]["files"] = [{"name": f"{number}.zip", "size": 1} for number in range(5)]
    sign_in(member, area)
    area.login.access_tokens.clear()

    member.run('for (const one of document.querySelectorAll(".files button")) one.click()')
    member.wait_until(lambda: len(area.urls) == 5)

    assert area.login.grants == ["authorization_code", "refresh_token"]


def test_no_text_can_become_markup(area: MembersArea, window: Browser) -> None:
    """The browser itself refuses it, should the page ever try."""
    open_area(window, area)

    refused = window.run(
        """
        try { document.body.innerHTML = "<b>x</b>"; } catch (error) { return error.name; }
        """
    )

    assert refused == "TypeError"


def test_without_scripts_the_page_says_so(area: MembersArea, member: Browser) -> None:
    member.allow_scripts(False)
    try:
        member.open(f"{area.url}/")
        assert "This page needs JavaScript. Allow it for this page" in member.text("main")
    finally:
        member.allow_scripts(True)


def test_without_a_login_the_page_says_to_wait(area: MembersArea, window: Browser) -> None:
    area.login_is_found = False

    window.open(f"{area.url}/")

    assert window.text("h1") == "You cannot sign in right now"
    assert "Wait a minute and reload this page." in window.text("main")


def test_a_browser_that_may_keep_nothing_is_told(area: MembersArea, window: Browser) -> None:
    """At once, and again at the button."""
    window.run_first("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")

    open_area(window, area)

    says(window, "Your browser does not let this page sign you in.")
    window.click("#view button")
    says(window, "The address must begin with https.")
    assert area.login.forms_shown == 0

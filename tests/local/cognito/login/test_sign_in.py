"""The login pages, as a person goes through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.local.apis import Reply
from tests.local.cognito.area import (
    CALLBACK,
    MEMBER,
    PASSWORD,
    Area,
    Browser,
    answer,
    app_code,
    between,
    mails,
    said,
    title,
)

pytestmark = pytest.mark.slow

NEW = "new@example.com"
WRONG = "Incorrect username or password."
WAIT = "Password attempts exceeded. Wait a while, then try again."


@pytest.fixture
def area(shared_area: Area) -> Area:
    return shared_area


@pytest.fixture
def area_with_apps(area: Area) -> Iterator[Area]:
    """Everybody needs an authenticator app."""
    pool = {"UserPoolId": area.pool_id}
    app = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    area.api.set_user_pool_mfa_config(**pool, MfaConfiguration="ON", **app)
    yield area
    area.api.set_user_pool_mfa_config(**pool, MfaConfiguration="OFF")


def test_signing_in(area: Area) -> None:
    """The right password leads back to the client, with a code and its own state."""
    back = answer(area.sign_in(area.browser()))

    assert back.keys() == {"code", "state"}
    assert back["state"] == "s&t"


def test_capitals_do_not_matter(area: Area) -> None:
    """The pool is not case sensitive."""
    assert "code" in answer(area.sign_in(area.browser(), "Ann@Example.com"))


@pytest.mark.parametrize("name", [MEMBER, "nobody@example.com"])
def test_a_wrong_password(area: Area, name: str) -> None:
    """One sentence, whoever the user is."""
    page = area.sign_in(area.browser(), name, "wrong")

    assert (page.status, said(page), title(page)) == (200, WRONG, "Sign in")


def test_a_disabled_user(area: Area) -> None:
    """Nobody learns that there is one."""
    area.api.admin_disable_user(UserPoolId=area.pool_id, Username=MEMBER)

    assert said(area.sign_in(area.browser())) == WRONG


@pytest.mark.parametrize("name", [MEMBER, "nobody-else@example.com"])
def test_too_many_wrong_passwords(area: Area, name: str) -> None:
    """After five one has to wait, a second at first and then twice as long each time."""
    for _ in range(5):
        assert said(area.sign_in(area.browser(), name, "wrong")) == WRONG

    assert said(area.sign_in(area.browser(), name, "wrong")) == WAIT
    area.clock.ahead += timedelta(seconds=2)
    assert said(area.sign_in(area.browser(), name, "wrong")) == WRONG
    assert said(area.sign_in(area.browser(), name)) == WAIT


def test_waiting_it_out(area: Area) -> None:
    """After a quarter of an hour nobody has to wait."""
    for _ in range(5):
        area.sign_in(area.browser(), MEMBER, "wrong")

    area.clock.ahead += timedelta(minutes=15)

    assert "code" in answer(area.sign_in(area.browser()))


def test_the_first_sign_in(area: Area) -> None:
    """The password of the invitation is good for choosing another one."""
    temporary = area.invite(NEW)
    browser = area.browser()

    page = area.sign_in(browser, NEW, temporary)
    short = browser.send(page, password="short")
    done = browser.send(short, password=PASSWORD)

    assert (title(page), title(short)) == ("Choose a password", "Choose a password")
    assert "At least 12 characters" in page.body.decode()
    assert said(short) == "Password did not conform with policy: Password not long enough"
    assert "code" in answer(done)
    assert said(area.sign_in(area.browser(), NEW, temporary)) == WRONG
    assert "code" in answer(area.sign_in(area.browser(), NEW))


def test_an_invitation_that_is_over(area: Area) -> None:
    """It holds for the days that the policy says; a new one holds again."""
    temporary = area.invite(NEW)

    area.clock.ahead += timedelta(days=7)
    late = area.sign_in(area.browser(), NEW, temporary)
    anew = area.invite(NEW, MessageAction="RESEND", UserAttributes=[])

    assert said(late) == ("Temporary password has expired and must be reset by an administrator.")
    assert anew != temporary
    page = area.sign_in(area.browser(), NEW, anew)
    assert title(page) == "Choose a password"


def test_an_attempt_that_took_too_long(area: Area) -> None:
    """One begins again; so does who brings a name of no attempt."""
    browser = area.browser()
    page = area.sign_in(browser, NEW, area.invite(NEW))

    made_up = browser.send(page, password=PASSWORD, attempt="made-up")
    area.clock.ahead += timedelta(minutes=15)
    late = browser.send(page, password=PASSWORD)

    assert said(made_up) == said(late) == "This took too long. Sign in again."


def authenticate(area: Area, browser: Browser, page: Reply) -> tuple[str, Reply]:
    """Set up an app with the secret that the page shows."""
    secret = between('<code id="secret">', "</code>", page.body.decode())
    return secret, browser.send(page, code=app_code(secret, area.clock().timestamp()))


def test_an_authenticator_app(area_with_apps: Area) -> None:
    """Where the pool wants it, it is set up once and asked for ever after; a code counts once."""
    area = area_with_apps
    first, second = area.browser(), area.browser()

    page = area.sign_in(first)
    wrong = first.send(page, code="000000")
    secret, done = authenticate(area, first, wrong)
    asked = area.sign_in(second)
    used = app_code(secret, area.clock().timestamp())
    again = second.send(asked, code=used)
    area.clock.ahead += timedelta(seconds=60)
    fresh = second.send(again, code=app_code(secret, area.clock().timestamp()))

    assert (title(page), title(asked)) == ("Set up an authenticator app", "Your authenticator app")
    assert said(wrong) == (
        "This code is not right. Type the one that your authenticator app shows now."
    )
    assert re.search(r'href="otpauth://totp/\S+ann%40example.com\?secret=', page.body.decode())
    assert "code" in answer(done)
    assert said(again) == said(wrong)
    assert "code" in answer(fresh)


def test_guessing_codes(area_with_apps: Area) -> None:
    """Codes are guessed no more often than passwords."""
    area = area_with_apps
    browser = area.browser()
    page = area.sign_in(browser)

    for _ in range(5):
        page = browser.send(page, code="000000")

    assert said(browser.send(page, code="000000")) == WAIT


def test_a_forgotten_password(area: Area) -> None:
    """A code comes by mail, and sets a new password with the pool's rules."""
    browser = area.browser()
    area.authorize(browser)
    page = browser.open(f"{area.issuer}/forgotPassword?{area.query()}")

    sent = browser.send(page, username=MEMBER)
    code = between("<b>", "</b>", mails()[-1].html)
    wrong = browser.send(sent, code="no", password="another password")
    short = browser.send(sent, code=code, password="short")
    done = browser.send(short, code=code, password="another password")
    again = browser.send(sent, code=code, password="a third password")

    assert mails()[-1].subject == "Your code"
    assert said(wrong) == "Invalid verification code provided, please try again."
    assert said(short) == "Password did not conform with policy: Password not long enough"
    assert said(done) == "Your password is set. Sign in with it."
    assert said(again) == "Invalid code provided, please request a code again."
    assert "code" in answer(browser.send(done, username=MEMBER, password="another password"))


def test_forgetting_who_nobody_is(area: Area) -> None:
    """The page is the same, no mail leaves, and no code fits."""
    browser = area.browser()
    page = browser.open(f"{area.issuer}/forgotPassword?{area.query()}")
    before = len(mails())

    known = browser.send(page, username=MEMBER)
    unknown = browser.send(page, username="nob@example.com")

    assert known.body.decode().replace(MEMBER, "x") == unknown.body.decode().replace(
        "nob@example.com", "x"
    )
    assert (len(mails()), mails("nob@example.com")) == (before + 1, [])
    guessed = browser.send(unknown, code="000000", password="another password")
    assert said(guessed) == "Invalid code provided, please request a code again."


def test_guessing_the_mailed_code(area: Area) -> None:
    """After five wrong ones it is worth nothing."""
    browser = area.browser()
    sent = browser.send(
        browser.open(f"{area.issuer}/forgotPassword?{area.query()}"), username=MEMBER
    )
    for _ in range(5):
        browser.send(sent, code="wrong", password="another password")

    code = between("<b>", "</b>", mails()[-1].html)

    assert said(browser.send(sent, code=code, password="another password")) == (
        "Invalid code provided, please request a code again."
    )


def test_a_password_that_was_reset(area: Area) -> None:
    """Whoever is to choose a new one gets to the page for it."""
    area.api.admin_reset_user_password(UserPoolId=area.pool_id, Username=MEMBER)
    browser = area.browser()

    page = area.sign_in(browser)
    done = browser.send(
        page, code=between("<b>", "</b>", mails()[-1].html), password="another password"
    )

    assert title(page) == "Choose a new password"
    assert said(done) == "Your password is set. Sign in with it."


def test_the_second_client_needs_no_password(area: Area) -> None:
    """The cookie is for the pages alone, and holds for an hour."""
    browser = area.browser()
    done = area.sign_in(browser)

    cookie = done.header("Set-Cookie") or ""
    for part in ("HttpOnly", "SameSite=Lax", "Max-Age=3600", f"Path=/{area.pool_id}"):
        assert part in cookie
    assert "code" in answer(area.authorize(browser))
    area.clock.ahead += timedelta(hours=1)
    assert title(area.authorize(browser)) == "Sign in"


def test_signing_out(area: Area) -> None:
    """Afterwards the pages ask for the password again, whoever has kept the cookie."""
    browser = area.browser()
    area.sign_in(browser)
    kept = Browser(area.issuer, dict(browser.cookies))

    out = browser.open(f"{area.issuer}/logout?client_id={area.client_id}&logout_uri={CALLBACK}")

    assert (out.status, out.header("Location")) == (302, CALLBACK)
    assert title(area.authorize(browser)) == title(area.authorize(kept)) == "Sign in"


@pytest.mark.parametrize("operation", ["admin_disable_user", "admin_delete_user"])
def test_a_cookie_of_nobody(area: Area, operation: str) -> None:
    """It opens nothing once its user may not sign in."""
    browser = area.browser()
    area.sign_in(browser)

    getattr(area.api, operation)(UserPoolId=area.pool_id, Username=MEMBER)

    assert title(area.authorize(browser)) == "Sign in"


def test_forms_of_other_pages(area: Area) -> None:
    """Nobody is signed in by somebody else's page."""
    page = area.authorize(area.browser())
    form = {"username": MEMBER, "password": PASSWORD, "step": "sign-in"}
    url = f"{area.issuer}/login?{area.query()}"

    reply = area.browser().open(url, form, origin="http://127.0.0.1:9")

    assert (page.status, reply.status) == (200, 403)
    assert "code" in answer(area.browser().open(url, form, origin=area.issuer.rpartition("/")[0]))


def test_other_names_of_this_machine(area: Area) -> None:
    """A name elsewhere that leads here does not open the pages to its owner."""
    url = f"{area.issuer}/login?{area.query()}"

    assert area.browser().open(url, host="rebound.example.com").status == 403


def test_the_pages_run_nothing(area: Area) -> None:
    """What somebody types comes back as text, in a page that allows no script."""
    page = area.sign_in(area.browser(), '"><script>alert(1)</script>', "wrong")

    assert b"<script" not in page.body
    policy = page.header("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {CALLBACK.rstrip('/')};" in policy
    assert page.header("Cache-Control") == "no-store"

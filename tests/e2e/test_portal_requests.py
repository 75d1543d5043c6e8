"""The request page: type an address, get a mail with fresh links, download."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from deploy.local.inbox.mailbox import Mail
from tests.browser import ENTER, TAB, Browser
from tests.e2e.portal import FORM, Portal, follow, id_in, press
from tests.local.apis import Reply, ask
from tests.mails import link_in
from tests.waiting import until

pytestmark = pytest.mark.slow


def type_address(browser: Browser, address: str) -> str:
    """Send the form with the keyboard; gives what the next page says."""
    browser.type(TAB + address + ENTER)
    browser.wait_until(lambda: browser.text("h1") == "Check your inbox")
    return browser.text("main")


def request_links(portal: Portal, email: str, origin: str | None = None, file: str = "") -> Reply:
    """What the page sends; with `origin`, what another page would."""
    headers = {**FORM, "Origin": origin or portal.url}
    fields = {"email": email, **({"file": file} if file else {})}
    return ask(f"{portal.url}/request-link", "POST", urlencode(fields).encode(), headers)


def subjects(mails: list[Mail]) -> list[str]:
    return [mail.subject for mail in mails]


def test_from_the_address_to_the_saved_file(
    portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    """Address, answer, mail, fresh link, file; the link that was mailed before works still."""
    shared = portal.share("my report (final) + ü.pdf")

    browser.open(portal.url)
    type_address(browser, shared.recipient)
    mail = portal.mail_to(shared.recipient, 2)
    browser.open(link_in(mail))
    browser.click("button")

    assert mail.subject == "Your link: my report (final) + ü.pdf"
    assert browser.saved(tmp_path, shared.name) == shared.content
    assert link_in(mail) != shared.link
    assert follow(press(shared.link)).body == shared.content


def test_with_a_file_in_the_address_only_that_is_mailed(portal: Portal, browser: Browser) -> None:
    """`?file=` with the file's key, whatever characters it has; the page names the file."""
    shared = portal.share("a & b = 100% <ü>.pdf")
    portal.upload(f"{shared.recipient}/another.pdf")
    portal.mail_to(shared.recipient, 2)

    browser.open(f"{portal.url}/?file={quote(shared.key, safe='')}")
    offered = browser.text("main")
    type_address(browser, shared.recipient)
    mail = portal.mail_to(shared.recipient, 3)

    assert "a new link to one file, if it is shared with you." in offered
    assert mail.subject == "Your link: a & b = 100% <ü>.pdf"
    assert mail.text.count(f"{portal.url}/d/") == 1


def test_everything_that_works_is_mailed(portal: Portal) -> None:
    """The newest first; not what has expired, was revoked, is used up, or has lost its file."""
    shared = portal.share("first.pdf")
    keys = [f"{shared.recipient}/{name}.pdf" for name in ("second", "gone", "old", "taken", "used")]
    for number, key in enumerate(keys, start=2):
        version = portal.upload(key, **({"max-downloads": "1"} if "used" in key else {}))
        mail = portal.mail_to(shared.recipient, number)
        link_id = id_in(mail)
        if "gone" in key:
            portal.remove(key, version)
        elif "old" in key:
            portal.change_row(link_id, ExpiresAt=int(time.time()))
        elif "taken" in key:
            portal.change_row(link_id, RevokedAt="2026-11-25T10:00:00.000Z")
        elif "used" in key:
            press(link_in(mail))
            portal.change_row(link_id, GraceUntil=int(time.time()))

    request_links(portal, shared.recipient)
    mail = portal.mail_to(shared.recipient, 7)

    assert mail.subject == "Your links: second.pdf and 1 more"
    assert mail.text.index("second.pdf") < mail.text.index("first.pdf")
    assert mail.text.count(f"{portal.url}/d/") == 2


def test_every_address_gets_the_same_answer(portal: Portal, browser: Browser) -> None:
    """Known, unknown, not authorised, mailed often enough; and nobody else gets a mail."""
    shared = portal.share()
    before = len(portal.mails())

    browser.open(portal.url)
    known = type_address(browser, shared.recipient)
    browser.open(portal.url)
    unknown = type_address(browser, "nobody@example.com")
    answers = [
        request_links(portal, address)
        for address in (
            shared.recipient,
            "nobody@example.com",
            "eve@elsewhere.example",
            shared.recipient,
            shared.recipient,  # a fourth time, of which three are allowed within an hour
        )
    ]
    # Whoever is asked for last: by then all others were mailed, or never will be.
    last = portal.share()
    request_links(portal, last.recipient)
    portal.mail_to(last.recipient, 2)

    assert known == unknown
    assert len({(one.status, one.body) for one in answers}) == 1
    assert len({_lasting(one) for one in answers}) == 1
    until(lambda: len(portal.mails_to(shared.recipient)) == 4)
    new = {mail.recipients for mail in portal.mails()[before:]}
    assert new == {(shared.recipient,), (last.recipient,)}


def test_another_pages_form_is_refused(portal: Portal, browser: Browser) -> None:
    """Chromium says whose form it is, and the portal says no; so do other origins, and none."""
    shared = portal.share()
    form = (
        f'<form method="post" action="{portal.url}/request-link">'
        f'<input name="email" value="{shared.recipient}"><button>Win</button></form>'
    )

    browser.open(f"data:text/html,{quote(form)}")
    browser.click("button")
    browser.wait_until(lambda: browser.text("h1") == "Not allowed from that site")
    refused = [
        request_links(portal, shared.recipient, origin=origin).status
        for origin in ("https://evil.example", "null", f"{portal.url}.evil.example")
    ]
    body = urlencode({"email": shared.recipient}).encode()
    without = ask(f"{portal.url}/request-link", "POST", body, FORM)

    assert refused == [403, 403, 403]
    assert without.status == 403
    assert subjects(portal.mails_to(shared.recipient)) == ["File for you: report.pdf"]


def _lasting(reply: Reply) -> tuple[tuple[str, str], ...]:
    """The headers that do not differ from one answer to the next anyway."""
    fleeting = ("date", "apigw-requestid")
    return tuple(one for one in reply.headers if one[0].lower() not in fleeting)

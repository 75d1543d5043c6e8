"""Mails come from somebody: a name beside the address, answers go to a mailbox that is read, and
times are the team's own.

With the metadata `sender` a file comes from a person, if the operator has listed them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.e2e.portal import Portal, press
from tests.e2e.test_portal_requests import request_links
from tests.local.apis import ask
from tests.mails import link_in
from tests.templates.mails import Reader
from tests.waiting import until

pytestmark = pytest.mark.slow

NAME = "Müller & Söhne, Files"
ANN = "Ann Müller <ann@example.com>"
SHOWN = "Ann Müller (ann@example.com)"


def mails_to_bob() -> list[Mail]:
    return mails_to("bob@example.com")


def mails_to(recipient: str) -> list[Mail]:
    return [mail for mail in MAILBOX.mails() if mail.recipients == (recipient,)]


def test_every_mail_names_its_sender(tmp_path: Path) -> None:
    """LinkGenerator's and the portal's; alarms are AWS's."""
    settings = {"SenderName": NAME, "ReplyTo": "team@example.com", "TimeZone": "Asia/Tokyo"}
    with EmbeddedAws() as aws:
        portal = Portal(aws, tmp_path, **settings)
        portal.upload("bob@example.com/report.pdf")
        until(lambda: len(mails_to_bob()) >= 1)
        request_links(portal, "bob@example.com")
        until(lambda: len(mails_to_bob()) >= 2)
        mails = mails_to_bob()

    assert [mail.subject for mail in mails] == ["File for you: report.pdf", "Your link: report.pdf"]
    assert {mail.sender for mail in mails} == {f"{NAME} <links@example.com>"}
    assert {mail.reply_to for mail in mails} == {("team@example.com",)}
    for mail in mails:
        assert re.search(r"expires: .*, \d\d:\d\d JST \((\w+, )?\d\d:\d\d UTC\)\n", mail.text)


def test_a_file_comes_from_whoever_shares_it(tmp_path: Path) -> None:
    """The mails and the page say so, answers go there, and so does news of the first download."""
    file = tmp_path / "report.pdf"
    file.write_text("content")
    with EmbeddedAws() as aws:
        portal = Portal(
            *(aws, tmp_path),
            **{"SenderName": NAME, "ReplyTo": "team@example.com", "NotifyOnDownload": "sender"},
            AuthorizedSenders="ann@example.com",
        )
        ran = portal.s3link(f"send --from '{ANN}' {file}")
        assert ran.exit_code == 0, ran.stderr
        until(lambda: len(mails_to_bob()) >= 1)
        [announced] = mails_to_bob()
        page = ask(link_in(announced)).body.decode()
        request_links(portal, "bob@example.com")
        until(lambda: len(mails_to_bob()) >= 2)
        again = mails_to_bob()[1]
        press(link_in(announced))
        until(lambda: bool(mails_to("ann@example.com")))
        [news] = mails_to("ann@example.com")
        told = mails_to("links@example.com")

    assert announced.subject == "Ann Müller shares report.pdf with you"
    assert announced.text.startswith(f"{SHOWN} shares a file with you.\n\nFile: report.pdf\n")
    assert f"{SHOWN} shares a file with you report.pdf" in Reader(announced.html).text
    assert f"A file for you, from <bdi>{SHOWN}</bdi>" in page
    assert again.subject == "Your link: report.pdf"
    assert f"File: report.pdf\nShared by: {SHOWN}\n" in again.text
    assert {mail.sender for mail in (announced, again)} == {f"{NAME} <links@example.com>"}
    assert {mail.reply_to for mail in (announced, again)} == {("ann@example.com",)}
    assert news.subject == "Downloaded: report.pdf"
    assert "bob@example.com has downloaded report.pdf for the first time." in news.text
    assert told == []


def test_nobody_is_mailed_in_the_name_of_others(tmp_path: Path) -> None:
    """Who is not listed, and a name that reads as another address, end in DeadLetterQueue."""
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        deployed = Deployed(aws, tmp_path, AuthorizedSenders="@example.com")
        deployed.upload("unlisted.pdf", sender="Eve <eve@evil.example>")
        deployed.upload("spoofed.pdf", sender="boss@example.org <ann@example.com>")
        until(lambda: deployed.dead_letters().count("MessageId") == 2)
        listed = deployed.s3link("dlq list").stdout

    assert (
        '"unlisted.pdf" was not announced to anybody: not on AuthorizedSenders: eve@evil.example. '
        "Add the address or its @domain there and deploy, or upload it again without the metadata "
        "sender."
    ) in listed
    assert (
        '"spoofed.pdf" was not announced: "boss@example.org <ann@example.com>" in its metadata '
        "sender is not a name with one address, for the name may not have"
    ) in listed
    assert mails_to_bob() == []

"""Mails come from somebody: a name beside the address, answers go to a mailbox that is read, and
times are the team's own.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.portal import Portal
from tests.e2e.test_portal_requests import request_links
from tests.waiting import until

pytestmark = pytest.mark.slow

NAME = "Müller & Söhne, Files"


def mails_to_bob() -> list[Mail]:
    return [mail for mail in MAILBOX.mails() if mail.recipients == ("bob@example.com",)]


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

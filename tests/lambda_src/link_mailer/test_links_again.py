"""Links that the operator mails again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from link_mailer.errors import NotMailed
from portal_links import rows
from portal_links.store import MOST_TOKENS
from tables.service import Update

from tests.lambda_src.fakes import NOW
from tests.lambda_src.link_mailer.office import LATE, Office, opens
from tests.lambda_src.portal_world import LINK_ID


def test_links_are_mailed_again(office: Office) -> None:
    """And the answer says which."""
    office.portal.share()

    assert office.do("resend", linkIds=[LINK_ID]) == {"mailed": [LINK_ID], "notMailed": {}}
    assert office.mail.data["subject"] == "File for you: report.pdf"
    assert opens(office, office.mail)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("unknown", "there is no such link"),
        ("expired", "it has expired; extend it first, or share the file again"),
        ("revoked", "it was revoked"),
        ("gone", "its file is gone"),
        ("refused", "SES did not take the mail (MessageRejected)"),
        ("unreadable", "S3 did not let LinkMailer look at its file (FileNotReadable)"),
    ],
)
def test_what_cannot_be_mailed_says_why(office: Office, what: str, why: str) -> None:
    """In words that say what to do."""
    if what != "unknown":
        office.portal.share()
    if what == "expired":
        office.portal.clock.passes(days=1)
    if what == "revoked":
        office.portal.links.revoke(LINK_ID, NOW)
    if what == "gone":
        office.portal.bucket.remove("report.pdf")
    if what == "unreadable":
        office.portal.bucket.refuses("report.pdf", "503")
    if what == "refused":
        office.post.refuses("bob@example.com", "MessageRejected")

    answer = office.do("resend", linkIds=[LINK_ID])

    assert answer == {"mailed": [], "notMailed": {LINK_ID: why}}


def test_names_are_text_in_the_mail(office: Office) -> None:
    """The values that end in Html are escaped, the others are not."""
    office.portal.share("<b>&.pdf")

    office.do("resend", linkIds=[LINK_ID])

    data: Any = office.mail.data
    assert data["files"][0]["fileName"] == "<b>&.pdf"
    assert data["files"][0]["fileNameHtml"] == "&lt;b&gt;&amp;.pdf"


def test_a_link_that_was_mailed_too_often_is_not_mailed_again(office: Office) -> None:
    """The operator is told, and the mails that it is in go on opening it."""
    token = office.portal.share()
    hashes = {f"{number:064x}" for number in range(MOST_TOKENS - 1)}
    office.portal.links.change(Update(LINK_ID, added={rows.TOKEN_HASHES: hashes}))

    answer = office.do("resend", linkIds=[LINK_ID])

    assert answer["notMailed"] == {
        LINK_ID: "it was mailed 500 times, and no more is remembered of one link; the mails that "
        "it is in open it, or share the file again"
    }
    assert office.portal.open(token).status == 200


def test_a_token_that_was_not_mailed_is_taken_back(office: Office) -> None:
    """However often the operator tries; one that may have left stays."""
    office.portal.share()
    office.post.refuses("bob@example.com", "MessageRejected")
    for _ in range(3):
        office.do("resend", linkIds=[LINK_ID])
    assert len(office.portal.token_hashes) == 1

    office.post.refuses_nobody()
    office.post.answer_is_lost()
    office.do("resend", linkIds=[LINK_ID])
    assert opens(office, office.mail)


@pytest.mark.parametrize(
    "answer",
    [
        ResponseParserError("invalid XML received: <SendBulk"),
        KeyError("SendBulkTemplatedEmailResult"),
        ClientError({"Error": {"Code": "502"}}, "SendBulkTemplatedEmail"),
        ClientError({"Error": {"Code": "504"}}, "SendBulkTemplatedEmail"),
    ],
)
@pytest.mark.parametrize("task", ["request", "resend", "remind"])
def test_no_link_is_taken_back_from_a_mail_whose_answer_does_not_tell(
    office: Office, task: str, answer: Exception
) -> None:
    """SES has taken it, and its answer came cut off, or from something before it."""
    office.portal.share()
    office.portal.clock.now += LATE
    office.post.answer_is_lost(answer)

    with suppress(NotMailed, KeyError):
        office.do(task, address="bob@example.com", linkIds=[LINK_ID])

    assert opens(office, office.mail)

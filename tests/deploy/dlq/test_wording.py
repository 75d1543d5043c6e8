"""How a message of the dead-letter queue reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.dlq.audience import Audience
from deploy.dlq.letters import DeadLetter, LetterKind
from deploy.dlq.listing import ListedLetter
from deploy.dlq.wording import as_of_now, document, letter_lines, row
from deploy.lambda_packages import Upload
from tests.clock import BERLIN, zone

UPLOAD = Upload("files", "a.pdf", "v1")
REFUSED = '"a.pdf" was not announced to anybody: not on AuthorizedRecipients: eve@example.com.'


def listed(error: str, audience: Audience) -> ListedLetter:
    at = datetime(2026, 11, 25, 6, 58, 1, tzinfo=UTC)
    letter = DeadLetter("5b44", "{}", LetterKind.UPLOAD, (UPLOAD,), "", error, "200", None, at)
    return ListedLetter(letter, ((UPLOAD, audience),))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            "S3 answered SlowDown. Lambda tries again.",
            "S3 answered SlowDown.",
        ),
        (
            "S3 answered 503. Lambda tries again, and then the event waits in DeadLetterQueue.",
            "S3 answered 503.",
        ),
        (
            "The quota of SES is used up; Lambda tries again, and then the event waits in "
            "DeadLetterQueue.",
            "The quota of SES is used up.",
        ),
        (
            "(1) A: not yet. Lambda tries again. (2) B: no. Lambda tries again, and then finds it "
            "done.",
            "(1) A: not yet. (2) B: no.",
        ),
        ("SES is away.", "SES is away."),
        ("", ""),
    ],
)
def test_nothing_is_foretold_that_is_over(error: str, shown: str) -> None:
    """Functions say what comes next; who reads it in the queue reads it after that came."""
    assert as_of_now(error) == shown


@pytest.mark.parametrize(
    ("error", "audience", "files", "told"),
    [
        (REFUSED, Audience(remark=REFUSED), (), REFUSED),
        (
            '"a.pdf" was not announced: S3 answered 503. Lambda tries again.',
            Audience(("bob@example.com",)),
            ('"a.pdf" for bob@example.com',),
            '"a.pdf" was not announced: S3 answered 503.',
        ),
        (
            REFUSED,
            Audience(remark="its file is gone; a redrive mails nobody"),
            ('"a.pdf": its file is gone; a redrive mails nobody',),
            REFUSED,
        ),
        ("", Audience(("bob@example.com",)), ('"a.pdf" for bob@example.com',), "none was given"),
    ],
)
def test_a_sentence_is_said_once(
    error: str, audience: Audience, files: tuple[str, ...], told: str
) -> None:
    """What the error says of the file needs no line of its own."""
    with zone(BERLIN):
        cells = row(listed(error, audience)).cells
        lines = list(letter_lines(listed(error, audience)))

    assert cells == ("5b44", "", "2026-11-25 07:58 CET", files, told)
    assert lines == [
        "5b44",
        *(f"  {file}" for file in files),
        f"  error: {told}",
        "  last attempt 2026-11-25 07:58 CET",
    ]
    assert document(listed(error, audience))["error"] == as_of_now(error)

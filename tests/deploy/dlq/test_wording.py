"""How a message of the dead-letter queue reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.dlq.audience import Audience
from deploy.dlq.letters import DeadLetter, LetterKind
from deploy.dlq.listing import ListedLetter
from deploy.dlq.wording import as_of_now, document, letter_lines
from deploy.lambda_packages import Upload

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
    ("error", "audience", "lines"),
    [
        (REFUSED, Audience(remark=REFUSED), [f"  error: {REFUSED}"]),
        (
            '"a.pdf" was not announced: S3 answered 503. Lambda tries again.',
            Audience(("bob@example.com",)),
            [
                '  "a.pdf" for bob@example.com',
                '  error: "a.pdf" was not announced: S3 answered 503.',
            ],
        ),
        (
            REFUSED,
            Audience(remark="its file is gone; a redrive mails nobody"),
            ['  "a.pdf": its file is gone; a redrive mails nobody', f"  error: {REFUSED}"],
        ),
    ],
)
def test_a_sentence_is_said_once(error: str, audience: Audience, lines: list[str]) -> None:
    """What the error says of the file needs no line of its own."""
    told = list(letter_lines(listed(error, audience)))

    assert told == ["5b44", *lines, "  last attempt 2026-11-25 06:58:01Z"]
    assert document(listed(error, audience))["error"] == as_of_now(error)

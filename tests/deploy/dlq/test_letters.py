"""What a message of the dead-letter queue is taken for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.dlq.letters import DeadLetter, LetterKind, read_letter
from tests.deploy.dlq.account import BUCKET, Clock, Queue, mail_event, portal_event, upload_event


def letter(body: str, error: str = "SES is away.") -> DeadLetter:
    queue = Queue(Clock())
    message_id = queue.put(body, error)
    message: Any = queue.messages[message_id]
    return read_letter(message, BUCKET)


def test_an_upload_is_told_with_its_error_and_times() -> None:
    """First attempt: when S3 made the event. Last attempt: when Lambda gave it up."""
    read = letter(upload_event("my+report+%C3%BC.pdf"))

    assert (read.kind, read.title) == (LetterKind.UPLOAD, '"my report ü.pdf"')
    assert (read.error, read.error_code) == ("SES is away.", "200")
    assert read.first_attempt is not None
    assert read.first_attempt.isoformat() == "2026-11-25T06:55:00.123000+00:00"
    assert read.last_attempt.isoformat() == "2026-11-25T06:58:02+00:00"
    assert [upload.version for upload in read.uploads] == ["v1"]


def test_an_event_of_several_files_names_them_all() -> None:
    """S3 may put more than one record into an event."""
    assert letter(upload_event("a.pdf", "b.pdf")).title == '"a.pdf", "b.pdf"'


def test_a_manifest_stands_for_its_share() -> None:
    """Whose id is in its key."""
    assert letter(upload_event(".s3link/shares/20261130-9f86d081.json")).title == (
        "share 20261130-9f86d081"
    )


def test_a_mail_event_says_whose_mail_and_nothing_of_it() -> None:
    """What SES tells about the mail itself stays in the message."""
    read = letter(mail_event("Bounce", "bob@example.com"))

    assert (read.kind, read.title) == (LetterKind.MAIL_EVENT, "Bounce for bob@example.com")
    assert read.first_attempt is not None
    assert read.uploads == ()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            portal_event("request", address="bob@example.com", file=None),
            "bob@example.com asked for links to all their files",
        ),
        (
            portal_event("request", address="bob\x1b[2J@example.com", file="a.pdf"),
            'bob\\x1b[2J@example.com asked for links to "a.pdf"',
        ),
        (
            portal_event("first-download", linkId="0123abcd"),
            "telling of the first download of link 0123abcd",
        ),
        (portal_event("remind"), "reminders that were due"),
        (portal_event("resend", linkIds=["01", "02"]), "mailing again 01, 02"),
    ],
)
def test_what_the_portal_could_not_mail_is_told_in_words(event: str, words: str) -> None:
    """Task, and the address or link that it is about."""
    read = letter(event)

    assert (read.kind, read.title) == (LetterKind.PORTAL, words)
    assert (read.uploads, read.first_attempt) == ((), None)


def test_files_that_wait_for_others_are_told_by_their_group() -> None:
    """The event of a wake-up names nothing else; LinkGenerator gets it again with its id."""
    event = json.dumps({"gathered": "0123456789abcdef" * 2})
    replayed = json.dumps({"id": "request-1", "gathered": "0123456789abcdef" * 2})

    read = letter(event)

    words = "files of group 0123456789abcdef0123456789abcdef that wait to be mailed together"
    assert (read.kind, read.title, read.event) == (LetterKind.GATHERING, words, replayed)
    assert (read.uploads, read.first_attempt) == ((), None)


def test_a_hostile_name_reaches_no_terminal() -> None:
    """Names come from whoever uploads, or sends a mail event."""
    assert letter(upload_event("esc%1B[2J.pdf")).title == '"esc\\x1b[2J.pdf"'
    assert letter(mail_event("Bounce\x1b[2J", "x")).title == "Bounce\\x1b[2J for x"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "it is not JSON"),
        ("hello", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("{}", "it holds no event"),
        ('{"task": "dance"}', "it holds no task that LinkMailer knows"),
        ('{"task": "request"}', "it holds no task that LinkMailer knows"),
        ('{"gathered": 1}', "it names no group of files that wait"),
        ("[1]", "it holds no event"),
        ('{"Records": 1}', "it holds no event"),
        ('{"Records": [1]}', "it holds no event"),
        ('{"Records": []}', "it holds no event of S3 or SES"),
        ('{"Records": [{"eventSource": "aws:sqs"}]}', "it holds no event of S3 or SES"),
        ('{"Records": [{"EventSource": "aws:sns"}]}', "it holds no event of S3 or SES"),
        (
            json.dumps({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "[]"}}]}),
            "it holds no event of S3 or SES",
        ),
        (
            upload_event("a.pdf", bucket="another"),
            "it names no file that arrived in this deployment's bucket",
        ),
        (
            '{"Records": [{"eventSource": "aws:s3"}]}',
            "it names no file that arrived in this deployment's bucket",
        ),
    ],
)
def test_what_makes_no_sense_is_unreadable(body: str, why: str) -> None:
    """And it is said why; nothing in a message can stop the command."""
    read = letter(body)

    assert (read.kind, read.about) == (LetterKind.UNREADABLE, f"cannot be read, because {why}")


def test_a_message_without_attributes_has_no_error() -> None:
    """Somebody may have put it there by hand."""
    queue = Queue(Clock())
    message: Any = queue.messages[queue.put("{}")]
    del message["MessageAttributes"]

    assert (read_letter(message, BUCKET).error, read_letter(message, BUCKET).error_code) == ("", "")

"""What the mail says."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from files.expiry import Validity
from files.store import StoredFile
from files.uploads import Upload
from mail.template_data import link_data_of, mail_data_of

from tests.lambda_src.fakes import BUCKET

NOW = datetime(2026, 11, 21, 13, 5, 30, tzinfo=UTC)
FIVE_HOURS = timedelta(hours=5)


def mail_data(
    key: str = "report.pdf", note: str | None = None, lifetime: timedelta = FIVE_HOURS
) -> dict[str, str]:
    metadata = {} if note is None else {"note": note}
    file = StoredFile(Upload(BUCKET, key, None), 12_345, NOW, metadata)
    return mail_data_of(file, Validity(NOW, NOW + lifetime))


def test_the_mail_knows_everything_about_the_file() -> None:
    """Name, size, end and note, each as text and, where it needs escaping, as HTML."""
    data = mail_data("folder/Q&A.pdf", "see <page> 2")

    assert data == {
        "fileName": "Q&A.pdf",
        "fileNameHtml": "Q&amp;A.pdf",
        "fileSize": "12.3 kB",
        "note": "> see <page> 2",
        "noteHtml": "see &lt;page&gt; 2",
        "expiresAt": "Saturday 21 November 2026, 18:05 UTC",
        "limit": "",
    }


@pytest.mark.parametrize(
    ("lifetime", "text"),
    [
        (timedelta(hours=1), "Saturday 21 November 2026, 14:05 UTC"),
        (timedelta(minutes=59), "Saturday 21 November 2026, 14:04:30 UTC"),
        (timedelta(seconds=20), "Saturday 21 November 2026, 13:05:50 UTC"),
    ],
)
def test_a_short_link_names_its_second(lifetime: timedelta, text: str) -> None:
    """The minute is cut, never rounded up: no mail promises more than its link holds."""
    assert mail_data(lifetime=lifetime)["expiresAt"] == text


@pytest.mark.parametrize(
    ("downloads", "said"),
    [(None, ""), (1, "The link works once."), (3, "The link works 3 times.")],
)
def test_a_link_that_is_limited_says_so(downloads: int | None, said: str) -> None:
    """Whoever opens it for a look should know."""
    file = StoredFile(Upload(BUCKET, "report.pdf", None), 12_345, NOW, {})

    assert mail_data_of(file, Validity(NOW, NOW + FIVE_HOURS), downloads)["limit"] == said


def test_without_a_note_its_variables_are_empty() -> None:
    """They are given all the same: a mail with a missing variable is never sent."""
    data = mail_data()

    assert (data["note"], data["noteHtml"]) == ("", "")


def test_html_in_a_name_is_text() -> None:
    """Nothing in a file's name becomes part of the page."""
    data = mail_data("\"><img src='x' onerror=alert(1)>.png")

    assert data["fileNameHtml"] == ("&quot;&gt;&lt;img src=&#x27;x&#x27; onerror=alert(1)&gt;.png")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Subject: x\r\nBcc: eve@evil.example", "Subject: x__Bcc: eve@evil.example"),
        ("a\u2028b.txt", "a_b.txt"),
        ("annexe\u202efdp.exe", "annexefdp.exe"),
        ("\u200f.txt", ".txt"),
        ("語" * 300 + ".pdf", "語" * 127 + "…" + "語" * 123 + ".pdf"),
        ("a" * 255, "a" * 255),
    ],
)
def test_a_name_fits_into_a_subject(key: str, name: str) -> None:
    """One line that reads in one direction, and not longer than any disk allows."""
    assert mail_data(key)["fileName"] == name


def test_a_note_keeps_its_lines() -> None:
    """As text and as HTML; what is invisible goes, what is markup is escaped."""
    words = "Grüße,\r\n<b>Eve</b>\u202e & \x07co"

    data = mail_data(note=f"=?UTF-8?B?{b64encode(words.encode()).decode()}?=")

    assert data["note"] == "> Grüße,\n> <b>Eve</b> & _co"
    assert data["noteHtml"] == "Grüße,<br>&lt;b&gt;Eve&lt;/b&gt; &amp; _co"


@pytest.mark.parametrize(
    ("note", "quoted"),
    [
        ("a\n\n\nb", "> a\n>\n>\n> b"),
        ("a\u2028b\x0bc\x85d", "> a\n> b\n> c\n> d"),
        ("a" + " " * 200 + "Download the file:", "> a\n> Download the file:"),
        ("Für  Sie", "> Für  Sie"),
        ("word " * 20, f"> {'word ' * 14}".rstrip() + f"\n> {'word ' * 6}".rstrip()),
        ("see https://example.org/" + "x-y" * 40, "> see\n> https://example.org/" + "x-y" * 40),
        # without spaces, or with such as are none to most programs
        ("字" * 100, "> " + "字" * 72 + "\n> " + "字" * 28),
        (
            "a" + "\xa0" * 100 + "Download the file:",
            "> a\n> " + "\xa0" * 29 + "Download\n> the file:",
        ),
        (
            "https://x" + "\u3164" * 71 + "Download:",
            "> https://x" + "\u3164" * 63 + "\n> " + "\u3164" * 8 + "Download:",
        ),
    ],
)
def test_every_line_of_a_note_is_marked(note: str, quoted: str) -> None:
    """Blank ones too, and those that a mail program would break: all are seen to be quoted."""
    assert mail_data(note=note)["note"] == quoted


def test_a_note_that_only_looks_encoded_is_shown_as_it_came() -> None:
    """A note is free text: it never keeps a file from its recipient."""
    assert mail_data(note="=?what?Q?ever?=")["note"] == "> =?what?Q?ever?="


def test_a_link_is_escaped_in_html() -> None:
    """It has ampersands between its parameters."""
    data = link_data_of("https://example.com/?a=1&b='2'")

    assert data == {
        "link": "https://example.com/?a=1&b='2'",
        "linkHtml": "https://example.com/?a=1&amp;b=&#x27;2&#x27;",
    }

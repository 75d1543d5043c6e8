"""Links to S3 as mails carry them: short enough for mail programs, where that can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials
from files.expiry import Validity
from files.store import StoredFile
from files.uploads import Upload
from signing.links import mailed_link
from signing.signer import Signer
from werkzeug.http import parse_options_header

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
VALIDITY = Validity(NOW, NOW + timedelta(hours=5))
RUSSIAN = "Подробный отчёт о работе отдела за третий квартал две тыс.pdf"
GERMAN = "Übergrößenträger und noch viel mehr davon in einem einzigen Namen" * 2 + ".pdf"


def link_to(key: str, token_length: int) -> str:
    """With a session token of so many characters; Lambda's have a thousand and more."""
    token = ("IQoJb3JpZ2luX2VjEJ//wEaCWV1LXdlc3QtMSJHMEUCIQ+" * 50)[:token_length]
    signer = Signer(ReadOnlyCredentials("ASIAEXAMPLE", "wJalrXUtnFEMI", token), "eu-west-1", None)
    file = StoredFile(Upload("s3link-files", key, "v" * 32), 5, NOW, {})
    address = f"https://s3link-files.s3.eu-west-1.amazonaws.com/{quote(key)}"
    return mailed_link(file, address, "0" * 32, VALIDITY, signer)


def disposition_in(link: str) -> str:
    return parse_qs(urlsplit(link).query)["response-content-disposition"][0]


def saved_as(link: str) -> str:
    return str(parse_options_header(disposition_in(link))[1]["filename"])


@pytest.mark.parametrize(
    ("key", "token_length", "name"),
    [
        # Whole, with and without the fallback for browsers of long ago.
        ("report.pdf", 1000, "report.pdf"),
        (RUSSIAN, 200, RUSSIAN),
        (RUSSIAN, 600, RUSSIAN),
        ("a" * 150 + ".pdf", 1000, "a" * 150 + ".pdf"),
        # Its beginning, in its own letters.
        (RUSSIAN, 900, "Подробный отчёт о раб.pdf"),
        (RUSSIAN, 1000, "Подробный.pdf"),
        (GERMAN, 1100, "Übergrößenträger und noch viel mehr davon.pdf"),
        # In ASCII, which says more than so short a beginning would.
        (GERMAN, 1140, "Ubergro_entrager und noch viel mehr davon.pdf"),
    ],
)
def test_a_name_gives_way_to_a_link_that_mail_programs_leave_whole(
    key: str, token_length: int, name: str
) -> None:
    """2,048 characters are what Outlook takes; the extension stays."""
    link = link_to(key, token_length)

    assert len(link) <= 2048
    assert saved_as(link) == name


def test_what_is_short_enough_says_everything() -> None:
    """Old browsers read the fallback."""
    assert disposition_in(link_to("ü.pdf", 900)) == (
        "attachment; filename=\"u.pdf\"; filename*=UTF-8''%C3%BC.pdf"
    )


def test_a_key_can_be_too_long_by_itself() -> None:
    """Then there is a link all the same, and nothing is gained by another name."""
    key = "ü" * 250 + ".pdf"

    link = link_to(key, 1000)

    assert len(link) > 2048
    assert saved_as(link) == key

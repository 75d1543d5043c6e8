"""Text from outside is harmless in a log, a mail and a header."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from function.text import file_size, moment, one_line, paragraphs, quoted, unlinked
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import BERLIN, ISTANBUL, NEW_YORK, zone


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345, "12.3 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (5_497_558_138_880, "5.5 TB"),
    ],
)
def test_file_sizes(size: int, text: str) -> None:
    """From nothing to the largest object that S3 holds, 5 TiB."""
    assert file_size(size) == text


def test_moments() -> None:
    """The day comes without a leading zero, the seconds only when asked for."""
    when = datetime(2026, 12, 1, 8, 5, 9, tzinfo=UTC)

    assert moment(when) == "Tuesday 1 December 2026, 08:05 UTC"
    assert moment(when, with_seconds=True) == "Tuesday 1 December 2026, 08:05:09 UTC"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (BERLIN, "Tuesday 1 December 2026, 09:05 CET (08:05 UTC)"),
        (NEW_YORK, "Tuesday 1 December 2026, 03:05 EST (08:05 UTC)"),
        (ISTANBUL, "Tuesday 1 December 2026, 11:05 +03:00 (08:05 UTC)"),
        ("HST10", "Monday 30 November 2026, 22:05 HST (Tuesday, 08:05 UTC)"),
        ("GMT0", "Tuesday 1 December 2026, 08:05 UTC"),
        ("Nowhere/Town", "Tuesday 1 December 2026, 08:05 UTC"),
    ],
)
def test_moments_in_another_zone(rule: str, text: str) -> None:
    """Its own time first, and UTC, which everybody can work with; a zone that the machine does not
    know is UTC."""
    with zone(rule):
        assert moment(datetime(2026, 12, 1, 8, 5, 9, tzinfo=UTC)) == text


def test_a_summer_moment_is_told_in_summer_time() -> None:
    """By the moment itself, not by the time of the year in which it is told."""
    with zone(BERLIN):
        told = moment(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))

    assert told == "Thursday 2 July 2026, 00:30 CEST (Wednesday, 22:30 UTC)"


@given(st.text())
@settings(deadline=None)
def test_one_line_is_one_line(text: str) -> None:
    """Whatever goes in, nothing comes out that ends a line or turns its direction."""
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert not set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2069") & set(line)
    line.encode()


def test_paragraphs_keep_line_breaks_only() -> None:
    """A note may have lines; everything else that is invisible goes."""
    note = "  Dear Bob,\r\n\r\nplease\tread\u202e this.\x07\u2028Eve\n"

    assert paragraphs(note) == "Dear Bob,\n\nplease read this._\nEve"


@given(st.text())
@settings(deadline=None)
def test_quoted_text_is_printable(text: str) -> None:
    """A key in a sentence can neither break the line nor hide anything."""
    assert quoted(text).isprintable()


def test_quoted_text_shows_what_is_invisible() -> None:
    """An operator can see why two names that look alike differ."""
    assert quoted("a\nb\u202e\ud800ü") == '"a\\nb\\u202e\\ud800ü"'


UNLINKED = {
    "see evil.xn--p1ai/aws-login": "see evil[.]xn--p1ai/aws-login",
    "name.com#x": "name[.]com#x",
    "evil.com": "evil[.]com",
    "evil\u3002com": "evil[.]com",
    "evil.com.": "evil[.]com.",
    "https://evil.example?x=1": "https[:]//evil[.]example?x=1",
    "mailto:eve": "mailto[:]eve",
    "eve@evil.example": "eve@evil[.]example",
    "192.0.2.1/login": "192[.]0[.]2[.]1/login",
    "localhost:8080": "localhost[:]8080",
    r"\\server\share": r"[\]\server\share",
    r"\\\server\share": r"[\][\]\server\share",
    r"\\192.0.2\share": r"[\]\192[.]0[.]2\share",
    r"\\192.0.2\$": r"[\]\192[.]0[.]2\$",
    '"invoice.zip"': '"invoice[.]zip"',
    "report.pdf/login": "report[.]pdf/login",
    # what nobody takes for a link
    '"a/report (final).pdf"': '"a/report (final).pdf"',
    "REPORT.PDF.": "REPORT.PDF.",
    '"backup.tar.gz"': '"backup[.]tar.gz"',
    "Dr. J.R. Smith, Files e.V.": "Dr. J.R. Smith, Files e.V.",
    "x.c.om": "x.c[.]om",
    "550 5.1.1 (4.2.2) 550-5.7.1": "550 5.1.1 (4.2.2) 550-5.7.1",
    "at 12:30, 3.5 MB...": "at 12:30, 3.5 MB...",
}


@pytest.mark.parametrize("text", UNLINKED)
def test_no_part_of_a_text_becomes_a_link(text: str) -> None:
    """Mail programs make links of bare hosts, too; what is left can still be read."""
    assert unlinked(text) == UNLINKED[text]


# As the linkifiers of mail programs find hosts, schemes and shares in a line of text.
_HOST = re.compile(r"[\w-][.\u3002\uff0e\uff61](xn--[\w-]+|[^\W\d_]{2,})(?![\w-])", re.IGNORECASE)
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*:\S|\\\\", re.IGNORECASE)
_NO_DOMAINS = {"pdf", "gz", "docx", "mp4"}


_PIECES = [*"ab7.:/\\#@-\"' \u3002", "xn--p1ai", "com", "pdf", "gz", "://"]


@given(st.lists(st.sampled_from(_PIECES)))
def test_no_text_becomes_a_link(parts: list[str]) -> None:
    """However it is put together."""
    line = unlinked("".join(parts))

    hosts = list(_HOST.finditer(line))
    assert not [host for host in hosts if host[1].lower() not in _NO_DOMAINS]
    assert not [host for host in hosts if line[host.end() : host.end() + 1] in set("/:#?@")]
    assert not _SCHEME.search(line)

"""Text from outside is harmless in a log, a mail and a header."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from function.text import file_size, moment, one_line, paragraphs, quoted
from hypothesis import given, settings
from hypothesis import strategies as st


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

"""Answers as CSV: complete, and harmless in whatever spreadsheet opens them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from function.text import one_line
from hypothesis import given
from hypothesis import strategies as st
from survey.answers import Answered
from survey.spreadsheet import csv_of

MOMENT = datetime(2026, 11, 21, 13, 5, 30, tzinfo=UTC)
SIGNS = "=+-@＝＋－＠"
_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], include_characters="\r\n\t"),
    max_size=20,
)
_HOSTILE = st.text("=+-@＝＠\t\r\n;,\"' a", max_size=12)


def answered(
    version: str = "1.4.0", member: str = "bob@example.com", **answers: str | int
) -> Answered:
    return Answered(version, "sub-1", member, MOMENT, answers)


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    """As a spreadsheet parts them."""
    return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))


def test_a_line_for_each_row() -> None:
    """Columns as the questions stand, then those of older surveys."""
    rows = [answered(stars=5, old="x"), answered(member="eve@example.com", why='so "so"')]

    assert csv_of(rows, ("stars", "why")) == (
        '"version","member","answered_at","stars","why","old"\r\n'
        '"1.4.0","bob@example.com","2026-11-21T13:05:30Z","5","","x"\r\n'
        '"1.4.0","eve@example.com","2026-11-21T13:05:30Z","","so ""so""",""\r\n'
    )
    assert csv_of([]) == '"version","member","answered_at"\r\n'


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("=cmd()", "'=cmd()"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\tx", "'\tx"),
        (" =1", " '=1"),
        ("＝1", "'＝1"),
        ('"=1', "\"'=1"),
        ("a;=1", "a;'=1"),
        ("a\n- b", "a\n'- b"),
        ("a = b - c", "a = b - c"),
        ("1-2", "1-2"),
        ("'=1", "'=1"),
        ("1\u202e0", "10"),
        ("\x1b[31m=1", "_[31m=1"),
        ("a\0b", "a_b"),
        ("\u2066=1", "'=1"),
    ],
)
def test_a_formula_is_text(given_: str, shown: str) -> None:
    """In each cell; what only looks like one in the middle stays as it was written, but for what
    would turn the reading direction or command a terminal."""
    text = csv_of([answered(version="=1", member="=2", why=given_)])

    assert cells(text)[1] == ["'=1", "'=2", "2026-11-21T13:05:30Z", shown]


def test_names_are_one_line() -> None:
    """A version's name is whatever somebody called a folder: it ends no line of a terminal."""
    text = csv_of([answered(version="1\r2\n3", member="a\tb", why="first\nsecond")])

    assert cells(text)[1] == ["1_2_3", "a_b", "2026-11-21T13:05:30Z", "first\nsecond"]


@given(st.lists(_TEXTS | _HOSTILE, min_size=3, max_size=3), st.sampled_from(",;\t"))
def test_no_cell_is_a_formula(texts: list[str], delimiter: str) -> None:
    """Wherever the spreadsheet parts cells: at commas, or as is usual in many countries."""
    version, member, why = texts
    text = csv_of([answered(version, member, why=why)])

    for line in cells(text, delimiter):
        for cell in line:
            assert not cell.strip(' \t\r\n"').startswith(tuple(SIGNS))


@given(st.lists(_TEXTS | _HOSTILE, min_size=3, max_size=3))
def test_nothing_is_lost(texts: list[str]) -> None:
    """But for apostrophes, every cell says what was answered, on its own line; names have one."""
    version, member, why = texts
    table = cells(csv_of([answered(version, member, why=why)] * 2))

    assert len(table) == 3
    assert [cell.replace("'", "") for cell in table[2]] == [
        text.replace("'", "")
        for text in (one_line(version), one_line(member), "2026-11-21T13:05:30Z", why)
    ]

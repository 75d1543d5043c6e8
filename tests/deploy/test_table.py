"""Tables fit the terminal and lose nothing; elsewhere a row is one line, whole."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from deploy.table import Column, Row, Table, columns, laid_out, plain_lines
from deploy.wording import harmless
from tests.deploy.terminal import without_style

KEY = "reports/2026/november/" + "a-very-long-name" * 12 + ".pdf"
HOSTILE = [
    "esc\x1b[2J\x1b]0;title\x07.txt",
    "c1\x9b2J",
    "two\r\nlines\tand a tab",
    "fdp\u202eexe",
    "[bold]not bold[/bold]",
    "[/]",
    "[link=https://example.com]x[/link] :smile: [red",
    "\u8a9e" * 90,
    "\U0001f4c4\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301" * 9,
    "\u05e9\u05dc\u05d5\u05dd",
    KEY,
]


def shown(table: Table, width: int) -> list[str]:
    return without_style(laid_out(table.columns, list(table.rows), width)).splitlines()


@pytest.mark.parametrize("name", HOSTILE)
def test_in_a_pipe_a_row_is_one_line_and_whole(name: str) -> None:
    """Nothing is cut, wrapped or coloured, and only a tab ends a cell."""
    table = Table(
        columns("FILE", "FOR", "WHY"), [Row((name, "bob@example.com", ("a", "b")), "red")]
    )

    titles, line = plain_lines(table)

    assert titles == "FILE\tFOR\tWHY"
    assert line.split("\t") == [harmless(name), "bob@example.com", "a b"]
    assert line.replace("\t", "").isprintable()


def test_without_rows_there_are_no_titles() -> None:
    """What a program reads then is empty, as is what there is."""
    assert list(plain_lines(Table(columns("FILE"), []))) == []


@pytest.mark.parametrize("width", [20, 60, 80, 120])
@pytest.mark.parametrize("name", HOSTILE)
def test_on_a_terminal_no_character_is_lost(name: str, width: int) -> None:
    """A long name goes on in the next line; no line is wider than the terminal."""
    _, *lines = shown(Table(columns("FILE"), [Row((name,))]), width)

    assert "".join("".join(lines).split()) == "".join(harmless(name).split())
    assert max(map(cell_len, lines)) <= width
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("width", [20, 60, 80, 120])
def test_a_table_of_many_columns_fits(width: int) -> None:
    """However long what stands in it is, and however little room there is."""
    cells = ("2026-11-25 07:58 CET", "RenderingFailed", "bob@example.com", KEY, "550 no such user")
    table = Table(columns("RECEIVED", "STATE", "RECIPIENT", "FILE", "WHY"), [Row(cells)] * 2)

    lines = shown(table, width)

    assert max(map(cell_len, lines)) <= width


def test_lines_break_between_words() -> None:
    """Whole words stay together, and so does an address beside a long sentence."""
    cells = ("2026-11-25 07:58 CET", "bob@example.com", "no such user is known at this place")

    lines = shown(Table(columns("RECEIVED", "RECIPIENT", "WHY"), [Row(cells)]), 50)

    assert lines == [
        "RECEIVED       RECIPIENT        WHY",
        "2026-11-25     bob@example.com  no such user is",
        "07:58 CET                       known at this",
        "                                place",
    ]


def test_where_columns_have_no_room_each_place_has_a_line() -> None:
    """Behind its title, with an empty line between the rows."""
    rows = [
        Row(("2026-11-25", "bob@example.com", "reports/november.pdf", "no such user")),
        Row(("2026-11-26", "eve@example.com", "offer.pdf", "")),
    ]

    lines = shown(Table(columns("RECEIVED", "RECIPIENT", "FILE", "WHY"), rows), 50)

    assert lines == [
        "RECEIVED   2026-11-25",
        "RECIPIENT  bob@example.com",
        "FILE       reports/november.pdf",
        "WHY        no such user",
        "",
        "RECEIVED   2026-11-26",
        "RECIPIENT  eve@example.com",
        "FILE       offer.pdf",
    ]


def test_a_terminal_gets_no_empty_column_and_the_beginning_of_an_id() -> None:
    """It is enough for the commands that take one; a pipe gets both whole."""
    table = Table(
        (Column("ID", shown_to=4), *columns("NAME", "FILE")), [Row(("0123456789", "", "a"))]
    )

    assert shown(table, 80) == ["ID    FILE", "0123  a"]
    assert list(plain_lines(table)) == ["ID\tNAME\tFILE", "0123456789\t\ta"]


def test_a_row_has_a_colour_and_the_titles_are_bold() -> None:
    """No more than that: what is in a name is not highlighted."""
    table = Table(columns("FILE"), [Row(("a [1] 'b' 127.0.0.1",), "red")])

    text = laid_out(table.columns, list(table.rows), 80)

    assert text.splitlines() == ["\x1b[1mFILE\x1b[0m", "\x1b[31ma [1] 'b' 127.0.0.1\x1b[0m"]

"""Tables for reading: on a terminal laid out by rich to its width, elsewhere one line a row. Pure.

Only a table on a terminal imports rich: it takes longer than all else that a command starts with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from deploy.wording import harmless

if TYPE_CHECKING:
    from rich.table import Table as Layout
    from rich.text import Text

# What one place of a table says; of several texts each begins a line of its own.
Cell = str | tuple[str, ...]

_GAP = 2  # columns of the terminal between those of the table
# Words up to the first length that fits are kept whole; where none does, each place gets a line of
# its own.
_LONGEST_WHOLE = range(32, 19, -1)
# No column is so narrow that its longest text takes many more lines than this, if that helps.
_LINES = 4
_END_OF_STYLE = "\x1b[0m"


@dataclass(frozen=True)
class Column:
    """Of what is `shown_to` a length, a terminal shows that much: of an id the beginning is
    enough for every command."""

    title: str
    shown_to: int | None = None

    def shown(self, cell: Cell) -> str:
        return "\n".join(harmless(text)[: self.shown_to] for text in _texts(cell))


@dataclass(frozen=True)
class Row:
    cells: tuple[Cell, ...]
    colour: str | None = None


@dataclass(frozen=True)
class Table:
    columns: Sequence[Column]
    rows: Iterable[Row]


def columns(*titles: str) -> tuple[Column, ...]:
    return tuple(map(Column, titles))


def plain_lines(table: Table) -> Iterator[str]:
    """The titles, then each row on one line as soon as it is known, whole; tabs between cells.

    Nothing but these tabs and line ends is a tab or ends a line.
    """
    for number, row in enumerate(table.rows):
        if not number:
            yield "\t".join(column.title for column in table.columns)
        yield "\t".join(" ".join(map(harmless, _texts(cell))) for cell in row.cells)


def laid_out(table_columns: Sequence[Column], rows: Sequence[Row], width: int) -> str:
    """The rows for a terminal so wide, with ANSI colours; columns that are empty are left out.

    Lines break between words, and within words that are longer than their column; nothing is lost.
    """
    texts = [
        [column.shown(cell) for column, cell in zip(table_columns, row.cells, strict=True)]
        for row in rows
    ]
    used = [number for number in range(len(table_columns)) if any(text[number] for text in texts)]
    titles = [table_columns[number].title for number in used]
    lines = [[text[number] for number in used] for text in texts]
    colours = [row.colour for row in rows]
    widths = _widths(list(zip(titles, *lines, strict=True)), width)
    layout = _table(titles, lines, colours, widths) if widths else _list(titles, lines, colours)
    return _rendered(layout, width)


def _texts(cell: Cell) -> tuple[str, ...]:
    return (cell,) if isinstance(cell, str) else cell


def _widths(down: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """How wide each column is to be, so that words stay whole; None where there is no room."""
    words = [max(_longest(text.split()) for text in each) for each in down]
    wanted = [max(_longest(text.split("\n")) for text in each) for each in down]
    room = width - _GAP * (len(down) - 1)
    for longest in _LONGEST_WHOLE:
        least = [
            max(min(word, longest, width), min(most // _LINES, longest))
            for word, most in zip(words, wanted, strict=True)
        ]
        left = room - sum(least)
        if left >= 0:
            more = [most - few for most, few in zip(wanted, least, strict=True)]
            return [few + part for few, part in zip(least, _shared(left, more), strict=True)]
    return None


def _shared(left: int, wanted: Sequence[int]) -> list[int]:
    """Who wants no more than an equal part gets it all, the others what is left in proportion."""
    given: dict[int, int] = {}
    for place, number in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        if wanted[number] <= left // (len(wanted) - place):
            given[number] = wanted[number]
            left -= wanted[number]
    rest = sum(wanted) - sum(given.values())
    return [
        given[number] if number in given else left * part // rest
        for number, part in enumerate(wanted)
    ]


def _longest(texts: Iterable[str]) -> int:
    """The most columns of a terminal that any of them takes."""
    from rich.cells import cell_len

    return max(map(cell_len, texts), default=1)


def _table(
    titles: Sequence[str],
    lines: Sequence[Sequence[str]],
    colours: Sequence[str | None],
    widths: Sequence[int],
) -> Layout:
    """A column each, below its title."""
    from rich.table import Table as Layout

    layout = Layout(box=None, padding=(0, _GAP, 0, 0), header_style="")
    for title, width in zip(titles, widths, strict=True):
        layout.add_column(_styled(title, "bold"), width=width, overflow="fold")
    for line, colour in zip(lines, colours, strict=True):
        layout.add_row(*(_styled(text, colour) for text in line))
    return layout


def _list(
    titles: Sequence[str], lines: Sequence[Sequence[str]], colours: Sequence[str | None]
) -> Layout:
    """A line for each place that is not empty, behind its title; an empty line between rows."""
    from rich.table import Table as Layout

    layout = Layout(box=None, padding=(0, _GAP, 0, 0), show_header=False)
    layout.add_column(width=_longest(titles))
    layout.add_column(overflow="fold")
    for number, (line, colour) in enumerate(zip(lines, colours, strict=True)):
        if number:
            layout.add_row()
        for title, text in zip(titles, line, strict=True):
            if text:
                layout.add_row(_styled(title, "bold"), _styled(text, colour))
    return layout


def _styled(text: str, style: str | None) -> Text:
    """As it is, whatever rich would make of it; the space behind it has no style."""
    from rich.text import Text

    return Text.assemble((text, style or ""), overflow="fold")


def _rendered(layout: Layout, width: int) -> str:
    """Whether colours are wanted is not decided here, and the environment has no say."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        legacy_windows=False,
        width=width + _GAP,  # behind the last column, too, is a gap
        height=1,
    )
    console.print(layout)
    return "\n".join(map(_without_space_behind, out.getvalue().splitlines()))


def _without_space_behind(line: str) -> str:
    line = line.rstrip()
    is_styled = line.endswith(_END_OF_STYLE)
    return f"{line.removesuffix(_END_OF_STYLE).rstrip()}{_END_OF_STYLE}" if is_styled else line

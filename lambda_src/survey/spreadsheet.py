"""Answers as CSV (RFC 4180) that runs nothing when a spreadsheet opens it, and does nothing to a
terminal. Pure.

A cell that begins with one of = + - @ is a formula to a spreadsheet (OWASP, "CSV Injection"). Here
an apostrophe stands before the sign, so that the cell is text. Where a spreadsheet parts cells at
semicolons or tabs, an answer could begin a cell of its own, so the sign is looked for there, too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from function.text import one_line

from survey.answers import Answered

_SIGNS = "=+-@＝＋－＠"
_BREAKS = "\t\r\n;"
_WITHOUT_BREAKS = re.compile(r"[^\t\r\n]+")
# All that can stand between the beginning of a cell and its sign, taken as a whole: each character
# is looked at once, however many there are. Quotes begin a cell and are not shown.
_SIGN = re.compile(rf"""([\s";]*+)([{re.escape(_SIGNS)}]?)""")


def csv_of(rows: Iterable[Answered], question_ids: Sequence[str] = ()) -> str:
    """A line for each row, below a header: version, member, answered_at and the question ids.

    Ids that rows have beyond `question_ids`, from an older survey, follow those.
    """
    listed = list(rows)
    columns = list(
        dict.fromkeys([*question_ids, *(name for row in listed for name in row.answers)])
    )
    file = StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in ("version", "member", "answered_at", *columns)])
    for row in listed:
        answers = (str(row.answers.get(name, "")) for name in columns)
        # The names of versions come from the bucket as they are.
        cells = (one_line(row.version), one_line(row.member), row.answered_at_text, *answers)
        writer.writerow([_harmless(cell) for cell in cells])
    return file.getvalue()


def _harmless(cell: str) -> str:
    marked = _SIGN.sub(_marked, _WITHOUT_BREAKS.sub(lambda found: one_line(found.group()), cell))
    return f"'{marked}" if marked[:1] in ("\t", "\r", "\n") else marked


def _marked(found: re.Match[str]) -> str:
    before, sign = found.groups()
    begins_a_cell = found.start() == 0 or any(one in before for one in _BREAKS)
    return f"{before}'{sign}" if sign and begins_a_cell else f"{before}{sign}"

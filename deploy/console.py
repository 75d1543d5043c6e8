"""The one module that prints: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from deploy.errors import OutputError
from deploy.table import Row, Table, laid_out, plain_lines
from deploy.wording import harmless

Output = Literal["text", "json"]

# So that whoever waits for a long table sees its beginning soon, and its titles now and then.
_ROWS_AT_ONCE = 200
_LONG_ENOUGH = 2.0  # seconds in which rows are gathered that come slowly
# Between the lines of a row that stands in an array of the document.
_DEEPER = "\n    "


class Console:
    """Prints for one command. With output "json", stdout carries exactly one JSON document.

    Colours are for terminals, and for nobody who has set NO_COLOR or TERM=dumb.
    """

    def __init__(
        self, output: Output = "text", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.output = output
        self._clock = clock
        self._has_result = False
        self._has_open_rows = False

    @property
    def is_terminal(self) -> bool:
        """Whether progress may redraw a line: only a person at a terminal wants that."""
        return sys.stderr.isatty()

    @property
    def can_ask(self) -> bool:
        """Whether somebody sees a question and can answer it."""
        return sys.stdin is not None and sys.stdin.isatty() and self.is_terminal

    def result(self, document: Mapping[str, Any], *shown: str | Table) -> None:
        """Print what the command was asked for, as `document` or as texts and tables."""
        self._has_result = True
        if self.output == "json":
            _echo(_json(document, indent=2))
            return
        for part in shown:
            if isinstance(part, Table):
                self.table(part)
            else:
                _echo(part)

    def result_line(self, document: Mapping[str, Any], text: str) -> None:
        """Like result, on one line when JSON and flushed, for tools that wait for it."""
        self._has_result = True
        line = _json(document) if self.output == "json" else text
        _echo(line)
        if sys.stdout is not None:
            sys.stdout.flush()

    def table(self, table: Table) -> None:
        """Print rows as they come, with their titles if there are any.

        A terminal gets them laid out to its width, a pipe each whole and on one line.
        """
        if sys.stdout is None or not sys.stdout.isatty():
            for line in plain_lines(table):
                _echo(line)
            return
        lot: list[Row] = []

        def print_lot() -> None:
            if lot:
                text = laid_out(table.columns, lot, shutil.get_terminal_size().columns)
                lot.clear()
                _echo(text)

        begun = 0.0
        try:
            for row in table.rows:
                begun = begun if lot else self._clock()
                lot.append(row)
                if len(lot) == _ROWS_AT_ONCE or self._clock() - begun > _LONG_ENOUGH:
                    print_lot()
        finally:  # also what came before a fault
            print_lot()

    def result_rows(
        self,
        name: str,
        rows: Iterable[Mapping[str, Any]],
        beside: Mapping[str, Any] | None = None,
    ) -> None:
        """Print `{**beside, name: rows}` as the document, each row as soon as it is known.

        Where the rows end in an error, `error` ends the document: whole, but with the error in it.
        """
        before_rows = "".join(
            f"\n  {json.dumps(key)}: {_json(value)}," for key, value in (beside or {}).items()
        )
        opening = f"{{{before_rows}\n  {json.dumps(name)}: ["
        for row in rows:
            before = "," if self._has_open_rows else opening
            self._has_result = self._has_open_rows = True
            _echo(f"{before}{_DEEPER}{_json(row, indent=2, line_end=_DEEPER)}", nl=False)
        _echo("\n  ]\n}" if self._has_open_rows else f"{opening}]\n}}")
        self._has_result, self._has_open_rows = True, False

    def progress(self, line: str, **style: Any) -> None:
        """Say what is going on, one line, to stderr; `style` as click.style takes it."""
        _say(line, **style)

    def warn(self, line: str) -> None:
        _say(f"Warning: {line}", fg="yellow")

    def error(self, sentence: str) -> None:
        """Say why the command failed; programs find it in the document if there is no other."""
        _say(f"Error: {sentence}", fg="red")
        self.failed(sentence)

    def failed(self, sentence: str) -> None:
        """The document of a command that failed without a result, and tells people otherwise."""
        if self._has_open_rows:
            self._has_open_rows = False
            _echo(f'\n  ],\n  "error": {_json(sentence)}\n}}')
        elif self.output == "json" and not self._has_result:
            self.result({"error": sentence})

    def confirm(self, question: str) -> bool:
        """Ask yes or no on stderr; no answer (end of input) is no."""
        try:
            return click.confirm(harmless(question, kept="\n"), err=True)
        except click.Abort as exc:
            if isinstance(exc.__context__, EOFError):
                click.echo(err=True)
                return False
            raise

    def ask(self, question: str, default: str | None = None) -> str | None:
        """Ask for a line on stderr; None at the end of input."""
        try:
            answer: str = click.prompt(
                question, default=default, show_default=bool(default), err=True
            )
        except click.Abort as exc:
            if isinstance(exc.__context__, EOFError):
                click.echo(err=True)
                return None
            raise
        return answer

    @contextmanager
    def bar(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        """A bar that the given function moves, from any thread; a plain line where none can."""
        lock = threading.Lock()
        is_dumb = _is_dumb()
        if is_dumb:
            _say(label)
        with click.progressbar(
            length=length, label=label, file=sys.stderr, hidden=is_dumb
        ) as moving:

            def advance(steps: int) -> None:
                with lock:
                    moving.update(steps)

            yield advance


def _echo(text: str, nl: bool = True) -> None:
    """Print to stdout. Raises OutputError where that cannot be written, as on a full disk."""
    try:
        click.echo(text, nl=nl, color=_colours())
    except BrokenPipeError:  # a reader that has seen enough
        raise
    except OSError as exc:
        # Python tries once more at its end.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        raise OutputError(f"What was found could not be printed: {exc.strerror}.") from exc


def _say(line: str, **style: Any) -> None:
    click.secho(harmless(line, kept="\n"), err=True, color=_colours(), **style)


def _colours() -> bool | None:
    """None is click's own rule: on terminals."""
    return False if os.environ.get("NO_COLOR") or _is_dumb() else None


def _is_dumb() -> bool:
    """A terminal that knows nothing but text, such as one within an editor."""
    return os.environ.get("TERM") == "dumb"


def _json(document: object, indent: int | None = None, line_end: str = "\n") -> str:
    """The document, readable."""
    text = json.dumps(document, indent=indent, ensure_ascii=False, default=str)
    return harmless(text.replace("\n", line_end), kept="\n")

"""The one module that prints: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import click

Output = Literal["text", "json"]

# Between the lines of a row that stands in an array of the document.
_DEEPER = "\n    "


class Console:
    """Prints for one command. With output "json", stdout carries exactly one JSON document."""

    def __init__(self, output: Output = "text") -> None:
        self.output = output
        self._has_result = False
        self._has_open_rows = False

    @property
    def is_terminal(self) -> bool:
        """Whether progress may redraw a line: only a person at a terminal wants that."""
        return sys.stderr.isatty()

    def result(self, document: Mapping[str, Any], text: str) -> None:
        """Print what the command was asked for, as `document` or as `text`."""
        self._has_result = True
        if self.output == "json":
            click.echo(_json(document, indent=2))
        else:
            click.echo(text)

    def result_line(self, document: Mapping[str, Any], text: str) -> None:
        """Like result, on one line when JSON and flushed, for tools that wait for it."""
        self._has_result = True
        line = _json(document) if self.output == "json" else text
        click.echo(line)
        sys.stdout.flush()

    def result_rows(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Print `{name: rows}` as the document, each row as soon as it is known.

        Where the rows end in an error, `error` ends the document: whole, but with the error in it.
        """
        opening = f"{{\n  {json.dumps(name)}: ["
        for row in rows:
            before = "," if self._has_open_rows else opening
            self._has_result = self._has_open_rows = True
            click.echo(f"{before}{_DEEPER}{_json(row, indent=2, line_end=_DEEPER)}", nl=False)
        click.echo("\n  ]\n}" if self._has_open_rows else f"{opening}]\n}}")
        self._has_result, self._has_open_rows = True, False

    def progress(self, line: str, **style: Any) -> None:
        """Say what is going on, one line, to stderr; `style` as click.style takes it."""
        click.secho(_harmless(line), err=True, **style)

    def warn(self, line: str) -> None:
        click.secho(f"Warning: {_harmless(line)}", err=True, fg="yellow")

    def error(self, sentence: str) -> None:
        """Say why the command failed; programs find it in the document if there is no other."""
        click.secho(f"Error: {_harmless(sentence)}", err=True, fg="red")
        if self._has_open_rows:
            self._has_open_rows = False
            click.echo(f'\n  ],\n  "error": {_json(sentence)}\n}}')
        elif self.output == "json" and not self._has_result:
            self.result({"error": sentence}, sentence)

    def confirm(self, question: str) -> bool:
        """Ask yes or no on stderr; no answer (end of input) is no."""
        try:
            return click.confirm(_harmless(question), err=True)
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
                return None
            raise
        return answer

    @contextmanager
    def bar(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        """A bar that the given function moves, from any thread; off a terminal a plain line."""
        lock = threading.Lock()
        with click.progressbar(length=length, label=label, file=sys.stderr) as moving:

            def advance(steps: int) -> None:
                with lock:
                    moving.update(steps)

            yield advance


def _json(document: object, indent: int | None = None, line_end: str = "\n") -> str:
    """The document, readable."""
    text = json.dumps(document, indent=indent, ensure_ascii=False, default=str)
    return _harmless(text.replace("\n", line_end))


def _harmless(text: str) -> str:
    """What a terminal would obey or hide is written as an escape."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)

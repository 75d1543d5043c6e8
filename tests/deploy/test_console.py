"""What is printed can be read by people and programs, and does nothing to a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from deploy.console import Console
from deploy.table import Row, Table, columns
from tests.deploy.terminal import Terminal
from tests.tools import RUN_LIMIT

FAILED = Table(columns("FILE", "WHY"), [Row(("report.pdf", "no such user"), "red")])


@pytest.mark.parametrize(
    "name", ["esc\x1b[2J.txt", "bell\x07", "c1\x9b2J", "fdp\u202eexe", "tag\U000e0001", "ü 📄"]
)
def test_json_holds_names_whole_and_harmless(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A key is whatever an uploader chose; some characters command the terminal."""
    Console("json").result({"file": name}, "")

    printed = capsys.readouterr().out
    assert json.loads(printed) == {"file": name}
    assert printed.replace("\n", "").isprintable()
    assert ("ü 📄" in printed) == (name == "ü 📄")


@pytest.mark.parametrize("say", [Console.progress, Console.warn, Console.error])
def test_no_sentence_commands_the_terminal(
    say: Callable[[Console, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever chose the name that is in it; its own line breaks stay."""
    say(Console(), 'One "a\x1b[2J\x9b2J\u202eü"\nand two.')

    assert capsys.readouterr().err.endswith('One "a\\u001b[2J\\u009b2J\\u202eü"\nand two.\n')


def test_a_failure_is_a_document_when_there_is_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    """With --output json stdout is one JSON document, however the command ends."""
    Console("json").error("No region is set.")

    assert json.loads(capsys.readouterr().out) == {"error": "No region is set."}


def test_a_failure_after_the_result_adds_no_second_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Doctor shows its findings and fails then."""
    console = Console("json")

    console.result({"findings": []}, "")
    console.error("Put it right.")

    assert json.loads(capsys.readouterr().out) == {"findings": []}


def test_a_failure_that_was_told_otherwise_is_a_document_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As with --debug, when people get a traceback."""
    Console("json").failed("No region is set.")
    Console("text").failed("No region is set.")

    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"error": "No region is set."}
    assert printed.err == ""


def everything_said() -> tuple[str, str]:
    """What a terminal gets on stdout and stderr of all that may be coloured, and of a bar."""
    out, err = Terminal(), Terminal()
    with redirect_stdout(out), redirect_stderr(err):
        console = Console()
        console.result({}, FAILED)
        console.progress("Creating.", bold=True)
        console.warn("Slow.")
        console.error("Over.")
        with console.bar("Uploading", 2) as advance:
            advance(2)
    return out.getvalue(), err.getvalue()


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red for what failed, yellow for warnings."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    out, err = everything_said()

    assert "\x1b[31mreport.pdf\x1b[0m" in out
    assert "\x1b[1mCreating." in err
    assert "\x1b[33mWarning: Slow." in err
    assert "\x1b[31mError: Over." in err
    assert "100%" in err


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_whoever_wants_no_colours_gets_none(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words; and no bar moves on a terminal that can only print."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)

    out, err = everything_said()

    assert out == "FILE        WHY\nreport.pdf  no such user\n"
    assert err.startswith("Creating.\nWarning: Slow.\nError: Over.\n")
    assert "Uploading" in err
    assert "\x1b" not in err if variable == "TERM" else "\x1b[3" not in err


def test_a_pipe_gets_no_colours_and_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Other programs read it."""
    Console().result({}, "Found:", FAILED)

    assert capsys.readouterr().out == "Found:\nFILE\tWHY\nreport.pdf\tno such user\n"


def test_rows_come_as_they_are_found() -> None:
    """A long table begins before its end is known, and repeats its titles now and then."""
    out = Terminal()

    with redirect_stdout(out):
        rows = (Row((str(number),)) for number in range(500))
        Console().table(Table(columns("NUMBER"), rows))

    assert out.lines.count("NUMBER") == 3
    assert [line for line in out.lines if line != "NUMBER"] == [str(each) for each in range(500)]


def test_rows_that_come_slowly_are_not_kept_back() -> None:
    """Nor are those that came before a fault."""
    out, seen, now = Terminal(), list[list[str]](), [0.0]

    def rows() -> Iterator[Row]:
        for number in range(5):
            now[0] += 1.5
            yield Row((str(number),))
            seen.append([line for line in out.lines if line != "NUMBER"])
        raise ValueError("the sixth")

    with redirect_stdout(out), pytest.raises(ValueError, match="the sixth"):
        Console(clock=lambda: now[0]).table(Table(columns("NUMBER"), rows()))

    assert seen == [[], [], ["0", "1", "2"], ["0", "1", "2"], ["0", "1", "2"]]
    assert [line for line in out.lines if line != "NUMBER"] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("width", [60, 120])
def test_a_table_is_as_wide_as_the_terminal(width: int) -> None:
    """As the terminal itself says, to a program that runs in it."""
    script = (
        "from deploy.console import Console\n"
        "from deploy.table import Row, Table, columns\n"
        "Console().result({}, Table(columns('A', 'B'), [Row(('word ' * 40, 'x'))]))"
    )
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}

    subprocess.run(
        [sys.executable, "-c", script],
        stdin=theirs,
        stdout=theirs,
        env={**environment, "NO_COLOR": "1"},
        timeout=RUN_LIMIT,
        check=True,
    )

    os.close(theirs)
    lines = os.read(ours, 10_000).decode().split("\r\n")
    os.close(ours)
    assert width - len("word ") <= max(map(len, lines)) <= width
    assert " ".join(lines).count("word") == 40


def test_rows_are_printed_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    """The document is the one that it would be if all were known before."""
    rows: list[dict[str, object]] = [{"file": "a", "to": ["bob", "eve"]}, {"file": "b\x1b"}]
    seen: list[str] = []

    def coming() -> Iterator[dict[str, object]]:
        for row in rows:
            yield row
            seen.append(capsys.readouterr().out)

    Console("json").result_rows("files", coming(), {"more": 2})
    rest = capsys.readouterr().out
    Console("json").result({"more": 2, "files": rows}, "")

    assert all(seen)
    assert "".join([*seen, rest]) == capsys.readouterr().out


def test_no_rows_are_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    """With an empty array."""
    Console("json").result_rows("files", [])

    assert json.loads(capsys.readouterr().out) == {"files": []}


def test_rows_that_end_in_a_failure_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody takes what was printed for all there is: the error is in the document as well."""

    def breaking() -> Iterator[dict[str, str]]:
        yield {"file": "a"}
        raise ConnectionError

    console = Console("json")

    with pytest.raises(ConnectionError):
        console.result_rows("files", breaking())
    console.error('The "network" is gone.')

    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "files": [{"file": "a"}],
        "error": 'The "network" is gone.',
    }
    assert printed.err == 'Error: The "network" is gone.\n'


def test_rows_that_fail_at_once_are_only_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """As with any other result that there is none of."""

    def breaking() -> Iterator[dict[str, str]]:
        raise ConnectionError
        yield {}

    console = Console("json")

    with pytest.raises(ConnectionError):
        console.result_rows("files", breaking())
    console.error("The network is gone.")

    assert json.loads(capsys.readouterr().out) == {"error": "The network is gone."}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_full_disk_is_one_sentence(output: str) -> None:
    """Nothing else is said at Python's end, and no result is taken for whole."""
    script = (
        "from deploy.cli.failures import ending_with_a_sentence\n"
        "from deploy.console import Console\n"
        f"console = Console({output!r})\n"
        "with ending_with_a_sentence(console, debug=False):\n"
        "    console.result({'found': 1}, 'found')"
    )
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-c", script],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=RUN_LIMIT,
        )

    sentence = "Error: What was found could not be printed: No space left on device.\n"
    assert (ran.returncode, ran.stderr) == (1, sentence)

"""What is printed can be read by people and programs, and does nothing to a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from deploy.console import Console


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


def test_rows_are_printed_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    """The document is the one that it would be if all were known before."""
    rows: list[dict[str, object]] = [{"file": "a", "to": ["bob", "eve"]}, {"file": "b\x1b"}]
    seen: list[str] = []

    def coming() -> Iterator[dict[str, object]]:
        for row in rows:
            yield row
            seen.append(capsys.readouterr().out)

    Console("json").result_rows("files", coming())
    rest = capsys.readouterr().out
    Console("json").result({"files": rows}, "")

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

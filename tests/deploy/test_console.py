"""What is printed can be read by people and programs, and does nothing to a terminal."""

from __future__ import annotations

import json

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

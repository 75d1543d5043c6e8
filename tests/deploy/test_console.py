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

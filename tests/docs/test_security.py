"""The threat table of docs/security.md names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text("utf-8")

_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
_ROW = re.compile(r"^\| .* \|$", re.MULTILINE)


def _threats() -> list[str]:
    """The rows of the section's tables, without their heads."""
    section = PAGE.partition("## Threats")[2].partition("\n## ")[0]
    head, *rows = _ROW.findall(section)
    return [row for row in rows if row != head]


@pytest.mark.parametrize(("file", "name"), _NAMED.findall(PAGE))
def test_a_named_test_exists(file: str, name: str) -> None:
    """By its file and its name, so that a reader can run it."""
    module = ast.parse((TESTS / file).read_text("utf-8"))

    assert name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", _threats())
def test_every_threat_has_its_test(row: str) -> None:
    """A row says what stops it and which test shows that."""
    who, tries, stops, shown = (cell.strip() for cell in row.strip("|").split("|"))

    assert tries
    assert stops
    assert len(_NAMED.findall(shown)) == 1, who or tries

"""docs/faults.md and tests/faults/ name the same faults."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults import test_given_up
from tests.faults.test_given_up import CASES

ROOT = Path(__file__).resolve().parent.parent.parent
_TEST = re.compile(r"^def (test_\w+)", re.MULTILINE)
_NAMED = re.compile(r"`(test_\w+(?:\[[^\]]+\])?)` \|$", re.MULTILINE)


def test_every_fault_has_its_row_and_every_row_its_test() -> None:
    """A row without a test would be a promise only; a test without a row nobody would find."""
    tabled = test_given_up.test_what_is_given_up_waits_and_is_replayed.__name__
    tests = {
        name
        for file in (ROOT / "tests/faults").glob("test_*.py")
        for name in _TEST.findall(file.read_text("utf-8"))
    }
    expected = sorted({*tests - {tabled}, *(f"{tabled}[{case}]" for case in CASES)})

    assert sorted(_NAMED.findall((ROOT / "docs/faults.md").read_text("utf-8"))) == expected

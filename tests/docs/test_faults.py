"""docs/faults.md and tests/faults/ name the same faults."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults import (
    test_gathering,
    test_given_up,
    test_portal_given_up,
    test_portal_pages,
    test_shares,
)

ROOT = Path(__file__).resolve().parent.parent.parent
_TEST = re.compile(r"^def (test_\w+)", re.MULTILINE)
_NAMED = re.compile(r"`(test_\w+(?:\[[^\]]+\])?)` \|$", re.MULTILINE)
# Tests that are tables themselves: each of their rows is a fault.
_TABLES = {
    test_given_up.test_what_is_given_up_waits_and_is_replayed: test_given_up.CASES,
    test_shares.test_a_share_that_is_given_up_waits_and_is_replayed: test_shares.CASES,
    test_gathering.test_what_waits_for_others_is_given_up_and_replayed: test_gathering.CASES,
    test_portal_pages.test_a_link_is_as_good_as_before: test_portal_pages.CASES,
    test_portal_given_up.test_a_link_that_cannot_be_made: test_portal_given_up.ANNOUNCING,
    test_portal_given_up.test_a_mail_of_the_portal_waits_and_is_replayed: (
        test_portal_given_up.MAILING
    ),
    test_portal_given_up.test_sqs_does_not_delete_what_was_replayed: (
        test_portal_given_up.NOT_DELETED
    ),
}


def test_every_fault_has_its_row_and_every_row_its_test() -> None:
    """A row without a test would be a promise only; a test without a row nobody would find."""
    tables = {test.__name__: cases for test, cases in _TABLES.items()}
    tests = {
        name
        for file in (ROOT / "tests/faults").glob("test_*.py")
        for name in _TEST.findall(file.read_text("utf-8"))
    }
    rows = {f"{name}[{case}]" for name, cases in tables.items() for case in cases}

    assert sorted(_NAMED.findall((ROOT / "docs/faults.md").read_text("utf-8"))) == sorted(
        {*tests - tables.keys(), *rows}
    )

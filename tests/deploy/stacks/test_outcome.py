"""What a deploy tells of a stack afterwards."""

from __future__ import annotations

import pytest

from deploy.stacks.apply import StackOutcome


@pytest.mark.parametrize(
    ("before", "outputs", "changed"),
    [
        ({}, {"A": "1", "B": "2"}, {"A": "1", "B": "2"}),
        ({"A": "1", "B": "2"}, {"A": "1", "B": "2"}, {}),
        ({"A": "1", "B": "2"}, {"A": "1", "B": "3", "C": "4"}, {"B": "3", "C": "4"}),
        ({"A": "1"}, {}, {}),
    ],
)
def test_only_outputs_that_changed_are_news(
    before: dict[str, str], outputs: dict[str, str], changed: dict[str, str]
) -> None:
    """New ones, and those with another value."""
    assert StackOutcome("s", "updated", outputs, before=before).changed_outputs == changed

"""What a deploy tells of a stack afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.deployment import Deployment
from deploy.stacks.apply import StackOutcome
from deploy.stacks.events import Event, History
from deploy.stacks.outcome import failure_sentence


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


def _event(logical_id: str, status: str, reason: str = "", of_stack: bool = False) -> Event:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Event("1", now, logical_id, "id", "AWS::SQS::Queue", status, reason, of_stack)


@pytest.mark.parametrize(
    "reason",
    [
        "Resource of type 'AWS::SQS::Queue' with identifier 'q' was not found. "
        "(HandlerErrorCode: NotFound)",
        "The specified queue does not exist (Service: SQS; Status Code: 400)",
    ],
)
def test_a_stack_is_stuck_on_what_was_deleted_by_hand(reason: str) -> None:
    """Nobody can put that right in the stack; the way out skips it, and a deploy makes it again."""
    end = _event("s3link-generator", "UPDATE_ROLLBACK_FAILED", of_stack=True)
    history = History((_event("DeadLetterQueue", "UPDATE_FAILED", reason), end), end)

    said = failure_sentence(Deployment("s3link", "1", "eu-west-1", {}), "s3link-generator", history)

    assert said.endswith(
        "; DeadLetterQueue seems to have been deleted by hand: run `aws cloudformation "
        "continue-update-rollback --stack-name s3link-generator --resources-to-skip "
        "DeadLetterQueue` and then `s3link deploy`, which makes it again."
    )

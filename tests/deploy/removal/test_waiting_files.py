"""What is asked before files that wait to be mailed together are forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from link_generator import gathered_files

from deploy.errors import CheckError
from deploy.removal import waiting_files
from deploy.removal.waiting_files import (
    confirm_end_of_gathering,
    count_waiting,
    with_waiting_files,
)
from deploy.stacks.lookup import StackState
from deploy.stacks.preview import StackPlan
from tests.deploy.scripted_account import Account

NAME = "s3link-generator"
GATHERS = StackState(NAME, NAME, "UPDATE_COMPLETE", "", {"GatherPeriod": "60"}, {}, {}, False)
OFF = StackState(NAME, NAME, "UPDATE_COMPLETE", "", {"GatherPeriod": "0"}, {}, {}, False)
DEAD = StackState(NAME, NAME, "ROLLBACK_COMPLETE", "", {"GatherPeriod": "60"}, {}, {}, False)
ROWS = [
    [{"Item": {"S": "open"}, "Files": {"SS": ["1", "2"]}}, {"Item": {"S": "pending#3"}}],
    [{"Item": {"S": "sealed#f00"}, "Files": {"SS": ["4"]}}],
]
REST = (
    "to be mailed together would not be mailed. Wait a minute or two and deploy again; `s3link dlq "
    "redrive --all` mails what failed, and `s3link send FILE` any other."
)
LOST = f"GatherPeriod becomes 0, so 4 files waiting {REST}"


class Tables:
    """A DynamoDB client that can be scanned, and fails with what a test says."""

    def __init__(self, pages: list[list[dict[str, Any]]]) -> None:
        self.pages = pages
        self.fault: Exception | None = None
        self.scanned: list[str] = []

    def get_paginator(self, operation: str) -> Tables:
        assert operation == "scan"
        return self

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        self.scanned.append(given["TableName"])
        assert given["FilterExpression"] == "#Item <> :file"
        assert given["ExpressionAttributeValues"] == {":file": {"S": "file"}}
        if self.fault:
            raise self.fault
        return iter([{"Items": rows} for rows in self.pages])


class World:
    """An account with a generator stack whose table has these rows."""

    def __init__(self, pages: list[list[dict[str, Any]]]) -> None:
        self.account = Account()
        self.tables = Tables(pages)
        listed = [
            {
                "LogicalResourceId": name,
                "ResourceType": "AWS::DynamoDB::Table",
                "PhysicalResourceId": f"{NAME}-{name}-1",
                "ResourceStatus": "CREATE_COMPLETE",
            }
            for name in ("DeliveriesLedger", "GatheredFiles")
        ]
        pages_of_stack = SimpleNamespace(
            paginate=lambda StackName: [{"StackResourceSummaries": listed}]  # noqa: N803
        )
        self.account.clients.dynamodb = self.tables
        self.account.clients.cloudformation = SimpleNamespace(
            get_paginator=lambda operation: pages_of_stack
        )

    def confirm(self, state: StackState | None, **parameters: str) -> None:
        confirm_end_of_gathering(self.account.run(**parameters), {"generator": state})


@pytest.mark.parametrize("agrees", [True, False])
def test_what_waits_is_counted_and_asked_about(agrees: bool) -> None:
    """A no changes nothing, and the sentence says how to say yes."""
    world = World(ROWS)
    world.account.operator.agrees = agrees

    if agrees:
        world.confirm(GATHERS, GatherPeriod="0")
    else:
        with pytest.raises(CheckError) as refused:
            world.confirm(GATHERS, GatherPeriod="0")
        assert str(refused.value) == (
            f"Nothing was changed: g{LOST[1:]} Run `s3link deploy --yes` if they need not be "
            "mailed."
        )

    assert world.account.operator.questions == [f"{LOST} Go on?"]
    assert world.tables.scanned == [f"{NAME}-GatheredFiles-1"]


def test_where_nothing_waits_nobody_is_asked() -> None:
    """What was mailed keeps its rows, which DynamoDB leaves out."""
    world = World([[]])

    world.confirm(GATHERS, GatherPeriod="0")

    assert world.account.operator.questions == []
    assert world.tables.scanned != []


@pytest.mark.parametrize(
    ("state", "given"),
    [
        (None, {"GatherPeriod": "0"}),
        (DEAD, {"GatherPeriod": "0"}),
        (OFF, {"GatherPeriod": "0"}),
        (GATHERS, {"GatherPeriod": "30"}),
        (GATHERS, {"MaxDownloads": "1"}),
    ],
)
def test_where_the_table_stays_nobody_looks(
    state: StackState | None, given: dict[str, str]
) -> None:
    """An ordinary deploy makes no call more."""
    world = World(ROWS)

    world.confirm(state, **given)

    assert world.account.operator.questions == []
    assert world.tables.scanned == []


def _denied() -> Exception:
    return ClientError({"Error": {"Code": "AccessDeniedException"}}, "Scan")


@pytest.mark.parametrize("fault", [_denied(), EndpointConnectionError(endpoint_url="https://x")])
def test_what_cannot_be_counted_is_asked_about_all_the_same(fault: Exception) -> None:
    """Whoever deploys may not be allowed to look."""
    world = World(ROWS)
    world.tables.fault = fault
    world.account.operator.agrees = True

    world.confirm(GATHERS, GatherPeriod="0")

    assert world.account.operator.questions == [
        f"GatherPeriod becomes 0, so what is waiting {REST} Go on?"
    ]


def test_with_a_table_that_is_gone_nothing_more_is_lost() -> None:
    """That it is gone is told elsewhere."""
    world = World(ROWS)
    world.tables.fault = ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Scan")

    assert count_waiting(world.account.clients, GATHERS) == 0


def test_the_plan_says_it_of_the_generator() -> None:
    """Behind what else is to be said of it."""
    world = World(ROWS)
    run = world.account.run(GatherPeriod="0")
    plans = [StackPlan("s3link-sender", "none"), StackPlan(NAME, "update", note="So.")]

    told = with_waiting_files(plans, world.account.clients, run.deployment, {"generator": GATHERS})

    assert [plan.note for plan in told] == ["", f"So. {LOST}"]


def test_the_rows_are_what_link_generator_writes() -> None:
    """It may not be imported here."""
    theirs = gathered_files.ITEM, gathered_files.FILES, gathered_files._FILE
    assert theirs == (waiting_files.ITEM, waiting_files.FILES, waiting_files.FOR_GOOD)

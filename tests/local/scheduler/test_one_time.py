"""Schedules that run once, as a function makes them by EventBridge Scheduler's API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary, allowing
from tests.local.links import Clock
from tests.local.stacks import Stacks

pytestmark = pytest.mark.slow

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:function"
GROUPS = "arn:aws:scheduler:eu-west-1:123456789012:schedule-group"
SCHEDULES = "arn:aws:scheduler:eu-west-1:123456789012:schedule"


def _trusting(group: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": "123456789012",
                "aws:SourceArn": f"{GROUPS}/{group}",
            }
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@dataclass(frozen=True)
class Place:
    """A group "own", whose schedules may run the function; made by a worker's role."""

    account: Account
    diary: Diary
    clock: Clock
    role: str

    def make(self, name: str = "once", **changes: Any) -> Any:
        """Make a schedule that runs in five minutes, as the worker."""
        in_five_minutes = self.clock() + timedelta(minutes=5)
        given = {
            "Name": name,
            "GroupName": "own",
            "ScheduleExpression": f"at({in_five_minutes:%Y-%m-%dT%H:%M:%S})",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {"Arn": FUNCTION, "RoleArn": self.role, "Input": '{"task": "once"}'},
            **changes,
        }
        return self.account.worker("scheduler").create_schedule(**given)

    @property
    def names(self) -> list[str]:
        listed = self.account.client("scheduler").list_schedules(GroupName="own")["Schedules"]
        return [one["Name"] for one in listed]

    def pass_by(self, **time: float) -> None:
        self.clock.ahead += timedelta(**time)
        self.account.aws.schedules.fire_due()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    clock = Clock()
    with EmbeddedAws(clock=clock, retry_delays=(0.05, 0.05)) as aws:
        account, diary = Account(aws), Diary(tmp_path / "diary.jsonl")
        account.create_function(diary.source())
        account.client("scheduler").create_schedule_group(Name="own")
        iam = account.client("iam")
        role = iam.create_role(RoleName="once", AssumeRolePolicyDocument=_trusting("own"))
        document = {
            "Version": "2012-10-17",
            "Statement": allowing("lambda:InvokeFunction", FUNCTION),
        }
        iam.put_role_policy(RoleName="once", PolicyName="work", PolicyDocument=json.dumps(document))
        assert account.role
        yield Place(account, diary, clock, role["Role"]["Arn"])


def test_it_runs_once(place: Place) -> None:
    """At its moment and never again; with ActionAfterCompletion DELETE it is gone then."""
    place.make()
    place.make("kept", ActionAfterCompletion="NONE")

    place.pass_by(minutes=4)
    assert place.diary.entries == []
    place.pass_by(minutes=2)

    assert [one["event"] for one in place.diary.wait_for(2)] == [{"task": "once"}] * 2
    assert place.names == ["kept"]
    place.pass_by(hours=1)
    assert len(place.diary.entries) == 2


def test_a_run_by_hand_is_one_more(place: Place) -> None:
    """What is run before its time runs at its time as well."""
    place.make()

    place.account.aws.schedules.run("once")
    place.diary.wait_for(1)
    place.pass_by(minutes=6)

    place.diary.wait_for(2)
    assert place.names == []


def test_its_time_zone(place: Place) -> None:
    """The moment is one of its zone; without a zone, of UTC."""
    local = datetime.now(UTC) + timedelta(hours=5)  # of a zone three hours behind: in eight
    place.make(
        ScheduleExpression=f"at({local:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone="Etc/GMT+3",
    )

    place.pass_by(hours=6)
    assert place.diary.entries == []
    place.pass_by(hours=3)

    place.diary.wait_for(1)


def test_a_name_twice(place: Place) -> None:
    """The second is refused, and the first stays as it was."""
    place.make()

    with pytest.raises(ClientError) as raised:
        place.make()

    assert raised.value.response["Error"]["Code"] == "ConflictException"
    assert place.names == ["once"]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        (
            {"GroupName": "none"},
            "ResourceNotFoundException",
            "Schedule group none does not exist.",
        ),
        (
            {"ScheduleExpression": "at(soon)"},
            "ValidationException",
            "Invalid Schedule Expression at(soon).",
        ),
        (
            {"GroupName": "default"},
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role.",
        ),
    ],
)
def test_what_is_refused(place: Place, changes: dict[str, Any], code: str, message: str) -> None:
    """A group that is not there, what is no moment, a role that trusts another group only."""
    with pytest.raises(ClientError) as raised:
        place.make(**changes)

    error = raised.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)
    assert place.names == []


def test_what_the_maker_must_be_allowed(place: Place) -> None:
    """To make schedules in this group, and to hand this role to EventBridge Scheduler."""
    making = allowing("scheduler:CreateSchedule", f"{SCHEDULES}/own/*")
    handing = allowing("iam:PassRole", place.role)
    to_others = {**handing, "Condition": {"StringEquals": {"iam:PassedToService": "x.example"}}}
    to_it = {
        **handing,
        "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
    }

    for statements, missing in [
        ([to_it], "scheduler:CreateSchedule"),
        ([allowing("scheduler:CreateSchedule", f"{SCHEDULES}/default/*"), to_it], "CreateSchedule"),
        ([making], "iam:PassRole"),
        ([making, to_others], "iam:PassRole"),
    ]:
        place.account.allow(*statements)
        with pytest.raises(ClientError, match=missing) as raised:
            place.make()
        assert raised.value.response["Error"]["Code"] == "AccessDeniedException"

    place.account.allow(making, to_it)
    place.make()
    assert place.names == ["once"]


def test_a_group_with_its_stack(place: Place) -> None:
    """It is made with its tags, changed in place, and deleted with its schedules."""
    scheduler, stacks = place.account.client("scheduler"), Stacks(place.account)
    name = "AWS::Scheduler::ScheduleGroup"
    stacks.subject(name, {"Name": "grouped", "Tags": [{"Key": "team", "Value": "red"}]})
    arn = f"{GROUPS}/grouped"
    before = scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]
    stacks.subject(name, {"Name": "grouped", "Tags": [{"Key": "team", "Value": "blue"}]})

    after = scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert (before, after) == (
        [{"Key": "team", "Value": "red"}],
        [{"Key": "team", "Value": "blue"}],
    )
    stacks.client.delete_stack(StackName="a")
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule_group(Name="grouped")

"""Schedules: functions that run every so often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary, allowing
from tests.local.apis import Reply, ask
from tests.local.links import Clock
from tests.local.stacks import Stacks, template
from tests.waiting import until

pytestmark = pytest.mark.slow

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:function"
# As AWS advises, so that no other account's schedules can use the role.
TRUSTING = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": "123456789012",
                "aws:SourceArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/default",
            }
        },
    },
}
LETTERS = "arn:aws:sqs:eu-west-1:123456789012:letters"


@dataclass(frozen=True)
class Place:
    """A schedule called `often` that runs the function each 15 minutes."""

    account: Account
    stacks: Stacks
    diary: Diary
    clock: Clock
    role: str

    def allow(self, *statements: dict[str, Any]) -> None:
        """From now on this is all that the schedule's role may do."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.account.client("iam").put_role_policy(
            RoleName="schedule", PolicyName="work", PolicyDocument=document
        )

    def schedule(self, **properties: Any) -> None:
        """Bring the schedule to this."""
        more = properties.pop("Target", {})
        target = {
            "Arn": FUNCTION,
            "RoleArn": self.role,
            "Input": '{"task": "remind"}',
            "RetryPolicy": {"MaximumRetryAttempts": 0},
            **more,
        }
        given = {
            "Name": "often",
            "ScheduleExpression": "rate(15 minutes)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
            **properties,
        }
        self.stacks.subject("AWS::Scheduler::Schedule", given)

    def control(self, path: str, method: str = "GET", **headers: str) -> Reply:
        url = f"{self.account.aws.endpoint}/_s3link/{path}"
        return ask(url, method, headers=headers)

    def told(self) -> dict[str, Any]:
        [schedule] = self.control("schedules").document
        return dict(schedule)

    def metric(self, name: str) -> float:
        points = self.account.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Scheduler",
            MetricName=name,
            Dimensions=[{"Name": "ScheduleGroup", "Value": "default"}],
            StartTime="2020-01-01",
            EndTime="2040-01-01",
            Period=86400 * 365 * 20,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    clock, file = Clock(), Path(tmp_path_factory.mktemp("schedules")) / "diary.jsonl"
    with EmbeddedAws(clock=clock, retry_delays=(0.05, 0.05)) as aws:
        account, diary = Account(aws), Diary(file)
        account.create_function(diary.source())
        account.client("sqs").create_queue(QueueName="letters")
        role = account.client("iam").create_role(
            RoleName="schedule", AssumeRolePolicyDocument=json.dumps(TRUSTING)
        )["Role"]["Arn"]
        yield Place(account, Stacks(account), diary, clock, role)


@pytest.fixture(autouse=True)
def afresh(place: Place) -> Iterator[None]:
    """Each test finds an empty diary, and a role that may do its work."""
    place.diary.file.write_text("")
    place.allow(allowing("lambda:InvokeFunction", FUNCTION))
    yield
    place.clock.ahead = timedelta()
    place.stacks.client.delete_stack(StackName="a")


def test_a_schedule_runs_when_it_is_told_to(place: Place) -> None:
    """Its function gets the input as an event, at once; the answer tells of the run."""
    place.schedule()
    before = place.told()

    reply = place.control("schedules/often/run", "POST")

    assert reply.status == 200
    assert reply.document == place.told()
    assert before == {
        "name": "often",
        "expression": "rate(15 minutes)",
        "state": "ENABLED",
        "target": FUNCTION,
        "lastRun": None,
        "error": None,
    }
    assert reply.document == {**before, "lastRun": reply.document["lastRun"]}
    assert reply.document["lastRun"].endswith("Z")
    assert place.diary.wait_for(1)[0]["event"] == {"task": "remind"}


def test_a_schedule_runs_by_itself(place: Place) -> None:
    """Once its time has come, and then again after as long."""
    place.schedule()
    assert place.told()["lastRun"] is None

    place.clock.ahead = timedelta(minutes=16)
    place.diary.wait_for(1)
    place.clock.ahead = timedelta(minutes=30)
    place.account.aws.schedules.fire_due()
    assert len(place.diary.entries) == 1
    place.clock.ahead = timedelta(minutes=32)
    place.diary.wait_for(2)


def test_a_schedule_that_is_off(place: Place) -> None:
    """It does not run by itself, and can be switched on again."""
    place.schedule(State="DISABLED")
    place.clock.ahead = timedelta(hours=1)
    place.account.aws.schedules.fire_due()
    assert place.told()["lastRun"] is None

    place.schedule()

    place.diary.wait_for(1)


def test_a_stopped_service(place: Place) -> None:
    """Without EventBridge Scheduler nothing runs."""
    place.schedule()
    place.account.aws.services.stop("scheduler")
    try:
        place.clock.ahead = timedelta(hours=1)
        place.account.aws.schedules.fire_due()
    finally:
        place.account.aws.services.start("scheduler")

    place.diary.wait_for(1)


def test_a_role_that_may_not(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The function does not run; the pages, a line and a metric tell why."""
    place.schedule()
    place.allow(allowing("lambda:InvokeFunction", f"{FUNCTION}-of-others"))
    errors, dropped = place.metric("TargetErrorCount"), place.metric("InvocationDroppedCount")

    reply = place.control("schedules/often/run", "POST")

    reason = f"{place.role} may not do lambda:InvokeFunction on {FUNCTION}."
    assert reply.document["error"] == reason
    assert f"The schedule often did not invoke its target: {reason}" in caplog.text
    assert place.metric("TargetErrorCount") == errors + 1
    assert place.metric("InvocationDroppedCount") == dropped + 1
    assert place.diary.entries == []


def test_what_could_not_be_invoked_is_a_dead_letter(place: Place) -> None:
    """The input waits in the queue that the target names."""
    place.schedule(Target={"DeadLetterConfig": {"Arn": LETTERS}})
    place.allow(allowing("sqs:SendMessage", LETTERS))

    place.control("schedules/often/run", "POST")

    sqs = place.account.client("sqs")
    url = sqs.get_queue_url(QueueName="letters")["QueueUrl"]
    [letter] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(letter["Body"]) == {"task": "remind"}


def test_a_function_that_is_not_there(place: Place) -> None:
    """The pages tell of it."""
    place.schedule(Target={"Arn": f"{FUNCTION}-gone"})
    place.allow(allowing("lambda:InvokeFunction", f"{FUNCTION}-gone"))

    assert "not found" in place.control("schedules/often/run", "POST").document["error"]


def test_a_schedule_that_is_not_there(place: Place) -> None:
    """A name that is wrong is no silent success."""
    reply = place.control("schedules/never/run", "POST")

    assert reply.status == 404
    assert reply.document == {"message": 'There is no schedule "never".'}


def test_other_pages_cannot_run_schedules(place: Place) -> None:
    """Nor does a GET run one."""
    place.schedule()

    assert place.control("schedules/often/run", "POST", Origin="https://x.example").status == 403
    assert place.control("schedules/often/run").status == 405
    assert place.told()["lastRun"] is None


def test_a_schedule_with_its_stack(place: Place) -> None:
    """It is made, changed in place and deleted; the account's clients see it."""
    place.schedule(Description="often")
    scheduler = place.account.client("scheduler")
    before = scheduler.get_schedule(Name="often")

    place.schedule(Description="more often", ScheduleExpression="rate(1 hour)")

    after = scheduler.get_schedule(Name="often")
    assert (before["Description"], after["Description"]) == ("often", "more often")
    assert after["ScheduleExpression"] == "rate(1 hour)"
    assert after["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    place.stacks.client.delete_stack(StackName="a")
    until(lambda: scheduler.list_schedules()["Schedules"] == [])


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        (
            {"ScheduleExpression": "cron(0 8 * * ? *)"},
            "The embedded AWS knows rate(…) only, not cron(0 8 * * ? *).",
        ),
        (
            {"Target": {"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:x"}},
            "The embedded AWS knows functions only, not arn:aws:sqs:eu-west-1:123456789012:q.",
        ),
        (
            {"Target": {"Arn": FUNCTION, "RoleArn": "arn:x", "SqsParameters": {}}},
            "The embedded AWS does not know SqsParameters of a target.",
        ),
        (
            {"Target": {"Arn": FUNCTION, "RoleArn": "arn:x", "Input": "remind"}},
            "The Input of the target is not JSON: Expecting value: line 1 column 1 (char 0)",
        ),
    ],
)
def test_what_a_template_cannot_ask_for(
    place: Place, properties: dict[str, Any], reason: str
) -> None:
    """It fails the stack instead of being dropped."""
    given = {
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": FUNCTION, "RoleArn": "arn:x"},
        **properties,
    }
    subject = {"Type": "AWS::Scheduler::Schedule", "Properties": given}

    place.stacks.apply("a", template({"Subject": subject}))

    assert place.stacks.reason("a", "Subject", "CREATE_FAILED") == reason


def test_a_role_that_trusts_others(place: Place) -> None:
    """EventBridge Scheduler has to be able to assume the role, or the stack fails."""
    given = {
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": FUNCTION, "RoleArn": place.account.role},
    }
    subject = {"Type": "AWS::Scheduler::Schedule", "Properties": given}

    place.stacks.apply("a", template({"Subject": subject}))

    assert place.stacks.reason("a", "Subject", "CREATE_FAILED") == (
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    )

"""Files that wait for others: what fails on the way to their one mail, comes twice, or dies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.inbox.mailbox import MAILBOX
from tests.faults.conftest import Deploy
from tests.faults.deployed import Deployed
from tests.faults.faults import GATHER, PUT, SCHEDULE, SEND
from tests.waiting import until

pytestmark = pytest.mark.slow

PERIOD = {"GatherPeriod": "3"}
BOB = "bob@example.com"


@pytest.fixture
def gathering(deploy: Deploy) -> Deployed:
    """With tries that follow each other quickly."""
    return deploy(0.05, 0.05, **PERIOD)


def put_files(deployed: Deployed, count: int = 3) -> None:
    for number in range(count):
        deployed.upload(f"{number}.jpg")


def mailed() -> list[str]:
    """What bob was mailed."""
    return [
        mail.subject.partition(": ")[2]
        for mail in MAILBOX.mails()
        if mail.recipients == (BOB,) and mail.subject.startswith("File")
    ]


def is_done(deployed: Deployed) -> bool:
    """Whether nothing waits any more: neither files, nor events, nor wake-ups."""
    return not (deployed.aws.schedules.describe() or left(deployed))


def left(deployed: Deployed) -> list[str]:
    """What is yet to be done, by the table of gathered files."""
    tables = deployed.clients.dynamodb.list_tables()["TableNames"]
    [table] = [name for name in tables if "GatheredFiles" in name]
    items = deployed.clients.dynamodb.scan(TableName=table)["Items"]
    return [item["Item"]["S"] for item in items if item["Item"]["S"] != "file"]


@dataclass(frozen=True)
class Case:
    """Which step fails, how, and what `s3link dlq list` says of it; `letters` are as many."""

    step: str
    status: int
    code: str
    error: str
    letters: int = 3


CASES = {
    "the table is down": Case(
        GATHER, 500, "InternalServerError", "the table of gathered files did not do its part"
    ),
    "EventBridge Scheduler throttles": Case(
        SCHEDULE, 429, "ThrottlingException", "EventBridge Scheduler did not take the time"
    ),
    "S3 does not take the manifest": Case(
        PUT, 503, "ServiceUnavailable", "S3 did not take the manifest of its share", 1
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_waits_for_others_is_given_up_and_replayed(gathering: Deployed, case: Case) -> None:
    """Nobody is mailed any of it until its cause is gone; then all of it, once."""
    gathering.faults.answer(case.step, case.status, case.code)
    put_files(gathering)
    until(lambda: len(gathering.dead_letters()) == case.letters)

    assert all(case.error in error for error in gathering.dead_letters())
    assert mailed() == []

    gathering.faults.end()
    replayed = gathering.s3link("dlq redrive --all")

    assert replayed.exit_code == 0, replayed.stderr
    until(lambda: mailed() and is_done(gathering))
    assert mailed() == ["0.jpg and 2 more files"]
    assert gathering.dead_letters() == []


def test_events_and_wake_ups_come_twice(gathering: Deployed) -> None:
    """Before the mail and after it."""
    put_files(gathering)
    until(lambda: gathering.aws.schedules.describe())
    [wake_up] = {_input(gathering, one["name"]) for one in gathering.aws.schedules.describe()}
    until(lambda: mailed() and is_done(gathering))

    for _ in range(2):
        _invoke(gathering, json.loads(wake_up))
    _invoke(gathering, _arrival(gathering, "1.jpg"))

    assert mailed() == ["0.jpg and 2 more files"]
    assert is_done(gathering)


def test_killed_while_files_are_put_together(deploy: Deploy) -> None:
    """Whatever LinkGenerator had begun, its next try ends."""
    gathering = deploy(40, 40, **PERIOD)
    gathering.faults.lose_the_answer(PUT, times=3)
    gathering.faults.lose_the_answer(GATHER, times=2)

    put_files(gathering)
    until(lambda: gathering.failed_and_waiting() or mailed())
    gathering.kill()
    gathering.aws.pass_time(60)

    until(lambda: mailed() and is_done(gathering))
    assert mailed() == ["0.jpg and 2 more files"]


def test_ses_is_down_for_a_file_that_stayed_alone(gathering: Deployed) -> None:
    """The wake-up's event waits, and its redrive mails the file."""
    gathering.faults.answer(SEND, 503, "ServiceUnavailable")
    gathering.upload("alone.jpg")
    until(gathering.dead_letters)
    listed = gathering.s3link("dlq list")
    gathering.faults.end()

    replayed = gathering.s3link("dlq redrive --all")

    assert "that wait to be mailed together" in listed.stdout
    assert replayed.exit_code == 0, replayed.stderr
    assert '"alone.jpg" (mailed)' in replayed.stdout
    assert mailed() == ["alone.jpg"]


def _input(deployed: Deployed, name: str) -> str:
    scheduler = deployed.clients.scheduler
    [group] = [
        one["Name"]
        for one in scheduler.list_schedule_groups()["ScheduleGroups"]
        if one["Name"] != "default"
    ]
    return str(scheduler.get_schedule(Name=name, GroupName=group)["Target"]["Input"])


def _arrival(deployed: Deployed, key: str) -> dict[str, Any]:
    bucket = deployed.local.bucket
    version = deployed.clients.s3.head_object(Bucket=bucket, Key=key)["VersionId"]
    s3 = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": version}}
    record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": s3}
    return {"Records": [record]}


def _invoke(deployed: Deployed, event: Any) -> None:
    answer = deployed.clients.awslambda.invoke(
        FunctionName=deployed.generator, Payload=json.dumps(event).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()

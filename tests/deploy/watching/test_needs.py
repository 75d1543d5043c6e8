"""What `s3link status` says first: what is broken or waits, each with the next thing to do."""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.aws.ses import Quota
from deploy.cli.commands.status import shown
from deploy.console import Console
from deploy.deployment import STACKS, Deployment
from deploy.stacks.lookup import Missing, StackState
from deploy.stacks.templates import load_template
from deploy.watching.deliveries import Delivery
from deploy.watching.needs import Need, command_about, needs_of
from deploy.watching.status import Alarm, Status, Subscription
from tests.deploy.terminal import Terminal

TOPIC = "arn:aws:sns:eu-west-1:123456789012:topic"
PLACE = ("--region", "eu-west-1")
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {}, place_options=PLACE)
DEPLOY = "`s3link deploy --region eu-west-1`"
DLQ_LIST = "`s3link dlq list --region eu-west-1`"


def stack(status: str = "CREATE_COMPLETE", reason: str = "") -> StackState:
    parameters = {"AdminAlarmEMail": "admin@example.com"}
    outputs = {"CommonAlarmTopicArn": TOPIC}
    return StackState("s3link-sender", "id", status, reason, parameters, outputs, {}, False)


def named(kind: str, **parameters: str) -> StackState:
    return StackState(f"s3link-{kind}", "id", "CREATE_COMPLETE", "", parameters, {}, {}, False)


LEDGER = {"DeliveriesLedgerName": "ledger"}
WELL = Status(
    stacks=(stack(), replace(named("generator"), outputs=LEDGER)),
    missing=(),
    subscriptions=(Subscription("admin@example.com", True),),
    alarms=(Alarm("s3link-sender-CommonAlarmTopicFailedAlarm-1A", "OK", ""),),
    undelivered=0,
    portal=None,
    undelivered_of_portal=None,
    programs=None,
    members=None,
    quota=Quota(200, 1, 12),
    deliveries=(),
)


def test_a_deployment_may_need_nothing() -> None:
    """An alarm that has no data yet is none that is on."""
    alarms = (Alarm("s3link-sender-CommonAlarmTopicFailedAlarm-1A", "INSUFFICIENT_DATA", ""),)

    assert needs_of(WELL, DEPLOYMENT) == needs_of(replace(WELL, alarms=alarms), DEPLOYMENT) == ()


@pytest.mark.parametrize(
    "stacks",
    [
        (named("generator", PortalStackName=""),),
        (named("portal"), named("generator", PortalStackName="s3link-portal")),
        (
            replace(named("portal"), status="DELETE_IN_PROGRESS"),
            named("generator", PortalStackName=""),
        ),
        (
            replace(named("generator", PortalStackName=""), status="UPDATE_IN_PROGRESS"),
            named("portal"),
        ),
    ],
    ids=["no portal", "on the portal", "a portal that goes", "a deploy under way"],
)
def test_a_generator_on_its_portal_or_without_one_needs_nothing(
    stacks: tuple[StackState, ...],
) -> None:
    """Only one that is off a portal that there is mails other links than it should."""
    needs = needs_of(replace(WELL, stacks=(stack(), *stacks)), DEPLOYMENT)

    assert not any("direct links" in need.sentence for need in needs)


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        (
            {"missing": ("s3link-generator",)},
            Need("broken", "Stack s3link-generator is not deployed.", DEPLOY),
        ),
        (
            {"stacks": (stack("UPDATE_IN_PROGRESS"),)},
            Need(
                "waiting",
                "Stack s3link-sender is UPDATE_IN_PROGRESS.",
                f"{DEPLOY} follows it to its end",
            ),
        ),
        (
            {"stacks": (stack("ROLLBACK_COMPLETE", "The limit is reached."),)},
            Need(
                "broken",
                "Stack s3link-sender is ROLLBACK_COMPLETE: The limit is reached.",
                f"put the cause right, then {DEPLOY}",
            ),
        ),
        (
            {"stacks": (stack("UPDATE_ROLLBACK_COMPLETE"),)},
            Need(
                "waiting",
                "Stack s3link-sender is UPDATE_ROLLBACK_COMPLETE.",
                f"put the cause right, then {DEPLOY}",
            ),
        ),
        (
            {"stacks": (stack("UPDATE_ROLLBACK_FAILED"),)},
            Need(
                "broken",
                "Stack s3link-sender is UPDATE_ROLLBACK_FAILED.",
                "put the cause right, then `aws cloudformation continue-update-rollback "
                f"--stack-name s3link-sender` and {DEPLOY}",
            ),
        ),
        (
            {"stacks": (stack("REVIEW_IN_PROGRESS"),)},
            Need(
                "broken",
                "Stack s3link-sender is REVIEW_IN_PROGRESS.",
                f"{DEPLOY}, or `aws cloudformation delete-stack --stack-name s3link-sender`",
            ),
        ),
        (
            {"stacks": (replace(stack("REVIEW_IN_PROGRESS"), name="s3link-portal"),)},
            Need(
                "broken",
                "Stack s3link-portal is REVIEW_IN_PROGRESS.",
                "`s3link deploy --with portal --region eu-west-1`, or `aws cloudformation "
                "delete-stack --stack-name s3link-portal`",
            ),
        ),
        (
            {"stacks": (stack(), named("portal"), named("generator", PortalStackName=""))},
            Need(
                "broken",
                "New mails carry direct links: stack s3link-generator does not use the portal.",
                DEPLOY,
            ),
        ),
        (
            {"alarms": (Alarm("s3link-generator-DeadLetterQueueTooDeepAlarm-1A", "ALARM", "5."),)},
            Need(
                "broken",
                "Alarm s3link-generator-DeadLetterQueueTooDeepAlarm-1A is on: 5.",
                DLQ_LIST,
            ),
        ),
        (
            {"subscriptions": ()},
            Need(
                "broken",
                "Nobody gets alarms: nobody is subscribed to CommonAlarmTopic.",
                "`s3link deploy --region eu-west-1`, then click the link in AWS's mail",
            ),
        ),
        (
            {"subscriptions": (Subscription("admin@example.com", False),)},
            Need(
                "waiting",
                "admin@example.com gets NO alarms: the subscription is not confirmed.",
                f"click the link in AWS's mail; {DEPLOY} has it sent again",
            ),
        ),
        (
            {"undelivered": 2},
            Need(
                "waiting",
                "About 2 events could not be announced, in the dead-letter queue.",
                DLQ_LIST,
            ),
        ),
        (
            {"undelivered_of_portal": 1},
            Need(
                "waiting",
                "About 1 task of the portal could not be done, in its dead-letter queue.",
                DLQ_LIST,
            ),
        ),
        (
            {"quota": None},
            Need(
                "waiting",
                "SES could not be asked how it stands.",
                "`s3link doctor --region eu-west-1`",
            ),
        ),
        (
            {"quota": Quota(200, 1, 200)},
            Need(
                "broken",
                "SES sends no more mails today: 200 mails sent in the last 24 hours of 200 mails "
                "a day, 1 a second.",
                "wait, or ask AWS for a higher quota; then "
                "`s3link dlq redrive --all --region eu-west-1`",
            ),
        ),
        (
            {"deliveries": None},
            Need(
                "waiting",
                "The deliveries ledger could not be read.",
                "`s3link deliveries --region eu-west-1`",
            ),
        ),
    ],
)
def test_each_need_has_a_next_step(changes: dict[str, Any], need: Need) -> None:
    """A command as it is typed for this deployment, or what only a person can do."""
    assert needs_of(replace(WELL, **changes), DEPLOYMENT) == (need,)


@pytest.mark.parametrize(
    "changes",
    [
        {"stacks": (stack(),), "missing": ("s3link-generator",)},
        {"stacks": (stack(), replace(named("generator"), status="ROLLBACK_COMPLETE"))},
        {"gone": (Missing("s3link-generator", "DeliveriesLedger", "AWS::DynamoDB::Table", "t"),)},
    ],
    ids=["no stack", "a dead stack", "itself"],
)
def test_a_ledger_that_is_not_there_is_told_once(changes: dict[str, Any]) -> None:
    """The command that reads it would help nobody."""
    [need] = needs_of(replace(WELL, deliveries=None, **changes), DEPLOYMENT)

    assert need.level == "broken"
    assert "deliveries" not in need.next


def test_what_is_broken_comes_first() -> None:
    """Before what waits for a person."""
    status = replace(WELL, undelivered=1, deliveries=None, missing=("s3link-portal",))

    found = needs_of(status, DEPLOYMENT)

    assert [need.level for need in found] == ["broken", "waiting", "waiting"]


def test_the_documents_show_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample of docs/operations.md, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    alarm = Alarm(
        "s3link-generator-LinkGeneratorErrorsTooHighAlarm-1OCJR4CIS9IA",
        "ALARM",
        "Threshold Crossed: 1 datapoint(s) [1.0] breaching the threshold (1.0, "
        "GreaterThanOrEqualToThreshold).",
    )
    bucket = {"FileExchangeBucketName": "s3link-123456789012-eu-west-1"}
    status = replace(
        WELL,
        stacks=(stack(), replace(stack(), name="s3link-generator", outputs=bucket)),
        alarms=(*WELL.alarms * 7, alarm),
        undelivered=1,
        quota=Quota(50_000, 14, 15),
        deliveries=(delivery("Delivered"),) * 9 + (delivery("Refused"),),
    )
    out = Terminal()

    with redirect_stdout(out):
        needs = needs_of(status, Deployment("s3link", "123456789012", "eu-west-1", {}))
        Console().result({}, *shown(status, needs, verbose=False))

    document = Path(__file__).parents[3] / "docs" / "operations.md"
    assert "\n".join(["$ s3link status", *out.lines, "```"]) in document.read_text("utf-8")


def delivery(state: str) -> Delivery:
    times = (None, None, None)
    return Delivery("id", "2026-11-25T06:58:01Z", "a", None, "b", state, None, 1, None, *times)


ALARMS = [
    (stack.kind, name)
    for stack in STACKS
    for name, resource in load_template(stack.template).resources.items()
    if resource.type == "AWS::CloudWatch::Alarm"
]
TOLD_BY_LOGS = {"generator": "logs --since 1h", "portal": "logs --portal"}
TOLD_BY_LOGS |= {"programs": "logs --programs", "members": "logs --members"}


@pytest.mark.parametrize(("kind", "logical_id"), ALARMS)
def test_every_alarm_has_its_command(kind: str, logical_id: str) -> None:
    """Its own function's log, unless something else tells more of the cause."""
    others = {
        "DeadLetterQueueTooDeepAlarm": "dlq list",
        "PortalDeadLetterQueueNotEmptyAlarm": "dlq list",
        "FateRecorderErrorsTooHighAlarm": "dlq list",
        "FateRecorderEventsLostAlarm": "deliveries --failed",
        "CommonAlarmTopicFailedAlarm": "status --verbose",
    }
    deployment = Deployment("Portal-Alarm", "123456789012", "eu-west-1", {})

    told_by = command_about(f"Portal-Alarm-{kind}-{logical_id}-1A2B3C", deployment)

    verb = others.get(logical_id) or TOLD_BY_LOGS[kind]
    assert told_by == deployment.command(verb)

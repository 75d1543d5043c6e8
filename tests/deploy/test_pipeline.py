"""Planning a deployment in every state it can be in, and what a deploy gives back."""

from __future__ import annotations

import pytest

from deploy.aws.polling import Poll
from deploy.deployment import Deployment
from deploy.errors import S3LinkError
from deploy.pipeline import Outcome, plan
from deploy.stacks.apply import StackOutcome
from deploy.stacks.preview import Plan, StackPlan
from tests.deploy.scripted import (
    ACCOUNT,
    REGION,
    Clock,
    ScriptedClients,
    ScriptedCloudFormation,
    ScriptedS3,
)

SENDER, GENERATOR = "s3link-sender", "s3link-generator"
GIVEN = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}
DEPLOYMENT = Deployment("s3link", ACCOUNT, REGION, GIVEN)
NO_CHANGES = {
    "Status": "FAILED",
    "StatusReason": "The submitted information didn't contain changes.",
}


@pytest.fixture
def aws() -> ScriptedCloudFormation:
    return ScriptedCloudFormation(Clock())


def planned(aws: ScriptedCloudFormation) -> Plan:
    return plan(ScriptedClients(aws, ScriptedS3()), DEPLOYMENT, Poll(aws.clock.sleep))


def stack(plan: Plan, name: str) -> StackPlan:
    [found] = [stack for stack in plan.stacks if stack.stack_name == name]
    return found


def test_plan_and_deploy_ask_for_the_same(aws: ScriptedCloudFormation) -> None:
    """What is planned is worked out by CloudFormation from the request a deploy would make."""
    aws.has_stack(SENDER, "CREATE_COMPLETE")

    planned(aws)

    sender, generator = aws.proposals
    assert sender["ChangeSetType"] == "UPDATE"
    assert generator["ChangeSetType"] == "CREATE"
    given = {each["ParameterKey"]: each["ParameterValue"] for each in generator["Parameters"]}
    assert given["SenderStackName"] == SENDER
    assert given["CodeBucketName"] == f"s3link-artifacts-{ACCOUNT}-{REGION}"
    assert given["CodeKey"].startswith("lambda/")
    assert aws.withdrawn == [SENDER, GENERATOR]
    assert aws.executed == []


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "DELETE_FAILED", "REVIEW_IN_PROGRESS"])
def test_a_dead_stack_is_planned_without_being_touched(
    aws: ScriptedCloudFormation, status: str
) -> None:
    """It would be made anew; the plan neither deletes it nor hangs anything on it."""
    aws.has_stack(SENDER, status)

    found = stack(planned(aws), SENDER)

    assert (found.action, found.note) == ("recreate", f"It is {status}.")
    assert {change.action for change in found.changes} == {"add"}
    assert aws.deleted == aws.proposals == []


def test_an_export_that_is_missing_yet_is_said(aws: ScriptedCloudFormation) -> None:
    """A new version may need a value that the sender exports only after its own update."""
    aws.has_stack(SENDER, "CREATE_COMPLETE")
    aws.has_stack(GENERATOR, "CREATE_COMPLETE")
    missing = "No export named s3link-sender-NewTopicArn found."
    aws.proposes(GENERATOR, {"Status": "FAILED", "StatusReason": missing})

    found = stack(planned(aws), GENERATOR)

    assert found.action == "update"
    assert found.note == (
        "Stack s3link-generator needs s3link-sender-NewTopicArn, which no stack exports yet. "
        "Deploying in order solves this; what else changes is not known yet."
    )
    assert aws.withdrawn == [SENDER, GENERATOR]


def test_nothing_to_change(aws: ScriptedCloudFormation) -> None:
    """Neither stack has changes, so there are none to deploy."""
    for name in (SENDER, GENERATOR):
        aws.has_stack(name, "UPDATE_COMPLETE")
        aws.proposes(name, NO_CHANGES)

    plan = planned(aws)

    assert not plan.has_changes
    assert aws.withdrawn == [SENDER, GENERATOR]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (
            "UPDATE_IN_PROGRESS",
            "Stack s3link-sender is UPDATE_IN_PROGRESS, so nothing can be planned now; "
            "`s3link deploy` follows it to its end.",
        ),
        (
            "UPDATE_ROLLBACK_FAILED",
            "Stack s3link-sender is UPDATE_ROLLBACK_FAILED; put the cause right and run `aws "
            "cloudformation continue-update-rollback --stack-name s3link-sender`, then deploy "
            "again.",
        ),
    ],
)
def test_a_stack_that_is_not_settled_cannot_be_planned(
    aws: ScriptedCloudFormation, status: str, sentence: str
) -> None:
    """The sentence says what to do first."""
    aws.has_stack(SENDER, status)

    with pytest.raises(S3LinkError) as failure:
        planned(aws)

    assert str(failure.value) == sentence


def test_the_next_steps_say_how_to_invite_and_publish() -> None:
    """With a members area there is nothing to see in it before that."""
    bucket = {"FileExchangeBucketName": "bucket"}
    area = {"MembersUrl": "https://members.example.com"}
    stacks = (
        StackOutcome("test-generator", "unchanged", bucket),
        StackOutcome("a", "created", area),
    )

    outcome = Outcome(Deployment("test", ACCOUNT, REGION, GIVEN), stacks)

    assert outcome.next_steps[1:] == (
        "Invite members, who sign in at https://members.example.com/: "
        "s3link members invite ADDRESS --name test",
        "Publish a version for them: s3link members publish FILE --version 1.0.0 --name test",
    )


def test_the_next_steps_name_the_deployment() -> None:
    """Another name than the default must be typed; the alarm mail is announced only once."""
    bucket = {"FileExchangeBucketName": "test-files"}
    stacks = (
        StackOutcome("test-sender", "unchanged"),
        StackOutcome("test-generator", "updated", bucket),
    )

    outcome = Outcome(Deployment("test", ACCOUNT, REGION, GIVEN), stacks)

    assert outcome.next_steps == (
        "Upload a file: s3link send report.pdf --name test, or "
        "aws s3 cp report.pdf s3://test-files/",
    )

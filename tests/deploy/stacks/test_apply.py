"""Applying one stack: what is asked, what is told, and what is done only with consent."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.deployment import GENERATOR, SENDER
from deploy.stacks.apply import apply_stack, wait_until_idle
from deploy.stacks.apply_all import protect_stacks
from deploy.stacks.lookup import find_stack
from tests.deploy.scripted import Step
from tests.deploy.scripted_account import CODE, CREATED, NAME, UPDATED, Account, failure


@pytest.fixture
def account() -> Account:
    return Account()


def test_a_new_stack_is_created(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """The change set is for a creation, gets our tag, and the events are shown on stderr."""
    account.aws.when_worked_on(NAME, *CREATED)

    outcome = apply_stack(account.run(), SENDER, CODE)

    [asked] = account.aws.proposals
    assert outcome.action == "created"
    assert asked["ChangeSetType"] == "CREATE"
    assert asked["Tags"] == [{"Key": "s3link:deployment", "Value": "s3link"}]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.split()[2:] for line in printed.err.splitlines()[1:]] == [
        ["CREATE_IN_PROGRESS", NAME],
        ["CREATE_COMPLETE", NAME],
    ]


def test_what_is_not_given_keeps_its_value(account: Account) -> None:
    """Only what the operator says changes; a default is for a creation."""
    previous = {"AdminAlarmEMail": "old@example.com", "ConfigSetName": "mine"}
    account.aws.has_stack(
        NAME,
        "CREATE_COMPLETE",
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in previous.items()
        ],
        Tags=[{"Key": "owner", "Value": "ann"}, {"Key": "aws:x", "Value": "1"}],
    )
    account.aws.when_worked_on(NAME, *UPDATED)

    outcome = apply_stack(account.run(AdminAlarmEMail="new@example.com"), SENDER, CODE)

    [asked] = account.aws.proposals
    assert outcome.action == "updated"
    assert asked["ChangeSetType"] == "UPDATE"
    assert asked["Parameters"] == [
        {"ParameterKey": "AdminAlarmEMail", "ParameterValue": "new@example.com"},
        {"ParameterKey": "ConfigSetName", "UsePreviousValue": True},
    ]
    assert asked["Tags"] == [
        {"Key": "owner", "Value": "ann"},
        {"Key": "s3link:deployment", "Value": "s3link"},
    ]


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_nothing_to_change_is_done(
    account: Account, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    """CloudFormation calls it a failure; for the operator it is the best of outcomes."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE")
    account.aws.proposes(NAME, {"Status": "FAILED", "StatusReason": reason})

    outcome = apply_stack(account.run(), SENDER, CODE)

    assert outcome.action == "unchanged"
    assert account.aws.withdrawn == [NAME]
    assert account.aws.executed == []
    assert capsys.readouterr().err == "s3link-sender: nothing to change.\n"


def test_a_refused_change_set_leaves_nothing_behind(account: Account) -> None:
    """Neither the change set nor the empty stack that came with it."""
    account.aws.proposes(
        NAME, {"Status": "FAILED", "StatusReason": "Template error: no such resource."}
    )

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        "CloudFormation refused to change stack s3link-sender: Template error: no such resource; "
        "nothing was changed in it."
    )
    assert account.aws.withdrawn == [NAME]
    assert find_stack(account.clients, NAME) is None


def test_a_failed_validation_is_told_in_its_own_words(account: Account) -> None:
    """The change set's reason only says where to look; the tool looks there."""
    account.aws.finds_invalid("FileExchangeBucket", "A bucket of this name exists already.")
    reason = (
        "The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. "
        "To troubleshoot Early Validation errors, use the DescribeEvents API."
    )
    account.aws.proposes(NAME, {"Status": "FAILED", "StatusReason": reason})

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        "CloudFormation refused to change stack s3link-sender: FileExchangeBucket: A bucket of "
        "this name exists already; nothing was changed in it."
    )


def test_capabilities_are_shown_with_the_reason(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation wants IAM acknowledged, so the operator sees what it is for."""
    name = "s3link-generator"
    account.aws.when_worked_on(name, *CREATED)

    apply_stack(account.run(EmailSender="files@example.com"), GENERATOR, CODE)

    assert account.aws.proposals[0]["Capabilities"] == ["CAPABILITY_IAM"]
    assert (
        "Acknowledging CAPABILITY_IAM: it makes LinkGeneratorRole (AWS::IAM::Role), "
        "FateRecorderRole (AWS::IAM::Role)." in capsys.readouterr().err
    )


def test_a_failed_stack_ends_in_its_cause(account: Account) -> None:
    """The last thing said is the first thing that failed."""
    account.aws.when_worked_on(
        NAME,
        Step(0.1, "CREATE_IN_PROGRESS"),
        Step(0.5, "CREATE_FAILED", "LinkTemplate", "AWS::SES::Template", "it already exists"),
        Step(0.6, "CREATE_FAILED", "CommonAlarmTopic", reason="Resource creation cancelled"),
        Step(0.7, "ROLLBACK_IN_PROGRESS"),
        Step(2.0, "ROLLBACK_COMPLETE"),
    )

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        "Stack s3link-sender ended as ROLLBACK_COMPLETE: LinkTemplate (AWS::SES::Template) failed: "
        "it already exists; all it had made was removed again; put the cause right and run "
        "`s3link deploy`."
    )


def test_a_deploy_that_was_left_is_taken_up_again(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Running deploy while CloudFormation works on a stack follows that first."""
    account.aws.has_stack(NAME, "UPDATE_IN_PROGRESS")
    account.aws.goes_on_with(NAME, Step(5.0, "UPDATE_COMPLETE"))

    state = wait_until_idle(account.run(), SENDER)

    assert state.status == "UPDATE_COMPLETE"
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "s3link-sender is UPDATE_IN_PROGRESS; following it first."
    assert said[-1].split()[2:] == ["UPDATE_COMPLETE", NAME]


def test_a_deletion_under_way_is_waited_for(account: Account) -> None:
    """Then the stack is simply absent."""
    account.aws.has_stack(NAME, "DELETE_IN_PROGRESS")
    account.aws.goes_on_with(NAME, Step(5.0, "DELETE_COMPLETE"))

    assert wait_until_idle(account.run(), SENDER) is None


def test_a_deploy_that_was_left_and_failed_says_why(account: Account) -> None:
    """Whoever comes back is told the cause, as if they had stayed."""
    account.aws.has_stack(NAME, "CREATE_IN_PROGRESS")
    account.aws.goes_on_with(
        NAME,
        Step(1.0, "CREATE_FAILED", "LinkTemplate", "AWS::SES::Template", "it already exists"),
        Step(3.0, "ROLLBACK_COMPLETE"),
    )

    said = failure(wait_until_idle, account.run(), SENDER)

    assert "LinkTemplate (AWS::SES::Template) failed: it already exists" in said


def test_ctrl_c_says_that_the_stack_goes_on(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The work is in AWS; the command to come back is named."""
    account.aws.when_worked_on(NAME, *CREATED)
    account.aws.fails_with(*[None] * 4, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        apply_stack(account.run(), SENDER, CODE)

    assert capsys.readouterr().err.splitlines()[-1] == (
        "Warning: Stack s3link-sender goes on in AWS without you; `s3link deploy` follows it again."
    )


def test_a_throttled_call_does_not_spoil_a_good_deployment(account: Account) -> None:
    """Neither while the stack is followed nor when its outputs are read at the end."""
    account.aws.when_worked_on(NAME, *CREATED)
    throttled = ClientError({"Error": {"Code": "Throttling"}}, "DescribeStacks")
    account.aws.fails_with(throttled, *[None] * 4, throttled, None, throttled, throttled)

    assert apply_stack(account.run(), SENDER, CODE).action == "created"


def test_a_session_that_ends_meanwhile_says_that_the_stack_goes_on(account: Account) -> None:
    """An expired session is not a failed deployment."""
    account.aws.when_worked_on(NAME, *CREATED)
    expired = ClientError({"Error": {"Code": "ExpiredToken"}}, "DescribeStackEvents")
    account.aws.fails_with(*[None] * 4, expired)

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        "Stack s3link-sender goes on in AWS, but it cannot be followed from here: The AWS session "
        "has expired; log in again (`aws sso login` or `aws login`) or renew the keys, then repeat "
        "the command. `s3link deploy` follows it again."
    )


def replaces_bucket(action: str, replacement: str) -> dict[str, Any]:
    change = {
        "Action": action,
        "LogicalResourceId": "FileExchangeBucket",
        "ResourceType": "AWS::S3::Bucket",
        "Replacement": replacement,
    }
    return {
        "Status": "CREATE_COMPLETE",
        "Changes": [{"Type": "Resource", "ResourceChange": change}],
    }


@pytest.mark.parametrize(("action", "replacement"), [("Modify", "True"), ("Remove", "False")])
def test_a_bucket_is_taken_away_with_consent_only(
    account: Account, action: str, replacement: str
) -> None:
    """Its files would be out of reach for everybody who has a link."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE")
    account.aws.proposes(NAME, replaces_bucket(action, replacement))

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert account.operator.questions == [
        "This takes FileExchangeBucket of stack s3link-sender out of use, with everything in "
        "it. Go on?"
    ]
    assert said == (
        "Stack s3link-sender would lose or replace FileExchangeBucket; nothing was changed in it. "
        "See `s3link plan`, and deploy with --yes if this is what you want."
    )
    assert account.aws.withdrawn == [NAME]
    assert account.aws.executed == []


@pytest.mark.parametrize("protect", [True, False])
def test_protection_is_switched_for_those_who_ask(account: Account, protect: bool) -> None:
    """Both ways, for each stack that was applied."""
    account.aws.when_worked_on(NAME, *CREATED)
    run = account.run()

    protect_stacks(run, [apply_stack(run, SENDER, CODE)], protect)

    assert account.aws.protected == {NAME: protect}


def test_a_change_set_that_lost_the_race_says_so(account: Account) -> None:
    """Somebody else may deploy at the same time."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE")
    account.aws.proposes(
        NAME,
        {"Status": "FAILED", "StatusReason": "Stack is in UPDATE_IN_PROGRESS state and can not"},
    )

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        "Somebody else is changing stack s3link-sender now; deploy again to follow that first."
    )

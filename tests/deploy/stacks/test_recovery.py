"""Stacks that cannot be changed any more: deleted with consent, and never with what they hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.deployment import SENDER
from deploy.stacks.apply import apply_stack, wait_until_idle
from deploy.stacks.lookup import find_stack
from deploy.stacks.recovery import confirm_recreations, delete_stack
from tests.deploy.scripted import Step
from tests.deploy.scripted_account import CODE, CREATED, NAME, UPDATED, Account, failure


@pytest.fixture
def account() -> Account:
    return Account()


DEAD = [
    "REVIEW_IN_PROGRESS",
    "CREATE_FAILED",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "DELETE_FAILED",
]


@pytest.mark.parametrize("status", DEAD)
def test_a_dead_stack_is_recovered_with_consent(account: Account, status: str) -> None:
    """It is deleted, waited for, and created again."""
    account.aws.has_stack(NAME, status, "The following resource(s) failed: [LinkTemplate].")
    account.operator.agrees = True
    account.aws.when_worked_on(NAME, *CREATED)
    deletion = (Step(0.2, "DELETE_IN_PROGRESS"), Step(3.0, "DELETE_COMPLETE"))
    account.aws.when_deleted(NAME, *deletion)

    outcome = apply_stack(account.run(), SENDER, CODE)

    assert outcome.action == "created"
    assert account.aws.deleted == [NAME]
    assert account.operator.questions == [
        f"Stack s3link-sender is {status} (The following resource(s) failed: [LinkTemplate]), so "
        "it can only be deleted and created again. Delete it now?"
    ]


@pytest.mark.parametrize("status", DEAD)
def test_a_dead_stack_stays_without_consent(account: Account, status: str) -> None:
    """Nothing is touched, and the sentence says how to go on."""
    account.aws.has_stack(NAME, status)

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        f"Stack s3link-sender is {status}: it can only be deleted and created again, and it was "
        "not changed; run the command again with --yes to do so."
    )
    assert account.aws.deleted == account.aws.executed == account.aws.proposals == []


def test_a_stack_whose_bucket_holds_files_is_never_deleted() -> None:
    """Consent to recovering a stack is no consent to losing files."""
    account = Account(filled_buckets=("files-of-ann",))
    account.operator.agrees = True
    account.aws.has_stack(NAME, "DELETE_FAILED")
    account.aws.has_resource(NAME, "AWS::S3::Bucket", "files-of-ann")

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert said == (
        "Stack s3link-sender is DELETE_FAILED and can only be deleted and created again, but its "
        "bucket files-of-ann still holds files; save them and run `s3link destroy` first."
    )
    assert account.aws.deleted == []


def test_all_buckets_that_hold_files_are_named() -> None:
    """Whoever saves the files of one would lose those of the other."""
    account = Account(filled_buckets=("files-of-ann", "logs-of-ann"))
    account.aws.has_stack(NAME, "DELETE_FAILED")
    for bucket in ("files-of-ann", "logs-of-ann"):
        account.aws.has_resource(NAME, "AWS::S3::Bucket", bucket)

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert "its buckets files-of-ann and logs-of-ann still hold files; save them and run" in said


def test_what_goes_with_a_stack_is_said_before(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has said --yes reads it, too; of a stack that never lived there is nothing."""
    account.operator.agrees = True
    account.aws.has_resource(NAME, "AWS::Cognito::UserPool", "MembersPool")
    for status in ("ROLLBACK_COMPLETE", "DELETE_FAILED"):
        account.aws.has_stack(NAME, status)
        confirm_recreations(account.run(), {"sender": find_stack(account.clients, NAME)})

    told = capsys.readouterr().err
    assert told == (
        "Warning: Stack s3link-sender is DELETE_FAILED. With it goes for good: all members and "
        "their passwords.\n"
    )


def test_dead_stacks_are_asked_about_before_anything_is_changed(account: Account) -> None:
    """All of them; what was agreed to is not asked about again."""
    account.operator.agrees = True
    account.aws.has_stack(NAME, "ROLLBACK_COMPLETE")
    account.aws.when_worked_on(NAME, *CREATED)
    run = account.run()

    run = confirm_recreations(run, {"sender": find_stack(run.clients, NAME)})
    before = list(account.aws.deleted)
    apply_stack(run, SENDER, CODE)

    assert before == []
    assert len(account.operator.questions) == 1
    assert account.aws.deleted == [NAME]


def test_a_protected_stack_is_not_deleted(account: Account) -> None:
    """Termination protection is the operator's word; it has to be taken back first."""
    account.operator.agrees = True
    account.aws.has_stack(NAME, "ROLLBACK_COMPLETE", EnableTerminationProtection=True)

    said = failure(apply_stack, account.run(), SENDER, CODE)

    assert "it is protected from that; run `aws cloudformation update-termination-prot" in said
    assert account.aws.deleted == []


def test_what_cannot_be_deleted_is_named(account: Account) -> None:
    """A deletion that fails again names the resources and the first reason."""
    account.aws.has_stack(NAME, "DELETE_FAILED")
    account.aws.when_deleted(
        NAME,
        Step(0.1, "DELETE_IN_PROGRESS"),
        Step(0.5, "DELETE_FAILED", "FileExchangeBucket", reason="The bucket is not empty."),
        Step(0.5, "DELETE_FAILED", "LinkTemplate", reason="Access denied."),
        Step(1.0, "DELETE_FAILED", reason="The following resource(s) failed to delete"),
    )
    run = account.run()

    said = failure(delete_stack, run, find_stack(run.clients, NAME))

    assert said == (
        "Stack s3link-sender could not be deleted: FileExchangeBucket, LinkTemplate stayed (The "
        "bucket is not empty); put this right and run the command again."
    )


def test_an_update_that_was_rolled_back_can_be_tried_again(account: Account) -> None:
    """UPDATE_ROLLBACK_COMPLETE is a good state to update from."""
    account.aws.has_stack(NAME, "UPDATE_ROLLBACK_COMPLETE")
    account.aws.when_worked_on(NAME, *UPDATED)

    assert apply_stack(account.run(), SENDER, CODE).action == "updated"
    assert account.operator.questions == []


def test_a_stuck_stack_needs_the_operator(account: Account) -> None:
    """Only a person can put UPDATE_ROLLBACK_FAILED right; the command to type is named."""
    account.aws.has_stack(NAME, "UPDATE_ROLLBACK_FAILED", "Queue could not be restored.")

    said = failure(wait_until_idle, account.run(), SENDER)

    assert said == (
        "Stack s3link-sender is UPDATE_ROLLBACK_FAILED (Queue could not be restored); put the "
        "cause right and run `aws cloudformation continue-update-rollback --stack-name "
        "s3link-sender`, then deploy again."
    )


@pytest.mark.parametrize(("given", "passed"), [(None, ""), ("arn:own", ""), ("arn:new", "arn:new")])
def test_a_role_that_the_stack_has_is_not_passed_again(
    account: Account, given: str | None, passed: str
) -> None:
    """CloudFormation goes on with it, also for an operator who may not pass it."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE", RoleARN="arn:own")
    run = account.run()
    run = replace(run, deployment=replace(run.deployment, role_arn=given))
    state = find_stack(run.clients, NAME)
    assert state

    delete_stack(run, state)

    assert account.aws.passed_roles == [passed]

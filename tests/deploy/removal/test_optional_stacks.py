"""Removing the portal: what is planned, asked, deleted, and left when it is stopped half-way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.deployment import GENERATOR, Deployment
from deploy.pipeline import plan
from deploy.removal import optional_stacks
from deploy.stacks.apply import apply_stack
from deploy.stacks.lookup import StackState, find_stacks
from deploy.stacks.run import Run
from tests.deploy.scripted import ACCOUNT, REGION, Step
from tests.deploy.scripted_account import CODE, UPDATED, Account, failure

GIVEN = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}
DEPLOYMENT = Deployment(
    "s3link",
    ACCOUNT,
    REGION,
    GIVEN,
    dropped=frozenset({"portal"}),
    stack_options=("--without", "portal"),
)
KINDS = ("sender", "portal", "generator")
LOST = (
    "Every link that was mailed stops working, and the portal's tables and logs are gone for good."
)


@pytest.fixture
def account() -> Account:
    """All three stacks stand."""
    account = Account()
    for kind in KINDS:
        account.aws.has_stack(f"s3link-{kind}", "CREATE_COMPLETE")
        account.aws.when_worked_on(f"s3link-{kind}", *UPDATED)
    account.aws.has_resource("s3link-portal", "AWS::DynamoDB::Table", "links")
    return account


def existing(account: Account) -> dict[str, StackState | None]:
    return find_stacks(account.clients, DEPLOYMENT)


def run(account: Account) -> Run:
    return replace(account.run(), deployment=DEPLOYMENT)


def test_a_plan_shows_what_would_go_last(account: Account) -> None:
    """The generator would stop using it, then it would be deleted; nothing is touched."""
    planned = plan(account.clients, DEPLOYMENT, account.run().poll)

    assert [stack.stack_name for stack in planned.stacks] == [
        "s3link-sender",
        "s3link-generator",
        "s3link-portal",
    ]
    assert planned.as_text().splitlines()[-5:] == [
        "s3link-portal would be deleted",
        f"  {LOST}",
        "  - links  AWS::DynamoDB::Table",
        "",
        "0 to add, 0 to change, 1 to remove.",
    ]
    assert planned.has_changes
    assert account.aws.deleted == account.aws.executed == []


def test_nothing_is_touched_without_consent(account: Account) -> None:
    """The question says what is lost; the answer to no says how to go on either way."""
    said = failure(optional_stacks.confirm_removals, run(account), existing(account), None)

    assert account.operator.questions == [f"This deletes stack s3link-portal. {LOST} Go on?"]
    assert said == (
        "Nothing was changed: stack s3link-portal would be deleted, and with it the links "
        "that were mailed; run `s3link deploy --without portal --yes` if this is what you want, or "
        "without --without to keep it."
    )
    assert account.aws.deleted == []


def test_a_portal_that_is_not_there_needs_no_question(account: Account) -> None:
    """What was removed once can be left out for good."""
    assert (
        optional_stacks.confirm_removals(run(account), {**existing(account), "portal": None}, None)
        == ()
    )
    assert account.operator.questions == []


def test_a_protected_portal_stays_until_the_protection_is_taken_back(account: Account) -> None:
    """In the same command, so that it need not be deployed once more."""
    account.operator.agrees = True
    state = existing(account)["portal"]
    assert state
    protected = {"portal": replace(state, is_protected=True)}

    said = failure(optional_stacks.confirm_removals, run(account), protected, None)
    [to_remove] = optional_stacks.confirm_removals(run(account), protected, False)
    removed = optional_stacks.remove_stack(run(account), to_remove)

    assert said == (
        "Nothing was changed: stack s3link-portal is protected against termination; add "
        "--no-termination-protection."
    )
    assert account.aws.protected == {"s3link-portal": False}
    assert (removed.stack_name, removed.action) == ("s3link-portal", "deleted")
    assert account.aws.deleted == ["s3link-portal"]


def test_whoever_stops_it_is_told_what_still_stands(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The links work on; the same command again removes the rest."""
    state = existing(account)["portal"]
    assert state

    with (
        pytest.raises(KeyboardInterrupt),
        optional_stacks.warning_of_what_is_left(run(account), [state]),
    ):
        apply_stack(run(account), GENERATOR, CODE)
        raise KeyboardInterrupt

    assert capsys.readouterr().err.splitlines()[-1] == (
        "Warning: Stack s3link-portal may not be removed yet; `s3link deploy --without portal` "
        "goes on from there."
    )
    assert account.aws.deleted == []


def test_what_cannot_be_deleted_is_said(account: Account) -> None:
    """Another stack, which s3link does not know, may take values from it."""
    account.aws.when_deleted(
        "s3link-portal",
        Step(0.5, "DELETE_FAILED", "LinksTable", "AWS::DynamoDB::Table", "it is in use"),
        Step(1.0, "DELETE_FAILED"),
    )
    state = existing(account)["portal"]

    assert failure(optional_stacks.remove_stack, run(account), state) == (
        "Stack s3link-portal could not be deleted: LinksTable stayed (it is in use); put this "
        "right and run the command again."
    )

"""When CloudFormation is asked to compare a stack with what is there, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deploy.deployment import GENERATOR, PORTAL, SENDER
from deploy.stacks.apply import apply_stack
from deploy.stacks.drift.reverting import confirm_losses
from deploy.stacks.lookup import Missing
from deploy.stacks.portal_changes import why_off_the_portal, without_imports
from tests.deploy.scripted_account import CODE, CREATED, NAME, UPDATED, Account, failure

TOPIC = Missing(NAME, "CommonAlarmTopic", "AWS::SNS::Topic", "arn:topic")
LEDGER = Missing("s3link-generator", "DeliveriesLedger", "AWS::DynamoDB::Table", "ledger")
NO_CHANGES = {
    "Status": "FAILED",
    "StatusReason": "The submitted information didn't contain changes.",
}


@pytest.fixture
def account() -> Account:
    return Account()


def _change(logical_id: str, type_name: str, action: str = "Add", **more: str) -> dict[str, Any]:
    change = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": type_name, **more}
    return {"Type": "Resource", "ResourceChange": change}


def _proposal(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"Status": "CREATE_COMPLETE", "Changes": list(changes)}


@pytest.mark.parametrize(
    ("missing", "always", "mode"),
    [
        ((), False, None),
        ((LEDGER,), False, None),
        ((TOPIC,), False, "REVERT_DRIFT"),
        ((), True, "REVERT_DRIFT"),
    ],
    ids=["nothing is missing", "elsewhere", "here", "asked for"],
)
def test_a_stack_is_compared_with_what_is_there(
    account: Account, missing: tuple[Missing, ...], always: bool, mode: str | None
) -> None:
    """Only where something is missing, or everywhere if the operator says so."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE")
    account.aws.proposes(NAME, NO_CHANGES)

    apply_stack(replace(account.run(), missing=missing, reverts_drift=always), SENDER, CODE)

    [asked] = account.aws.proposals
    assert asked.get("DeploymentMode") == mode


def test_a_new_stack_has_no_drift(account: Account) -> None:
    """CloudFormation would refuse to look for it."""
    account.aws.when_worked_on(NAME, *CREATED)

    apply_stack(replace(account.run(), reverts_drift=True), SENDER, CODE)

    assert "DeploymentMode" not in account.aws.proposals[0]


def test_what_comes_back_is_shown(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """As added, with why; what CloudFormation only notes has a sign of its own."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE")
    account.aws.when_worked_on(NAME, *UPDATED)
    account.aws.proposes(
        NAME,
        _proposal(
            _change("CommonAlarmTopic", "AWS::SNS::Topic", ResourceDriftStatus="DELETED"),
            _change("ConfigurationSet", "AWS::SES::ConfigurationSet", "SyncWithActual"),
        ),
    )

    apply_stack(replace(account.run(), missing=(TOPIC,)), SENDER, CODE)

    shown = capsys.readouterr().err
    assert "  + CommonAlarmTopic  AWS::SNS::Topic  (was deleted by hand)\n" in shown
    assert "  = ConfigurationSet  AWS::SES::ConfigurationSet\n" in shown
    assert "stays missing" not in shown


@pytest.mark.parametrize(
    "proposal",
    [NO_CHANGES, _proposal(_change("CommonAlarmTopic", "AWS::SNS::Topic", "SyncWithActual"))],
    ids=["no changes", "only noted"],
)
def test_what_does_not_come_back_is_said(
    account: Account, capsys: pytest.CaptureFixture[str], proposal: dict[str, Any]
) -> None:
    """CloudFormation cannot look at every type; then the operator has to do it."""
    account.aws.has_stack(NAME, "CREATE_COMPLETE")
    account.aws.when_worked_on(NAME, *UPDATED)
    account.aws.proposes(NAME, proposal)

    apply_stack(replace(account.run(), missing=(TOPIC,)), SENDER, CODE)

    assert (
        "CommonAlarmTopic (AWS::SNS::Topic arn:topic) of stack s3link-sender stays missing: "
        "CloudFormation does not bring it back. Make it again by hand under its old name, with the "
        "properties that it has in its stack's template."
    ) in capsys.readouterr().err


def test_what_only_cloudformation_finds_is_asked_about(account: Account) -> None:
    """Who may not look at tables is still asked before an empty one is made."""
    name = "s3link-generator"
    account.aws.has_stack(name, "CREATE_COMPLETE")
    account.aws.proposes(
        name, _proposal(_change(LEDGER.logical_id, LEDGER.type, ResourceDriftStatus="DELETED"))
    )

    said = failure(apply_stack, replace(account.run(), reverts_drift=True), GENERATOR, CODE)

    [question] = account.operator.questions
    assert question == (
        "DeliveriesLedger (AWS::DynamoDB::Table) of stack s3link-generator is gone, and with it "
        "the record of who was told of which file. A deploy makes that again, but empty or at "
        "another address. Go on?"
    )
    assert said.startswith("Stack s3link-generator was not changed. DeliveriesLedger ")
    assert account.aws.withdrawn == [name]
    assert account.aws.executed == []


def test_what_was_agreed_to_is_asked_once(account: Account) -> None:
    """The question comes before anything is changed, and not again with the stack."""
    name = "s3link-generator"
    account.operator.agrees = True
    account.aws.has_stack(name, "CREATE_COMPLETE")
    account.aws.when_worked_on(name, *UPDATED)
    account.aws.proposes(
        name, _proposal(_change(LEDGER.logical_id, LEDGER.type, ResourceDriftStatus="DELETED"))
    )
    run = replace(account.run(), missing=(LEDGER, TOPIC))

    confirm_losses(run, run.missing)
    apply_stack(run, GENERATOR, CODE)

    assert len(account.operator.questions) == 1
    assert "CommonAlarmTopic" not in account.operator.questions[0]


@pytest.mark.parametrize(
    ("logical_id", "is_freed"),
    [("LinksTable", True), ("PortalApi", True), ("PortalRole", False)],
)
def test_what_the_generator_imports_is_let_go_first(
    account: Account, logical_id: str, is_freed: bool
) -> None:
    """CloudFormation refuses to change what another stack imports."""
    deployment = replace(account.run().deployment, optional_kinds=frozenset({"portal", "programs"}))

    missing = [Missing("s3link-portal", logical_id, "", "")]
    first = without_imports(deployment)

    assert bool(why_off_the_portal(deployment, {}, missing)) == is_freed
    assert not first.has(PORTAL) and first.has(GENERATOR)

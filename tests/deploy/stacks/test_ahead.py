"""Change sets that are made side by side, before the first stack is applied."""

from __future__ import annotations

import pytest

from deploy.deployment import GENERATOR, SENDER
from deploy.stacks.ahead import proposed_ahead
from deploy.stacks.apply import StackOutcome, apply_stack, wait_until_all_idle
from deploy.stacks.run import Run
from tests.deploy.scripted_account import CODE, CREATED, UPDATED, Account

FIRST, SECOND = "s3link-sender", "s3link-generator"
NO_CHANGES = {
    "Status": "FAILED",
    "StatusReason": "The submitted information didn't contain changes.",
}
REFUSED = {"Status": "FAILED", "StatusReason": "No export named new found."}


@pytest.fixture
def account() -> Account:
    """Two stacks, both without anything to change."""
    account = Account()
    for name in (FIRST, SECOND):
        output = {"OutputKey": "Name", "OutputValue": name}
        account.aws.has_stack(name, "CREATE_COMPLETE", Outputs=[output])
        account.aws.proposes(name, NO_CHANGES)
    return account


def applied(run: Run) -> list[StackOutcome]:
    with proposed_ahead(run, CODE, wait_until_all_idle(run)) as ahead:
        return [apply_stack(run, stack, CODE, ahead) for stack in (SENDER, GENERATOR)]


def proposals(account: Account) -> list[str]:
    return [request["StackName"] for request in account.aws.proposals]


def test_without_changes_each_stack_is_asked_about_once(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is told comes in the order of the stacks, and no change set is left."""
    outcomes = applied(account.run())

    assert [one.action for one in outcomes] == ["unchanged", "unchanged"]
    assert [one.outputs for one in outcomes] == [{"Name": FIRST}, {"Name": SECOND}]
    assert sorted(proposals(account)) == sorted([FIRST, SECOND])
    assert sorted(account.aws.withdrawn) == sorted([FIRST, SECOND])
    assert capsys.readouterr().err.splitlines() == [
        f"{FIRST}: nothing to change.",
        f"{SECOND}: nothing to change.",
    ]


def test_what_follows_a_change_is_worked_out_again(account: Account) -> None:
    """The second stack may take a value that the first has only now."""
    account.aws.proposes(FIRST, {"Status": "CREATE_COMPLETE", "Changes": []})
    account.aws.proposes(SECOND, {"Status": "CREATE_COMPLETE", "Changes": []})
    for name in (FIRST, SECOND):
        account.aws.when_worked_on(name, *UPDATED)

    outcomes = applied(account.run())

    assert [one.action for one in outcomes] == ["updated", "updated"]
    assert sorted(proposals(account)) == sorted([FIRST, SECOND, SECOND])
    assert account.aws.withdrawn == [SECOND]
    assert account.aws.executed == [FIRST, SECOND]


def test_what_is_refused_ahead_is_asked_again_at_its_turn(account: Account) -> None:
    """A value may be missing only until the stack before it is applied."""
    account.aws.proposes(FIRST, {"Status": "CREATE_COMPLETE", "Changes": []})
    account.aws.when_worked_on(FIRST, *UPDATED)
    account.aws.proposes(SECOND, REFUSED)
    run = account.run()

    with proposed_ahead(run, CODE, wait_until_all_idle(run)) as ahead:
        assert apply_stack(run, SENDER, CODE, ahead).action == "updated"
        account.aws.proposes(SECOND, NO_CHANGES)
        assert apply_stack(run, GENERATOR, CODE, ahead).action == "unchanged"


def test_nothing_is_proposed_behind_a_stack_that_is_missing() -> None:
    """It is made first; the others take values from it."""
    account = Account()
    account.aws.has_stack(SECOND, "CREATE_COMPLETE")
    account.aws.proposes(SECOND, NO_CHANGES)
    account.aws.when_worked_on(FIRST, *CREATED)

    outcomes = applied(account.run())

    assert [one.action for one in outcomes] == ["created", "unchanged"]
    assert proposals(account) == [FIRST, SECOND]


def test_what_nobody_took_is_withdrawn(account: Account) -> None:
    """However the deploy ends."""
    account.aws.proposes(SECOND, {"Status": "CREATE_COMPLETE", "Changes": []})
    run = account.run()

    with pytest.raises(KeyboardInterrupt), proposed_ahead(run, CODE, wait_until_all_idle(run)):
        raise KeyboardInterrupt

    assert sorted(account.aws.withdrawn) == sorted([FIRST, SECOND])
    assert account.aws.executed == []


def test_ctrl_c_while_they_are_made_leaves_none(account: Account) -> None:
    """Nobody else knows of them."""
    for name in (FIRST, SECOND):
        account.aws.proposes(name, {"Status": "CREATE_COMPLETE", "Changes": []})
    account.aws.is_interrupted_in("create_change_set")
    run = account.run()
    existing = wait_until_all_idle(run)

    with pytest.raises(KeyboardInterrupt), proposed_ahead(run, CODE, existing):
        raise AssertionError("it went on")

    assert sorted(account.aws.withdrawn) == sorted(proposals(account))
    assert account.aws.executed == []

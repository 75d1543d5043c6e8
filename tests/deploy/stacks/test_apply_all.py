"""All stacks one after the other, where one may have to let go of another first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.errors import StackError
from deploy.stacks.apply_all import apply_stacks
from deploy.stacks.lookup import Missing, find_stacks
from deploy.stacks.run import Run
from tests.deploy.scripted import Step
from tests.deploy.scripted_account import CODE, GIVEN, UPDATED, Account

SENDER, GENERATOR = "s3link-sender", "s3link-generator"
PORTAL, MEMBERS = "s3link-portal", "s3link-members"
ROLLED_BACK = (Step(0.1, "UPDATE_IN_PROGRESS"), Step(1.0, "UPDATE_ROLLBACK_COMPLETE"))
API = Missing(PORTAL, "PortalApi", "AWS::ApiGatewayV2::Api", "a1b2c3")


@pytest.fixture
def account() -> Account:
    """One whose stacks can all be updated."""
    account = Account()
    for name in (SENDER, GENERATOR, PORTAL, MEMBERS):
        account.aws.has_stack(name, "CREATE_COMPLETE")
        account.aws.when_worked_on(name, *UPDATED)
    return account


def run_of(account: Account) -> Run:
    run = account.run()
    kinds = frozenset({"portal", "members"})
    deployment = replace(run.deployment, optional_kinds=kinds)
    return replace(run, deployment=deployment, missing=(API,))


def apply_all(account: Account) -> list[str]:
    run = run_of(account)
    done = apply_stacks(run, CODE, find_stacks(account.clients, run.deployment))
    return [stack.stack_name for stack in done]


def test_the_generator_is_off_the_portal_while_that_is_made_whole(account: Account) -> None:
    """It is told once of each stack what became of it."""
    told = apply_all(account)

    assert told == [SENDER, PORTAL, GENERATOR, MEMBERS]
    assert account.aws.executed == [GENERATOR, SENDER, PORTAL, GENERATOR, MEMBERS]
    given = [
        {each["ParameterKey"]: each.get("ParameterValue") for each in asked["Parameters"]}
        for asked in account.aws.proposals
        if asked["StackName"] == GENERATOR
    ]
    assert [values["PortalStackName"] for values in given] == ["", PORTAL]


def portal_has(account: Account, domain: str, is_used: bool = True) -> None:
    """A deployment whose portal has this domain name, and a generator that uses it, or not."""
    for name in (SENDER, GENERATOR, PORTAL):
        account.aws.when_worked_on(name, *UPDATED)
    account.aws.has_stack(SENDER, "CREATE_COMPLETE")
    for name, parameter, value in (
        (PORTAL, "PortalDomainName", domain),
        (GENERATOR, "PortalStackName", PORTAL if is_used else ""),
    ):
        given = [{"ParameterKey": parameter, "ParameterValue": value}]
        account.aws.has_stack(name, "CREATE_COMPLETE", Parameters=given)


def applied_with(account: Account, **parameters: str) -> list[str]:
    """What was executed by a deploy with these parameters."""
    run = account.run(**{**GIVEN, **parameters})
    deployment = replace(run.deployment, optional_kinds=frozenset({"portal"}))
    run = replace(run, deployment=deployment)
    list(apply_stacks(run, CODE, find_stacks(account.clients, deployment)))
    return account.aws.executed


@pytest.mark.parametrize(
    ("before", "wanted"),
    [("", "files.example.com"), ("files.example.com", "drop.example.com"), ("a.example.com", "")],
)
def test_the_generator_is_off_the_portal_while_that_gets_another_address(
    capsys: pytest.CaptureFixture[str], before: str, wanted: str
) -> None:
    """It imports the address, which CloudFormation does not change then."""
    account = Account()
    portal_has(account, before)

    executed = applied_with(account, PortalDomainName=wanted)

    assert executed == [GENERATOR, SENDER, PORTAL, GENERATOR]
    assert (
        "s3link-generator is taken off the portal while that gets another address, and put back "
        "afterwards; files that arrive meanwhile are mailed with direct links."
    ) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "is_used", "given"),
    [
        ("files.example.com", True, {}),
        ("files.example.com", True, {"PortalDomainName": "files.example.com"}),
        # A deploy broke off, and has left the generator without the portal.
        ("", False, {"PortalDomainName": "files.example.com"}),
    ],
)
def test_the_generator_stays_where_it_is_in_nobodys_way(
    before: str, is_used: bool, given: dict[str, str]
) -> None:
    """Each stack is applied once, in order."""
    account = Account()
    portal_has(account, before, is_used)

    assert applied_with(account, **given) == [SENDER, PORTAL, GENERATOR]


@pytest.mark.parametrize(
    ("failing", "is_told"), [(GENERATOR, True), (SENDER, True), (PORTAL, True), (MEMBERS, False)]
)
def test_who_is_left_with_direct_links_is_told(
    account: Account, capsys: pytest.CaptureFixture[str], failing: str, is_told: bool
) -> None:
    """From the moment that the generator is touched until it is on the portal again."""
    account.aws.when_worked_on(failing, *ROLLED_BACK)

    with pytest.raises(StackError):
        apply_all(account)

    told = "new mails may carry direct links: s3link-generator may be off the portal"
    assert (told in capsys.readouterr().err) == is_told


@pytest.mark.parametrize(("used", "is_told"), [("", True), (PORTAL, False)])
def test_who_was_left_with_direct_links_before_is_told_again(
    capsys: pytest.CaptureFixture[str], used: str, is_told: bool
) -> None:
    """The portal may be whole by now, and the generator not back on it."""
    account = Account()
    for name in (SENDER, PORTAL, MEMBERS):
        account.aws.has_stack(name, "CREATE_COMPLETE")
    parameters = [{"ParameterKey": "PortalStackName", "ParameterValue": used}]
    account.aws.has_stack(GENERATOR, "CREATE_COMPLETE", Parameters=parameters)
    account.aws.when_worked_on(SENDER, *ROLLED_BACK)
    run = replace(run_of(account), missing=())

    with pytest.raises(StackError):
        apply_stacks(run, CODE, find_stacks(account.clients, run.deployment))

    assert ("new mails may carry direct links" in capsys.readouterr().err) == is_told

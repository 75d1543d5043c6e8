"""The members area as an operator adds it to a deployment, looks after it and takes it away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.aws.clients import Clients
from tests.deploy.cli.test_portal import stacks
from tests.deploy.operator import Operator, deployed_by

pytestmark = pytest.mark.slow

SENDER, MEMBERS = "s3link-sender", "s3link-members"
BOB = "bob@example.com"


@pytest.fixture
def with_members(embedded_operator: Operator, tmp_path: Path) -> Operator:
    """Somebody is invited, and a version is published."""
    game = tmp_path / "game.zip"
    game.write_text("A game")
    operator = deployed_by(embedded_operator, "--with members")
    for ran in (
        operator.s3link(f"members invite {BOB}"),
        operator.s3link("members publish --version 1.4.0", game),
    ):
        assert ran.exit_code == 0, ran.stderr
    return operator


def test_it_is_part_of_a_deployment(embedded_operator: Operator, embedded_clients: Clients) -> None:
    """Doctor has nothing against it; its address and what to do there are told at the end."""
    before = embedded_operator.s3link("doctor --with members")
    ran = embedded_operator.s3link("deploy --with members --output json")
    after = embedded_operator.s3link("doctor")

    assert ran.exit_code == 0, ran.stderr
    made = {stack["stack_name"]: stack for stack in ran.document["stacks"]}
    url = made[MEMBERS]["outputs"]["MembersUrl"]
    assert ran.document["next_steps"][-2:] == [
        f"Invite members, who sign in at {url}/: s3link members invite ADDRESS",
        "Publish a version for them: s3link members publish FILE --version 1.0.0",
    ]
    assert "The sign-in page gets an address that nobody else has." in before.stdout
    assert (before.exit_code, after.exit_code) == (0, 0), after.stdout
    assert f"Who has signed in comes back to {url}/" in after.stdout
    assert stacks(embedded_clients)[MEMBERS]["SenderStackName"] == SENDER


def test_it_is_looked_after(with_members: Operator) -> None:
    """Everything that an operator does with people, versions and survey, once."""
    listed = with_members.s3link("members list --output json").document["members"]
    versions = with_members.s3link("members versions --output json").document["versions"]
    lines = (
        f"members invite {BOB}",
        f"members reset {BOB}",
        "members survey show",
        "members survey answers --output csv",
        "members withdraw --yes 1.4.0",
        f"members remove --yes {BOB}",
        "status",
        "logs --members",
    )
    ran = {line: with_members.s3link(line) for line in lines}

    assert [(one["address"], one["groups"]) for one in listed] == [(BOB, ["members"])]
    assert [one["version"] for one in versions] == ["1.4.0"]
    assert {line: one.stderr for line, one in ran.items() if one.exit_code} == {}
    assert ran[f"members reset {BOB}"].stdout == f"{BOB} gets a new invitation by mail.\n"
    assert with_members.s3link("members list --output json").document["members"] == []
    assert with_members.s3link("members versions --output json").document["versions"] == []


def test_a_first_deploy_that_failed_is_made_good(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """CloudFormation cannot take a protected pool back; the next deploy unprotects it first."""
    cloudformation = embedded_clients.cloudformation
    export = {"Value": "x", "Export": {"Name": f"{MEMBERS}-MembersUrl"}}
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    cloudformation.create_stack(
        StackName="other",
        TemplateBody=json.dumps({"Resources": topic, "Outputs": {"Url": export}}),
    )
    failed = embedded_operator.s3link("deploy --with members")
    left = cloudformation.describe_stacks(StackName=MEMBERS)["Stacks"][0]["StackStatus"]
    cloudformation.delete_stack(StackName="other")
    ran = embedded_operator.s3link("deploy --with members --yes")

    assert failed.exit_code == 1
    assert left == "ROLLBACK_FAILED"
    assert ran.exit_code == 0, ran.stderr
    assert len(embedded_clients.cognito.list_user_pools(MaxResults=10)["UserPools"]) == 1


def test_it_goes_once_the_operator_agrees(
    with_members: Operator, embedded_clients: Clients
) -> None:
    """The question counts what is lost; its bucket is emptied and its pool unprotected first."""
    planned = with_members.s3link("plan --without members")
    kept = with_members.s3link("deploy --without members", answers="n\n")
    assert MEMBERS in stacks(embedded_clients)
    ran = with_members.s3link("deploy --without members", answers="y\n")

    lost = "Nobody can sign in any more: 1 member, 1 version and 0 answers to the survey are gone"
    assert lost in planned.stdout
    assert kept.exit_code == 1
    assert "and with it members, versions and answers; run" in kept.error
    assert ran.exit_code == 0, ran.stderr
    assert lost in ran.stderr
    assert MEMBERS not in stacks(embedded_clients)
    assert embedded_clients.cognito.list_user_pools(MaxResults=10)["UserPools"] == []


def test_it_is_destroyed_like_the_rest(with_members: Operator, embedded_clients: Clients) -> None:
    """Nobody has to name it; a no leaves the pool protected."""
    kept = with_members.s3link("destroy", answers="no\n")
    [pool] = embedded_clients.cognito.list_user_pools(MaxResults=10)["UserPools"]
    described = embedded_clients.cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    ran = with_members.s3link("destroy", answers="s3link\n")

    assert kept.exit_code == 1
    assert described["DeletionProtection"] == "ACTIVE"
    assert ran.exit_code == 0, ran.stderr
    assert "\n  the members area: 1 member, 1 version and 0 answers to the survey\n" in ran.stderr
    assert stacks(embedded_clients) == {}

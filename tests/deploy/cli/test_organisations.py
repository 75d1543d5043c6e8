"""What an organisation asks of whoever deploys: a boundary on every role, tags, a service role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.aws.clients import Clients
from deploy.local import LOCAL_ACCOUNT
from deploy.local.in_process import clients as in_process
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

BOUNDARY = f"arn:aws:iam::{LOCAL_ACCOUNT}:policy/boundary"
ROLE = f"arn:aws:iam::{LOCAL_ACCOUNT}:role/cloudformation"
ARTIFACTS = f"s3link-artifacts-{LOCAL_ACCOUNT}-eu-west-1"
FILES = f"s3link-{LOCAL_ACCOUNT}-eu-west-1"
EVERYTHING = "--with portal --with programs --with members"


@pytest.fixture
def iam(embedded_clients: Clients) -> Any:
    """An account that has a boundary, and a role that CloudFormation may assume."""
    iam = in_process(embedded_clients.region).iam
    document = {"Version": "2012-10-17", "Statement": [_allow(Action="*", Resource="*")]}
    iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document))
    for name, service in (("cloudformation", "cloudformation"), ("other", "lambda")):
        trust = _allow(Action="sts:AssumeRole", Principal={"Service": f"{service}.amazonaws.com"})
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
    return iam


def _allow(**statement: Any) -> dict[str, Any]:
    return {"Effect": "Allow", **statement}


def roles_made(iam: Any) -> list[Any]:
    names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    made = [name for name in names if name.startswith("s3link-")]
    return [iam.get_role(RoleName=name)["Role"] for name in made]


def stacks_of(clients: Clients) -> list[Any]:
    return list(clients.cloudformation.describe_stacks()["Stacks"])


def tags(listed: list[Any]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in listed}


def test_the_boundary_is_on_every_role(
    embedded_operator: Operator, embedded_clients: Clients, iam: Any
) -> None:
    """Set and taken away again by a deploy, in every stack that makes roles."""
    ran = embedded_operator.s3link(f"deploy --set PermissionsBoundaryArn={BOUNDARY} {EVERYTHING}")
    assert ran.exit_code == 0, ran.stderr
    roles = roles_made(iam)
    assert len(roles) == 8
    assert {role["PermissionsBoundary"]["PermissionsBoundaryArn"] for role in roles} == {BOUNDARY}

    again = embedded_operator.s3link("deploy --set PermissionsBoundaryArn=")

    assert again.exit_code == 0, again.stderr
    assert not any("PermissionsBoundary" in role for role in roles_made(iam))


def test_a_boundary_that_is_not_there_is_named(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """IAM refuses the role, of which nothing is left, and the deploy says so with IAM's words."""
    ran = embedded_operator.s3link(f"deploy --set PermissionsBoundaryArn={BOUNDARY}")

    assert ran.exit_code == 1
    assert f"Scope ARN: {BOUNDARY} does not exist or is not attachable" in ran.error
    assert roles_made(in_process(embedded_clients.region).iam) == []


def test_tags_arrive_on_everything(
    embedded_operator: Operator, embedded_clients: Clients, iam: Any
) -> None:
    """Those of s3link.toml and of the command line: on stacks, on what they make, and on the
    bucket of the zip.

    A later deploy without them keeps them, as it keeps parameters.
    """
    config = embedded_operator.config
    config.write_text(config.read_text() + '\n[s3link.tags]\nTeam = "files"\nSite = "Kiel 1"\n')
    expected = {"Team": "mail", "Site": "Kiel 1"}

    ran = embedded_operator.s3link("deploy --tag Team=mail")
    assert ran.exit_code == 0, ran.stderr

    s3 = embedded_clients.s3
    stacks = stacks_of(embedded_clients)
    [bucket] = [
        output["OutputValue"]
        for stack in stacks
        for output in stack["Outputs"]
        if output["OutputKey"] == "FileExchangeBucketName"
    ]
    own = {"s3link:deployment": "s3link"}
    assert [tags(stack["Tags"]) for stack in stacks] == [{**expected, **own}] * 2
    assert tags(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == {**expected, **own}
    assert all(tags(role["Tags"]) == {**expected, **own} for role in roles_made(iam))
    assert tags(s3.get_bucket_tagging(Bucket=ARTIFACTS)["TagSet"]) == expected

    config.write_text(config.read_text().split("[s3link.tags]")[0])
    assert "nothing to change" in embedded_operator.s3link("deploy").stderr
    assert tags(s3.get_bucket_tagging(Bucket=ARTIFACTS)["TagSet"]) == expected


def test_the_artifacts_bucket_keeps_an_administrators_tags(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """S3 replaces all tags of a bucket at once; theirs must not be lost by ours."""
    s3 = embedded_clients.s3
    s3.create_bucket(
        Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_bucket_tagging(Bucket=ARTIFACTS, Tagging={"TagSet": [{"Key": "Owner", "Value": "ann"}]})

    assert embedded_operator.s3link("deploy").exit_code == 0
    assert tags(s3.get_bucket_tagging(Bucket=ARTIFACTS)["TagSet"]) == {"Owner": "ann"}
    assert embedded_operator.s3link("deploy --tag Team=files").exit_code == 0

    assert tags(s3.get_bucket_tagging(Bucket=ARTIFACTS)["TagSet"]) == {
        "Owner": "ann",
        "Team": "files",
    }


def test_cloudformation_works_with_the_role(
    embedded_operator: Operator, embedded_clients: Clients, iam: Any
) -> None:
    """It is named with each change set, and remembered by each stack to its end."""
    config = embedded_operator.config
    config.write_text(f'{config.read_text()}\nrole_arn = "{ROLE}"\n')

    ran = embedded_operator.s3link("deploy --with portal")

    assert ran.exit_code == 0, ran.stderr
    assert [stack["RoleARN"] for stack in stacks_of(embedded_clients)] == [ROLE] * 3
    gone = embedded_operator.s3link("destroy --yes")
    assert gone.exit_code == 0, gone.stderr
    assert stacks_of(embedded_clients) == []


@pytest.mark.parametrize("role", ["nobody", "other"])
def test_a_role_that_cloudformation_cannot_assume_is_named(
    embedded_operator: Operator, embedded_clients: Clients, iam: Any, role: str
) -> None:
    """One that is not there, and one that trusts somebody else; no stack is made, or deleted."""
    arn = f"arn:aws:iam::{LOCAL_ACCOUNT}:role/{role}"

    ran = embedded_operator.s3link(f"deploy --role-arn {arn}")

    assert ran.exit_code == 1
    assert f"Role {arn} is invalid or cannot be assumed" in ran.error
    assert stacks_of(embedded_clients) == []
    assert embedded_operator.s3link("deploy").exit_code == 0
    assert embedded_operator.s3link(f"destroy --yes --role-arn {arn}").exit_code == 1
    assert len(stacks_of(embedded_clients)) == 2


def test_the_next_command_says_so_too(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """Tags and role that were typed would be missing from a command that is only copied."""
    ran = embedded_operator.s3link(
        f"deploy --tag Team=files --role-arn {ROLE} --set EmailSender=links@example.org "
        "--set EmailRecipient=eve@example.net"
    )

    assert f"s3link doctor --tag Team=files --role-arn {ROLE}" in ran.error


def test_a_stack_that_is_added_later_is_like_the_others(
    embedded_operator: Operator, embedded_clients: Clients, iam: Any
) -> None:
    """Nobody need remember the tags and the role of the first deploy."""
    first = embedded_operator.s3link(f"deploy --tag Team=files --role-arn {ROLE}")
    added = embedded_operator.s3link("deploy --with programs")

    assert (first.exit_code, added.exit_code) == (0, 0), added.stderr
    stacks = {each["StackName"]: each for each in stacks_of(embedded_clients)}
    programs = stacks["s3link-programs"]
    assert tags(programs["Tags"])["Team"] == "files"
    assert programs["RoleARN"] == ROLE


def test_a_role_that_cannot_be_used_is_found_before_anything_is_emptied(
    embedded_operator: Operator, embedded_clients: Clients, iam: Any
) -> None:
    """By a change set, of which nothing is left; with the right one the destroy goes through."""
    embedded_operator.s3link("deploy")
    embedded_clients.s3.put_object(Bucket=FILES, Key="report.pdf", Body=b"content")

    ran = embedded_operator.s3link(f"destroy --yes --role-arn {ROLE}-with-a-typo")

    assert ran.exit_code == 1
    assert ran.error.startswith("Nothing was destroyed: Role ")
    assert "invalid or cannot be assumed" in ran.error
    assert len(embedded_clients.s3.list_object_versions(Bucket=FILES)["Versions"]) == 1
    stacks = [each["StackName"] for each in stacks_of(embedded_clients)]
    assert sorted(stacks) == ["s3link-generator", "s3link-sender"]
    for name in stacks:
        listed = embedded_clients.cloudformation.list_change_sets(StackName=name)
        assert listed["Summaries"] == []
    assert embedded_operator.s3link(f"destroy --yes --role-arn {ROLE}").exit_code == 0

"""The policies for operators can be pasted into IAM as they are, and say no more than they must."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from functools import cache
from typing import Any

import pytest

from deploy.local.iam.policies import Request, Verdict, verdict
from tests.operator_policies import (
    CLOUDFORMATION,
    DOCS,
    POLICIES,
    OperatorPolicy,
    actions_of_iam,
)
from tests.templates.reading import as_list

PAGE = (DOCS / "security.md").read_text("utf-8")
SECTION = PAGE.partition("## Policies for operators\n")[2].partition("\n## ")[0]
# IAM, "IAM and AWS STS quotas": each managed policy, white space not counted.
LARGEST = 6_144
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"

each_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
each_statement = pytest.mark.parametrize(
    "statement",
    [
        pytest.param(statement, id=f"{policy.name}-{statement['Sid']}")
        for policy in POLICIES
        for statement in policy.statements
    ],
)
known = cache(actions_of_iam)


@each_policy
def test_iam_takes_it_as_it_is(policy: OperatorPolicy) -> None:
    """Not larger than a managed policy may be, and each Sid of letters and once."""
    sids = [statement["Sid"] for statement in policy.statements]

    assert len(re.sub(r"\s", "", policy.text)) <= LARGEST
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch(r"[A-Za-z]+", sid) for sid in sids)


@each_policy
def test_it_is_named_where_people_look(policy: OperatorPolicy) -> None:
    """In the section of security.md that says whom it is for."""
    assert f"]({policy.path.name})" in SECTION


@each_statement
def test_actions_are_named_one_by_one(statement: dict[str, Any]) -> None:
    """No wildcard; each is one that IAM knows, and they are in order."""
    actions = as_list(statement["Action"])

    assert actions == sorted(set(actions))
    assert [action for action in actions if action.lower() not in known()] == []


@each_statement
def test_resources_are_of_this_deployment(statement: dict[str, Any]) -> None:
    """What cannot be named has its reason in the section."""
    resources = as_list(statement["Resource"])

    assert [
        resource
        for resource in resources
        if resource != "*" and "s3link" not in resource and f"`{_end(resource)}`" not in SECTION
    ] == []
    if "*" in resources:
        about = [action for action in as_list(statement["Action"]) if _arns(action)]
        assert [action for action in about if f"`{action}`" not in SECTION] == []


@each_statement
def test_actions_and_resources_belong_together(statement: dict[str, Any]) -> None:
    """Each action is about one of the resources beside it, and each resource about an action."""
    actions = as_list(statement["Action"])
    resources = [one for one in as_list(statement["Resource"]) if one != "*"]
    kinds = {(action, one) for action in actions for one in resources if _is_about(action, one)}

    assert not resources or {action for action, _ in kinds} == set(actions)
    assert {resource for _, resource in kinds} == set(resources)


@each_statement
def test_roles_are_passed_to_one_service(statement: dict[str, Any]) -> None:
    """Whoever may hand over a role may hand it to the service that it is for, and no other."""
    if "iam:PassRole" in as_list(statement["Action"]):
        assert list(statement["Condition"]["StringEquals"]) == ["iam:PassedToService"]


@pytest.mark.parametrize(
    ("bounded_by", "expected"),
    [(BOUNDARY, Verdict.ALLOWED), (f"{BOUNDARY}-of-mine", Verdict.SILENT), (None, Verdict.SILENT)],
)
def test_a_boundary_can_be_demanded(bounded_by: str | None, expected: Verdict) -> None:
    """With the condition that the page gives, roles without that boundary cannot be made."""
    condition = json.loads(re.findall(r"```json\n(.*?)```", SECTION, re.DOTALL)[0])
    statements = {one["Sid"]: one for one in CLOUDFORMATION.statements}
    bounded = {**statements["MakeRoles"], **condition}
    left = [*(statements[sid] for sid in statements if sid not in _REPLACED), bounded]
    context = {"iam:permissionsboundary": bounded_by} if bounded_by else {}
    role = "arn:aws:iam::123456789012:role/s3link-generator-LinkGeneratorRole-1A2B3C4D5E6F"

    for action in as_list(bounded["Action"]):
        asked = Request(action, role, context)
        assert verdict([{"Statement": left}], asked) is expected, action
    taken_away = Request("iam:DeleteRolePermissionsBoundary", role, context)
    assert verdict([{"Statement": left}], taken_away) is Verdict.SILENT


_REPLACED = {"MakeRoles", "TakeBoundariesAway"}


def test_no_role_beside_the_stacks_is_changed() -> None:
    """CloudFormation's own neither; and none is handed to a service that it is not for."""
    others = "admin", "cloudformation-for-s3link"
    own = "arn:aws:iam::123456789012:role/s3link-generator-LinkGeneratorRole-1A2B3C4D5E6F"
    to_ec2 = {"iam:passedtoservice": "ec2.amazonaws.com"}
    documents = [{"Statement": policy.statements} for policy in POLICIES]
    actions = {one for policy in POLICIES for one in policy.actions if one.startswith("iam:")}

    assert [
        (action, other)
        for action in actions
        for other in others
        if verdict(documents, Request(action, f"arn:aws:iam::123456789012:role/{other}"))
        is not Verdict.SILENT
    ] == []
    assert verdict(documents, Request("iam:PassRole", own, to_ec2)) is Verdict.SILENT


@each_policy
def test_it_is_adapted_by_the_line_in_the_section(policy: OperatorPolicy) -> None:
    """To another account, region and deployment; what is never called after it keeps its name."""
    [line] = re.findall(r"^sed -e .*?\.json", SECTION, re.DOTALL | re.MULTILINE)
    command = [*shlex.split(line.replace("\\\n", " "))[:-1], str(policy.path)]

    adapted = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    words = set(re.findall(r"[\w-]*s3link[\w-]*|changeSet/s3link", adapted))
    assert "123456789012" not in adapted
    assert "eu-west-1" not in adapted
    assert words <= {
        "s3link-artifacts-111122223333-eu-central-1",
        "changeSet/s3link",
        "cloudformation-for-s3link",
    }
    assert json.loads(adapted.replace("files-", "s3link-"))


def _arns(action: str) -> list[str]:
    """How ARNs of what IAM knows the action to be about look."""
    return list(known()[action.lower()]["ARNs"])


def _is_about(action: str, resource: str) -> bool:
    return any(re.match(_pattern(one), resource) for one in _arns(action))


def _pattern(arn_format: str) -> str:
    """cfn-lint writes an ARN's end as a regular expression, its variables as ${Name}."""
    head, _, tail = arn_format.rpartition(":")
    fixed = re.escape(re.sub(r"\$\{\w+\}", "\0", head)).replace("\0", "[^:]*")
    return f"{fixed}:{tail}"


def _end(resource: str) -> str:
    """What stands in an ARN behind the account."""
    return resource.split(":", 5)[5]

"""`s3link plan` as its user sees it: what would change, and nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.aws.clients import Clients
from deploy.deployment import STACKS
from deploy.stacks.templates import load_template
from tests.deploy.operator import Operator
from tests.tools import RUN_LIMIT

pytestmark = pytest.mark.slow

SENDER, GENERATOR = "s3link-sender", "s3link-generator"


def resources(stack_name: str) -> set[str]:
    """The logical ids that a template has without any option."""
    [template] = [
        load_template(stack.template) for stack in STACKS if stack_name.endswith(stack.kind)
    ]
    return {made.logical_id for made in template.resources_made_with({})}


def planned(document: dict, stack_name: str) -> dict:
    [stack] = [stack for stack in document["stacks"] if stack["stack_name"] == stack_name]
    return stack


def test_the_first_plan_shows_every_resource_and_leaves_nothing_behind(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """No stack, no change set, no bucket: whoever looked has changed nothing."""
    ran = embedded_operator.s3link("plan --output json")

    assert ran.exit_code == 0, ran.stderr
    for stack_name in (SENDER, GENERATOR):
        stack = planned(ran.document, stack_name)
        assert stack["action"] == "create"
        assert {change["action"] for change in stack["changes"]} == {"add"}
        assert {change["logical_id"] for change in stack["changes"]} == resources(stack_name)
    standing = [
        stack["StackName"]
        for stack in embedded_clients.cloudformation.list_stacks()["StackSummaries"]
        if stack["StackStatus"] != "DELETE_COMPLETE"
    ]
    assert standing == []
    assert embedded_clients.s3.list_buckets()["Buckets"] == []


def test_the_first_plan_says_what_it_cannot_know(embedded_operator: Operator) -> None:
    """The generator takes values from a sender that does not exist yet."""
    ran = embedded_operator.s3link("plan")

    lines = ran.stdout.splitlines()
    after = lines.index("s3link-generator would be created")
    assert lines[after + 1 : after + 3] == [
        "  The values it takes from s3link-sender are not known before that stack exists.",
        "  asks for CAPABILITY_IAM: it makes LinkGeneratorRole, FateRecorderRole",
    ]
    total = len(resources(SENDER)) + len(resources(GENERATOR))
    assert lines[-1] == f"{total} to add, 0 to change, 0 to remove."


def test_a_deployment_that_is_up_to_date_has_nothing_to_change(
    embedded_operator: Operator,
) -> None:
    """Exit code 0, with --exit-code too."""
    embedded_operator.s3link("deploy")

    ran = embedded_operator.s3link("plan --exit-code")

    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        "s3link-sender stays as it is",
        "",
        "s3link-generator stays as it is",
        "",
        "Nothing to change.",
    ]


def test_pending_changes_are_told_property_by_property(embedded_operator: Operator) -> None:
    """Before and after for each; exit code 3 for those who ask for it."""
    embedded_operator.s3link("deploy")

    ran = embedded_operator.s3link("plan --exit-code --set LinkExpirationPeriod=3600")

    assert ran.exit_code == 3
    assert ran.stdout.splitlines() == [
        "s3link-sender stays as it is",
        "",
        "s3link-generator would be updated",
        "  asks for CAPABILITY_IAM: it makes LinkGeneratorRole, FateRecorderRole",
        "  ~ LinkGenerator  AWS::Lambda::Function",
        "      Environment/Variables/LinkExpirationPeriod: 18000 → 3600",
        "",
        "0 to add, 1 to change, 0 to remove.",
    ]


def test_json_mirrors_the_text(embedded_operator: Operator) -> None:
    """The same changes as data, and whether there are any."""
    embedded_operator.s3link("deploy")

    ran = embedded_operator.s3link("plan --output json --set LinkExpirationPeriod=3600")

    assert ran.exit_code == 0
    assert ran.document["has_changes"] is True
    assert planned(ran.document, GENERATOR)["changes"] == [
        {
            "action": "modify",
            "logical_id": "LinkGenerator",
            "type": "AWS::Lambda::Function",
            "replaces": "no",
            "properties": [
                {
                    "path": "Environment/Variables/LinkExpirationPeriod",
                    "before": "18000",
                    "after": "3600",
                    "replaces": "no",
                }
            ],
            "permissions": [],
            "was_deleted": False,
        }
    ]


def test_a_plan_changes_nothing_in_a_deployment(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """Neither a value nor a change set is left in the stack."""
    embedded_operator.s3link("deploy")

    embedded_operator.s3link("plan --set LinkExpirationPeriod=3600")

    cloudformation = embedded_clients.cloudformation
    assert cloudformation.list_change_sets(StackName=GENERATOR)["Summaries"] == []
    assert embedded_operator.s3link("plan --exit-code").exit_code == 0


def test_deployments_side_by_side_do_not_meet(embedded_operator: Operator) -> None:
    """Another name is another deployment, with all its resources still to add."""
    embedded_operator.s3link("deploy")
    parameters = embedded_operator.config.read_text().replace("[s3link]", "[second]")
    embedded_operator.config.write_text(parameters)

    ran = embedded_operator.s3link("plan --name second --output json")

    assert [stack["stack_name"] for stack in ran.document["stacks"]] == [
        "second-sender",
        "second-generator",
    ]
    assert {stack["action"] for stack in ran.document["stacks"]} == {"create"}


def test_what_is_missing_is_named_all_at_once(embedded_operator: Operator) -> None:
    """One sentence, with the ways to give the values."""
    endpoint = [
        line
        for line in embedded_operator.config.read_text().splitlines()
        if line.startswith(("[", "region", "endpoint_url", "AdminAlarmEMail"))
    ]
    embedded_operator.config.write_text("\n".join(endpoint))

    ran = embedded_operator.s3link("plan")

    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert ran.error == (
        "No value is given for EmailSender and EmailRecipient; run `s3link init`, write to "
        "[s3link] in s3link.toml, or add --set EmailSender=…"
    )


def test_a_sign_that_the_output_cannot_take_is_written_another_way(
    embedded_operator: Operator,
) -> None:
    """A pipe on an older system knows no arrow; the plan comes through all the same."""
    embedded_operator.s3link("deploy")
    line = ["plan", "--set", "LinkExpirationPeriod=3600", "--config", embedded_operator.config]

    ran = subprocess.run(
        [sys.executable, "-m", "deploy", *line],
        env={**os.environ, **embedded_operator.environment, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )

    assert ran.returncode == 0, ran.stderr
    assert "LinkExpirationPeriod: 18000 \\u2192 3600" in ran.stdout

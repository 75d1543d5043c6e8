"""`s3link list`: which stacks make a deployment, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.aws.clients import Clients
from deploy.stacks.lookup import StackState
from deploy.table import Row
from deploy.watching.deployments import deployments_among
from tests.deploy.operator import Operator


def stack(name: str, status: str = "CREATE_COMPLETE", tag: str = "", **outputs: str) -> StackState:
    tags = {"s3link:deployment": tag} if tag else {}
    return StackState(name, f"arn:{name}", status, "", {}, outputs, tags, is_protected=False)


@pytest.mark.parametrize(
    ("stacks", "rows"),
    [
        ([], []),
        (
            [
                stack("b-generator", tag="b", FileExchangeBucketName="b-1"),
                stack("b-sender", tag="b"),
            ],
            [Row(("b", "sender, generator", "CREATE_COMPLETE", "", "b-1"))],
        ),
        (
            [stack("my-files-sender", CommonAlarmTopicArn="arn:x")],
            [Row(("my-files", "sender", "CREATE_COMPLETE", "generator", ""), "red")],
        ),
        (
            [
                stack("a-sender", tag="a"),
                stack("a-portal", "UPDATE_ROLLBACK_FAILED", tag="a"),
                stack("a-generator", tag="a"),
            ],
            [
                Row(
                    (
                        "a",
                        "sender, portal, generator",
                        "sender: CREATE_COMPLETE, portal: UPDATE_ROLLBACK_FAILED, "
                        "generator: CREATE_COMPLETE",
                        "",
                        "",
                    ),
                    "red",
                )
            ],
        ),
        # Others' stacks, one that was only planned, and one with the tag of another.
        ([stack("mail-sender"), stack("sender"), stack("-sender", tag="x")], []),
        ([stack("a-sender", "REVIEW_IN_PROGRESS", tag="a")], []),
        ([stack("copy-sender", tag="a")], []),
    ],
)
def test_stacks_make_deployments(stacks: list[StackState], rows: list[Row]) -> None:
    """By name and tag, or by what they put out where somebody made them by hand."""
    assert [one.row for one in deployments_among(stacks)] == rows


@pytest.mark.slow
def test_all_deployments_are_listed(embedded_operator: Operator, embedded_clients: Clients) -> None:
    """Those of this account and region, by name, with what they consist of."""
    nothing = embedded_operator.s3link("list")
    embedded_operator.s3link("deploy --with portal")
    text = embedded_operator.config.read_text().replace("[s3link]", "[files]")
    embedded_operator.config.write_text(text)
    embedded_operator.s3link("deploy")
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    embedded_clients.cloudformation.create_stack(
        StackName="other-sender", TemplateBody=json.dumps(topic)
    )

    ran = embedded_operator.s3link("list")
    document: Any = embedded_operator.s3link("list --output json").document

    assert (nothing.exit_code, nothing.stdout) == (
        0,
        "Nothing is deployed in eu-west-1 of account 123456789012; `s3link deploy` makes a "
        "deployment.\n",
    )
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "NAME\tSTACKS\tSTATE\tMISSING\tBUCKET",
        "files\tsender, generator\tCREATE_COMPLETE\t\tfiles-123456789012-eu-west-1",
        "s3link\tsender, portal, generator\tCREATE_COMPLETE\t\ts3link-123456789012-eu-west-1",
    ]
    assert [one["name"] for one in document["deployments"]] == ["files", "s3link"]
    assert document["deployments"][1]["portal"].startswith("http")
    assert (document["account"], document["region"]) == ("123456789012", "eu-west-1")

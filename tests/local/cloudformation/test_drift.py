"""What is deleted behind CloudFormation's back: it looks only when asked to, as on AWS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.account import Account
from tests.local.stacks import Stacks, queue, template

ALLOWED = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
REVERT = {"DeploymentMode": "REVERT_DRIFT"}
TEMPLATE = template(
    {
        "Queue": queue(),
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Queue"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [ALLOWED]},
            },
        },
        "Other": queue("other"),
    },
    Outputs={"Queue": {"Value": {"Ref": "Queue"}}},
)


class Deleted:
    """A stack whose queue somebody has deleted."""

    def __init__(self, account: Account, stacks: Stacks) -> None:
        self.sqs = account.client("sqs")
        self.stacks = stacks
        stacks.apply("a", TEMPLATE)
        self.url = stacks.outputs("a")["Queue"]
        self.sqs.delete_queue(QueueUrl=self.url)


@pytest.fixture
def deleted(account: Account, stacks: Stacks) -> Deleted:
    return Deleted(account, stacks)


def changes(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    listed = [change["ResourceChange"] for change in plan["Changes"]]
    return [
        (one["Action"], one["LogicalResourceId"], one.get("ResourceDriftStatus", ""))
        for one in listed
    ]


def test_a_change_set_compares_templates(deleted: Deleted) -> None:
    """Whatever has become of the resources, the same template is no change."""
    plan = deleted.stacks.plan("a", TEMPLATE)

    assert plan["Status"] == "FAILED"
    assert "didn't contain changes" in plan["StatusReason"]
    assert "StackDriftStatus" not in plan


def test_a_drift_aware_change_set_makes_again_what_is_gone(deleted: Deleted) -> None:
    """With what belongs to it, under another name, which the outputs tell."""
    plan = deleted.stacks.plan("a", TEMPLATE, **REVERT)

    assert (plan["DeploymentMode"], plan["StackDriftStatus"]) == ("REVERT_DRIFT", "DRIFTED")
    assert changes(plan) == [("Add", "Queue", "DELETED"), ("Add", "Policy", "DELETED")]

    deleted.stacks.client.execute_change_set(StackName="a", ChangeSetName="plan")

    assert deleted.stacks.status("a") == "UPDATE_COMPLETE"
    url = deleted.stacks.outputs("a")["Queue"]
    assert url != deleted.url
    assert deleted.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    again = deleted.stacks.plan("a", TEMPLATE, **REVERT)
    assert again["Status"] == "FAILED"


def test_a_drift_aware_change_set_changes_the_rest_as_usual(deleted: Deleted) -> None:
    """What the template changes is changed, too, and is in sync so far."""
    changed = template({**TEMPLATE["Resources"], "Other": queue("other", DelaySeconds=5)})

    plan = deleted.stacks.plan("a", changed, **REVERT)

    assert ("Modify", "Other", "IN_SYNC") in changes(plan)


def test_an_update_of_what_is_gone_fails(deleted: Deleted) -> None:
    """And it cannot be undone either: nobody can change what is not there."""
    changed = template({**TEMPLATE["Resources"], "Queue": queue(DelaySeconds=5)})

    status = deleted.stacks.apply("a", changed)

    assert status == "UPDATE_ROLLBACK_FAILED"
    assert deleted.stacks.reason("a", "Queue", "UPDATE_FAILED") == (
        f"Resource of type 'AWS::SQS::Queue' with identifier '{deleted.url}' was not found. "
        "(HandlerErrorCode: NotFound)"
    )


def test_what_is_gone_can_be_deleted(deleted: Deleted) -> None:
    """It is as wanted, with what belonged to it."""
    deleted.stacks.client.delete_stack(StackName="a")

    assert deleted.stacks.status("a") == ""
    assert deleted.sqs.list_queues().get("QueueUrls", []) == []


def test_what_cannot_be_asked_for_is_unsupported(account: Account, stacks: Stacks) -> None:
    """As on AWS of types that it cannot read: nobody knows whether it is there."""
    parameter = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "a", "Type": "String", "Value": "1"},
    }
    stacks.apply("a", template({"Parameter": parameter}))
    other = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "a", "Type": "String", "Value": "2"},
    }

    plan = stacks.plan("a", template({"Parameter": other}), **REVERT)

    assert changes(plan) == [("Modify", "Parameter", "UNSUPPORTED")]

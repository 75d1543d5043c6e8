"""What goes wrong is an event with a reason, and is taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.account import Account
from tests.local.stacks import Stacks, queue, template

_TAKEN = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "not a name!"}}


def _queues(account: Account) -> list[str]:
    urls = account.client("sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rpartition("/")[2] for url in urls)


def test_every_step_is_an_event(stacks: Stacks) -> None:
    """A resource has its events between those of its stack."""
    stacks.apply("a", template({"Queue": queue()}))

    assert stacks.history("a") == [
        "a CREATE_IN_PROGRESS",
        "Queue CREATE_IN_PROGRESS",
        "Queue CREATE_IN_PROGRESS",
        "Queue CREATE_COMPLETE",
        "a CREATE_COMPLETE",
    ]


def test_a_failed_creation_is_rolled_back(stacks: Stacks, account: Account) -> None:
    """What was made is deleted again, and the first failure stays to be read."""
    broken = {**_TAKEN, "DependsOn": "Good"}

    status = stacks.apply("a", template({"Good": queue("good"), "Broken": broken}))

    assert status == "ROLLBACK_COMPLETE"
    assert stacks.history("a")[4:] == [
        "Broken CREATE_IN_PROGRESS",
        "Broken CREATE_FAILED",
        "a ROLLBACK_IN_PROGRESS",
        "Good DELETE_IN_PROGRESS",
        "Good DELETE_COMPLETE",
        "a ROLLBACK_COMPLETE",
    ]
    assert "Error Code: InvalidParameterValue" in stacks.reason("a", "Broken", "CREATE_FAILED")
    assert stacks.reason("a", "a", "ROLLBACK_IN_PROGRESS") == (
        "The following resource(s) failed to create: [Broken]. Rollback requested by user."
    )
    assert _queues(account) == []


def test_a_rolled_back_stack_can_only_be_deleted(stacks: Stacks) -> None:
    """ROLLBACK_COMPLETE takes no update."""
    stacks.apply("a", template({"Broken": _TAKEN}))

    with pytest.raises(stacks.client.exceptions.ClientError) as refused:
        stacks.plan("a", template({"Good": queue()}))
    stacks.client.delete_stack(StackName="a")

    assert "is in ROLLBACK_COMPLETE state and can not be updated." in str(refused.value)
    assert stacks.status("a") == ""


def test_a_failed_creation_may_be_kept(stacks: Stacks, account: Account) -> None:
    """With DisableRollback, what was made stays."""
    resources = {"Good": queue("good"), "Broken": {**_TAKEN, "DependsOn": "Good"}}

    stacks.client.create_stack(
        StackName="a", TemplateBody=json.dumps(template(resources)), DisableRollback=True
    )

    assert stacks.status("a") == "CREATE_FAILED"
    assert _queues(account) == ["good"]


def test_a_failed_update_is_rolled_back(stacks: Stacks, account: Account) -> None:
    """New resources go, changed ones get back what they had, and the old values stay."""
    parameter = {"Seconds": {"Type": "Number"}}
    before = template(
        {"Changed": queue("changed", VisibilityTimeout={"Ref": "Seconds"}), "Gone": queue("gone")},
        Parameters=parameter,
        Outputs={"Seconds": {"Value": {"Ref": "Seconds"}}},
    )
    after = template(
        {
            "Changed": queue("changed", VisibilityTimeout={"Ref": "Seconds"}),
            "New": queue("new"),
            "Broken": {**_TAKEN, "DependsOn": ["Changed", "New"]},
        },
        Parameters=parameter,
    )
    stacks.apply("a", before, Parameters={"Seconds": "10"})

    status = stacks.apply("a", after, Parameters={"Seconds": "20"})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert _queues(account) == ["changed", "gone"]
    attributes = account.client("sqs").get_queue_attributes(
        QueueUrl=stacks.resources("a")["Changed"], AttributeNames=["VisibilityTimeout"]
    )
    assert attributes["Attributes"] == {"VisibilityTimeout": "10"}
    assert stacks.outputs("a") == {"Seconds": "10"}
    assert stacks.describe("a")["Parameters"][0]["ParameterValue"] == "10"


def test_after_a_rolled_back_update_comes_another(stacks: Stacks) -> None:
    """UPDATE_ROLLBACK_COMPLETE can be updated."""
    stacks.apply("a", template({"Good": queue()}))
    stacks.apply("a", template({"Good": queue(), "Broken": _TAKEN}))

    status = stacks.apply("a", template({"Good": queue(), "Better": queue()}))

    assert status == "UPDATE_COMPLETE"
    assert sorted(stacks.resources("a")) == ["Better", "Good"]


def test_an_update_that_removes_and_replaces(stacks: Stacks, account: Account) -> None:
    """What a new one replaces, and what is not in the template any more, goes at the end."""
    stacks.apply("a", template({"Named": queue("one"), "Removed": queue("removed")}))

    status = stacks.apply("a", template({"Named": queue("two")}))

    assert status == "UPDATE_COMPLETE"
    assert stacks.history("a")[-6:] == [
        "a UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Removed DELETE_IN_PROGRESS",
        "Removed DELETE_COMPLETE",
        "Named DELETE_IN_PROGRESS",
        "Named DELETE_COMPLETE",
        "a UPDATE_COMPLETE",
    ]
    assert _queues(account) == ["two"]


def test_a_replacement_that_fails_keeps_the_old_one(stacks: Stacks, account: Account) -> None:
    """The new one is made before the old one goes."""
    stacks.apply("a", template({"Named": queue("one")}))

    status = stacks.apply(
        "a", template({"Named": queue("two"), "Broken": {**_TAKEN, "DependsOn": "Named"}})
    )

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert _queues(account) == ["one"]
    assert stacks.resources("a")["Named"].endswith("/one")


def test_a_named_resource_cannot_be_replaced(stacks: Stacks) -> None:
    """Two resources cannot have one name, and CloudFormation says what to do."""
    role: dict[str, Any] = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "worker", "Path": "/a/", "AssumeRolePolicyDocument": {}},
    }
    consent = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
    stacks.apply("a", template({"Role": role}), **consent)

    role["Properties"]["Path"] = "/b/"
    status = stacks.apply("a", template({"Role": role}), **consent)

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.reason("a", "Role", "UPDATE_FAILED") == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename worker and update the stack again."
    )


def test_unknown_properties_fail_the_resource(stacks: Stacks) -> None:
    """A property that nobody here honours is an error, never dropped."""
    stacks.apply("a", template({"Queue": queue(Colour="blue")}))

    assert stacks.reason("a", "Queue", "CREATE_FAILED") == (
        "The embedded AWS does not know Colour of AWS::SQS::Queue."
    )


def test_only_the_failures(stacks: Stacks) -> None:
    """DescribeEvents with FailedEvents gives the failed events alone."""
    stacks.apply("a", template({"Broken": _TAKEN, "Good": queue()}))

    events = stacks.client.describe_events(StackName="a", Filters={"FailedEvents": True})

    assert [event["LogicalResourceId"] for event in events["OperationEvents"]] == ["Broken"]

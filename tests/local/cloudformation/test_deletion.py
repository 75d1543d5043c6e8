"""Stacks are deleted, dependants first, and what cannot go is named."""

from __future__ import annotations

import pytest

from tests.local.account import Account
from tests.local.stacks import Stacks, queue, template

pytestmark = pytest.mark.slow

_BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}}


def test_deletion_in_reverse_order(stacks: Stacks) -> None:
    """What depends on something goes before it; the stack is then found by its id only."""
    resources = {"First": queue(), "Last": {**queue(), "DependsOn": "First"}}
    stacks.apply("a", template(resources))
    stack_id = stacks.describe("a")["StackId"]

    stacks.client.delete_stack(StackName="a")

    assert stacks.history(stack_id)[1:] == [
        "Last DELETE_IN_PROGRESS",
        "Last DELETE_COMPLETE",
        "First DELETE_IN_PROGRESS",
        "First DELETE_COMPLETE",
        "a DELETE_COMPLETE",
    ]
    with pytest.raises(stacks.client.exceptions.ClientError) as missing:
        stacks.client.describe_stacks(StackName="a")
    assert "Stack with id a does not exist" in str(missing.value)


def test_a_bucket_that_is_not_empty(stacks: Stacks, account: Account) -> None:
    """It and what it depends on stay; once it is empty, deleting again works."""
    resources = {
        "Needed": queue(),
        "Bucket": {**_BUCKET, "DependsOn": "Needed"},
        "Other": queue(),
    }
    stacks.apply("a", template(resources))
    account.client("s3").put_object(Bucket="files", Key="file", Body=b"")

    stacks.client.delete_stack(StackName="a")

    assert stacks.status("a") == "DELETE_FAILED"
    assert stacks.describe("a")["StackStatusReason"] == (
        "The following resource(s) failed to delete: [Bucket]. "
    )
    assert stacks.reason("a", "Bucket", "DELETE_FAILED") == (
        "The bucket you tried to delete is not empty "
        "(Service: S3; Status Code: 409; Error Code: BucketNotEmpty)"
    )
    assert sorted(stacks.resources("a")) == ["Bucket", "Needed"]

    account.client("s3").delete_object(Bucket="files", Key="file")
    stacks.client.delete_stack(StackName="a")

    assert stacks.status("a") == ""


def test_what_cannot_go_may_be_left_behind(stacks: Stacks, account: Account) -> None:
    """RetainResources leaves what is named, FORCE_DELETE_STACK whatever fails."""
    stacks.apply("a", template({"Bucket": _BUCKET}))
    account.client("s3").put_object(Bucket="files", Key="file", Body=b"")

    stacks.client.delete_stack(StackName="a", DeletionMode="FORCE_DELETE_STACK")

    assert stacks.status("a") == ""
    assert account.client("s3").list_objects_v2(Bucket="files")["KeyCount"] == 1


def test_retained_resources(stacks: Stacks, account: Account) -> None:
    """DeletionPolicy Retain lets a resource outlive its stack."""
    stacks.apply("a", template({"Bucket": {**_BUCKET, "DeletionPolicy": "Retain"}}))

    stacks.client.delete_stack(StackName="a")

    buckets = [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]]
    assert buckets == ["files"]


def test_termination_protection(stacks: Stacks) -> None:
    """A protected stack is not deleted until the protection is lifted."""
    stacks.apply("a", template({"Queue": queue()}))
    stacks.client.update_termination_protection(StackName="a", EnableTerminationProtection=True)

    with pytest.raises(stacks.client.exceptions.ClientError) as refused:
        stacks.client.delete_stack(StackName="a")
    stacks.client.update_termination_protection(StackName="a", EnableTerminationProtection=False)
    stacks.client.delete_stack(StackName="a")

    assert "cannot be deleted while TerminationProtection is enabled" in str(refused.value)
    assert stacks.status("a") == ""


def test_deleting_what_is_not_there(stacks: Stacks) -> None:
    """It is no error to delete a stack that does not exist."""
    stacks.client.delete_stack(StackName="nobody")

    assert stacks.status("nobody") == ""


def test_deleting_a_stack_that_was_never_made(stacks: Stacks) -> None:
    """A stack in REVIEW_IN_PROGRESS can be deleted."""
    stacks.plan("a", template({"Queue": queue()}))

    stacks.client.delete_stack(StackName="a")

    assert stacks.status("a") == ""

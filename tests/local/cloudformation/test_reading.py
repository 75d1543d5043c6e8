"""What can be read of templates and stacks."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account
from tests.local.stacks import Stacks, queue, template

_TEMPLATE = template(
    {"Queue": queue("queue"), "Role": {"Type": "AWS::IAM::Role", "Properties": {}}},
    Description="A queue and a role.",
    Parameters={
        "Secret": {"Type": "String", "NoEcho": True, "Description": "Nobody sees it."},
        "Days": {"Type": "Number", "Default": 7},
    },
)
_QUEUE = template({"Queue": queue("queue")}, Description="A queue.")


@pytest.mark.parametrize("operation", ["validate_template", "get_template_summary"])
def test_what_a_template_needs(stacks: Stacks, operation: str) -> None:
    """Parameters and capabilities are known before there is a stack."""
    summary = getattr(stacks.client, operation)(TemplateBody=json.dumps(_TEMPLATE))

    assert summary["Description"] == "A queue and a role."
    assert summary["Capabilities"] == ["CAPABILITY_IAM"]
    secret, days = summary["Parameters"]
    assert (secret["ParameterKey"], secret["NoEcho"]) == ("Secret", True)
    assert (days["ParameterKey"], days["DefaultValue"]) == ("Days", "7")


def test_the_template_of_a_stack(stacks: Stacks) -> None:
    """A stack gives back the template that it was made from, to the letter."""
    stacks.apply("a", _QUEUE)

    assert stacks.client.get_template(StackName="a")["TemplateBody"] == _QUEUE
    summary = stacks.client.get_template_summary(StackName="a")
    assert summary["ResourceTypes"] == ["AWS::SQS::Queue"]
    assert stacks.describe("a")["Description"] == "A queue."


def test_a_template_in_a_bucket(stacks: Stacks, account: Account) -> None:
    """TemplateURL names an object, in either style of S3's URLs."""
    account.create_bucket("templates")
    body = json.dumps(_QUEUE)
    account.client("s3").put_object(Bucket="templates", Key="a b.json", Body=body)

    for name, url in {
        "by-path": "https://s3.eu-west-1.amazonaws.com/templates/a%20b.json",
        "by-host": "https://templates.s3.eu-west-1.amazonaws.com/a%20b.json",
    }.items():
        stacks.client.create_change_set(
            StackName=name, ChangeSetName="plan", ChangeSetType="CREATE", TemplateURL=url
        )

        found = stacks.client.get_template(StackName=name, ChangeSetName="plan")
        assert found["TemplateBody"] == _QUEUE


def test_the_resources_of_a_stack(stacks: Stacks) -> None:
    """Resources are listed with their state, one by one or all together."""
    stacks.apply("a", _QUEUE)

    [listed] = stacks.client.list_stack_resources(StackName="a")["StackResourceSummaries"]
    one = stacks.client.describe_stack_resource(StackName="a", LogicalResourceId="Queue")
    by_id = stacks.client.describe_stack_resources(PhysicalResourceId=listed["PhysicalResourceId"])

    assert listed["ResourceStatus"] == "CREATE_COMPLETE"
    assert listed["PhysicalResourceId"].endswith("/queue")
    assert one["StackResourceDetail"]["ResourceType"] == "AWS::SQS::Queue"
    assert by_id["StackResources"][0]["StackName"] == "a"


def test_lists_of_stacks(stacks: Stacks) -> None:
    """Deleted stacks are listed, too, unless a status is asked for."""
    stacks.apply("a", _QUEUE)
    stacks.client.delete_stack(StackName="a")
    stacks.apply("b", _QUEUE)

    summaries = stacks.client.list_stacks()["StackSummaries"]
    living = stacks.client.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]

    assert [one["StackStatus"] for one in summaries] == ["DELETE_COMPLETE", "CREATE_COMPLETE"]
    assert [one["StackName"] for one in living] == ["b"]


def test_direct_creation_with_protection(stacks: Stacks) -> None:
    """CreateStack can protect a stack from the start."""
    stacks.client.create_stack(
        StackName="a", TemplateBody=json.dumps(_QUEUE), EnableTerminationProtection=True
    )

    assert stacks.describe("a")["EnableTerminationProtection"] is True


@pytest.mark.parametrize("name", ["1st", "with_underscore", "with space"])
def test_names(stacks: Stacks, name: str) -> None:
    """A stack's name begins with a letter and has letters, digits and hyphens."""
    with pytest.raises(ClientError, match="at 'stackName' failed to satisfy constraint"):
        stacks.client.create_stack(StackName=name, TemplateBody=json.dumps(_QUEUE))


def test_a_name_that_is_taken(stacks: Stacks) -> None:
    """There is one stack of a name."""
    stacks.apply("a", _QUEUE)

    with pytest.raises(stacks.client.exceptions.AlreadyExistsException) as refused:
        stacks.client.create_stack(StackName="a", TemplateBody=json.dumps(_QUEUE))

    assert "Stack [a] already exists" in str(refused.value)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("none.json", "S3 error: The specified key does not exist."),
        ("large.json", "Template may not exceed 1000000 bytes in size."),
    ],
)
def test_a_template_that_cannot_be_taken_from_a_bucket(
    stacks: Stacks, account: Account, key: str, said: str
) -> None:
    """CloudFormation passes on what S3 says, and has a limit of its own."""
    account.create_bucket("templates")
    body = json.dumps({**_QUEUE, "Metadata": {"x": "x" * 1_000_000}})
    account.client("s3").put_object(Bucket="templates", Key="large.json", Body=body)
    url = f"https://templates.s3.eu-west-1.amazonaws.com/{key}"

    with pytest.raises(ClientError) as refused:
        stacks.client.create_stack(StackName="a", TemplateURL=url)

    assert refused.value.response["Error"] == {
        **refused.value.response["Error"],
        "Code": "ValidationError",
        "Message": said,
    }


def test_a_template_that_is_too_large_for_a_call(stacks: Stacks) -> None:
    """More than 51,200 bytes have to come from a bucket."""
    body = json.dumps({**_QUEUE, "Metadata": {"x": "x" * 51_200}})

    with pytest.raises(ClientError, match="length less than or equal to 51200"):
        stacks.client.create_stack(StackName="a", TemplateBody=body)


def test_the_registry_says_which_types_there_are(stacks: Stacks) -> None:
    """Of those of s3link's templates, and of others that moto has; not of what nobody makes."""
    known = stacks.client.describe_type(Type="RESOURCE", TypeName="AWS::SES::Template")
    with pytest.raises(ClientError) as caught:
        stacks.client.describe_type(Type="RESOURCE", TypeName="AWS::SES::Postmark")

    assert (known["Type"], known["TypeName"]) == ("RESOURCE", "AWS::SES::Template")
    assert caught.value.response["Error"]["Code"] == "TypeNotFoundException"

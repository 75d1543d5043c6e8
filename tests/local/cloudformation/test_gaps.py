"""Why deploy/local/cloudformation stands in the place of moto's own CloudFormation.

A test here fails once moto has closed the gap. One alone is no reason to change anything; once
all of them fail, delete the package and the tests of it, and look at
deploy/local/resource_types.py anew.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

_KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}


@pytest.fixture
def moto() -> Iterator[Any]:
    """moto's own CloudFormation, asked with boto3."""
    with mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield boto3.client("cloudformation", **_KEYS)


def _queue(timeout: int) -> str:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": timeout}}
    output = {"Value": {"Ref": "Queue"}, "Export": {"Name": "queue"}}
    return json.dumps({"Resources": {"Queue": queue}, "Outputs": {"Url": output}})


def _execute(moto: Any, kind: str, template: str) -> None:
    names = {"StackName": "stack", "ChangeSetName": kind.lower()}
    moto.create_change_set(**names, ChangeSetType=kind, TemplateBody=template)
    moto.execute_change_set(**names)


def test_outputs_and_exports_of_a_change_set(moto: Any) -> None:
    """moto forgets them."""
    _execute(moto, "CREATE", _queue(30))

    assert "Outputs" not in moto.describe_stacks(StackName="stack")["Stacks"][0]
    assert moto.list_exports()["Exports"] == []


def test_events_of_resources(moto: Any) -> None:
    """moto tells of the stack alone, so that nobody learns which resource failed."""
    _execute(moto, "CREATE", _queue(30))

    events = moto.describe_stack_events(StackName="stack")["StackEvents"]
    assert {event["LogicalResourceId"] for event in events} == {"stack"}


def test_property_values_of_a_change_set(moto: Any) -> None:
    """moto names the resource that changes, and not what changes in it."""
    _execute(moto, "CREATE", _queue(30))
    names = {"StackName": "stack", "ChangeSetName": "plan"}
    moto.create_change_set(**names, ChangeSetType="UPDATE", TemplateBody=_queue(60))

    [change] = moto.describe_change_set(**names, IncludePropertyValues=True)["Changes"]

    assert "Details" not in change["ResourceChange"]


def test_bounds_of_parameters(moto: Any) -> None:
    """moto takes any value."""
    parameter = {"Type": "String", "AllowedPattern": "[a-z]+"}
    template = {"Parameters": {"Name": parameter}, **json.loads(_queue(30))}

    moto.create_stack(
        StackName="stack",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "1"}],
    )

    assert moto.describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_capabilities(moto: Any) -> None:
    """moto makes roles for somebody who has not agreed to them."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}

    moto.create_stack(StackName="stack", TemplateBody=json.dumps({"Resources": {"Role": role}}))

    assert moto.describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_a_resource_that_fails(moto: Any) -> None:
    """moto raises what the service raised, and takes nothing back."""
    resources = {
        "First": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "stays"}},
        "Second": {
            "Type": "AWS::SQS::Queue",
            "DependsOn": "First",
            "Properties": {"QueueName": "not a name"},
        },
    }

    with pytest.raises(moto.exceptions.ClientError):
        moto.create_stack(StackName="stack", TemplateBody=json.dumps({"Resources": resources}))

    assert len(boto3.client("sqs", **_KEYS).list_queues()["QueueUrls"]) == 1


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        (
            "update_termination_protection",
            {"StackName": "stack", "EnableTerminationProtection": True},
        ),
        ("describe_events", {"StackName": "stack"}),
    ],
)
def test_calls_that_the_deploy_tool_makes(moto: Any, call: str, request_: dict[str, Any]) -> None:
    """moto does not have them."""
    with pytest.raises(NotImplementedError):
        getattr(moto, call)(**request_)

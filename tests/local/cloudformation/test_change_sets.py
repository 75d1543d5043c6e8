"""Change sets say what would change, change nothing, and keep everything when executed."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account
from tests.local.stacks import Stacks, queue, template

_EXPORTING = template(
    {"Queue": queue(VisibilityTimeout={"Ref": "Seconds"})},
    Parameters={"Seconds": {"Type": "Number", "Default": 30}},
    Outputs={
        "Name": {
            "Description": "The queue's name.",
            "Value": {"Fn::GetAtt": ["Queue", "QueueName"]},
            "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-Name"}},
        }
    },
)


def test_a_first_change_set_makes_nothing(stacks: Stacks) -> None:
    """Until it is executed, a change set leaves only an empty stack in REVIEW_IN_PROGRESS."""
    plan = stacks.plan("a", _EXPORTING)

    assert [change["ResourceChange"]["Action"] for change in plan["Changes"]] == ["Add"]
    assert stacks.status("a") == "REVIEW_IN_PROGRESS"
    assert stacks.resources("a") == {}


def test_execution_keeps_outputs_exports_tags_and_capabilities(stacks: Stacks) -> None:
    """moto's own execute_change_set loses these."""
    stacks.apply("a", _EXPORTING, Tags=[{"Key": "team", "Value": "files"}])

    described = stacks.describe("a")
    queue_url = stacks.resources("a")["Queue"]
    name = queue_url.rpartition("/")[2]
    assert described["Outputs"] == [
        {
            "OutputKey": "Name",
            "OutputValue": name,
            "Description": "The queue's name.",
            "ExportName": "a-Name",
        }
    ]
    assert described["Tags"] == [{"Key": "team", "Value": "files"}]
    assert described["Capabilities"] == ["CAPABILITY_IAM"]
    exports = stacks.client.list_exports()["Exports"]
    assert [(export["Name"], export["Value"]) for export in exports] == [("a-Name", name)]


def test_tags_reach_the_resources(stacks: Stacks, account: Account) -> None:
    """A stack's tags are given to its resources, and changing them changes the resources."""
    tags = [{"Key": "team", "Value": "files"}]
    stacks.apply("a", _EXPORTING, Tags=[{"Key": "team", "Value": "none"}])

    plan = stacks.plan("a", _EXPORTING, Tags=tags)
    stacks.client.execute_change_set(StackName="a", ChangeSetName="plan")

    assert plan["Changes"][0]["ResourceChange"]["Scope"] == ["Tags"]
    url = stacks.resources("a")["Queue"]
    assert account.client("sqs").list_queue_tags(QueueUrl=url)["Tags"] == {"team": "files"}


def test_a_change_is_listed_value_by_value(stacks: Stacks) -> None:
    """With IncludePropertyValues, each value that changes is shown before and after."""
    stacks.apply("a", _EXPORTING)

    plan = stacks.plan("a", _EXPORTING, Parameters={"Seconds": "45"})

    [change] = [change["ResourceChange"] for change in plan["Changes"]]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    assert change["Details"] == [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": "VisibilityTimeout",
                "RequiresRecreation": "Never",
                "Path": "/Properties/VisibilityTimeout",
                "BeforeValue": "30",
                "AfterValue": "45",
                "AttributeChangeType": "Modify",
            },
            "Evaluation": "Static",
            "ChangeSource": "ParameterReference",
            "CausingEntity": "Seconds",
        }
    ]


def test_replacement_and_what_follows_from_it(stacks: Stacks) -> None:
    """A new name replaces a queue; whoever refers to it may change, too."""
    resources = {
        "Queue": queue("one"),
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "MetricName": "M",
                "Namespace": "N",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Period": 60,
                "Statistic": "Sum",
                "Threshold": 1,
                "Dimensions": [
                    {"Name": "QueueName", "Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}
                ],
            },
        },
    }
    stacks.apply("a", template(resources))

    plan = stacks.plan("a", template({**resources, "Queue": queue("two")}))

    changes = {
        c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in plan["Changes"]
    }
    assert changes["Queue"]["Replacement"] == "True"
    [detail] = changes["Alarm"]["Details"]
    assert detail["Evaluation"] == "Dynamic"
    assert detail["Target"]["AfterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}"


def test_nothing_to_change(stacks: Stacks) -> None:
    """The same template with the same values gives a failed change set with AWS's own reason."""
    stacks.apply("a", _EXPORTING)

    plan = stacks.plan("a", _EXPORTING, Parameters={"Seconds": None})

    assert (plan["Status"], plan["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert plan["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )


def test_a_template_that_differs_in_words_only(stacks: Stacks) -> None:
    """A change that reaches no resource is none, with the other reason that AWS has for it."""
    stacks.apply("a", _EXPORTING)

    plan = stacks.plan("a", {**_EXPORTING, "Description": "Now with a description."})

    assert (plan["Status"], plan["StatusReason"]) == ("FAILED", "No updates are to be performed.")


def test_a_failed_change_set_cannot_be_executed(stacks: Stacks) -> None:
    """Executing what has no changes is refused."""
    stacks.apply("a", _EXPORTING)
    stacks.plan("a", _EXPORTING)

    with pytest.raises(stacks.client.exceptions.InvalidChangeSetStatusException) as refused:
        stacks.client.execute_change_set(StackName="a", ChangeSetName="plan")

    assert "cannot be executed in its current status of [FAILED]" in str(refused.value)


def test_execution_ends_the_stacks_other_change_sets(stacks: Stacks) -> None:
    """They were worked out from what the stack was before."""
    stacks.plan("a", _EXPORTING)
    stacks.client.create_change_set(
        StackName="a",
        ChangeSetName="other",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(_EXPORTING),
    )

    stacks.client.execute_change_set(StackName="a", ChangeSetName="plan")

    left = stacks.client.list_change_sets(StackName="a")["Summaries"]

    assert left == []


def test_secrets(stacks: Stacks) -> None:
    """The value of a NoEcho parameter is shown nowhere."""
    secretive = template(
        {"Queue": queue(KmsMasterKeyId={"Fn::Sub": "alias/${Key}"})},
        Parameters={"Key": {"Type": "String", "NoEcho": True}},
    )
    stacks.apply("a", secretive, Parameters={"Key": "first-secret"})

    plan = stacks.plan("a", secretive, Parameters={"Key": "second-secret"})

    [change] = [change["ResourceChange"] for change in plan["Changes"]]
    assert change["Details"][0]["Target"]["AfterValue"] == "alias/****"
    shown = f"{plan} {stacks.describe('a')}"
    assert "first-secret" not in shown
    assert "second-secret" not in shown


def test_missing_consent(stacks: Stacks) -> None:
    """IAM resources need CAPABILITY_IAM."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}

    with pytest.raises(ClientError) as refused:
        stacks.plan("a", template({"Role": role}), Capabilities=[])

    assert refused.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"
    assert "Requires capabilities : [CAPABILITY_IAM]" in str(refused.value)


def test_unknown_types(stacks: Stacks) -> None:
    """A type that nobody here supports is refused by name, not dropped."""
    with pytest.raises(ClientError) as refused:
        stacks.plan("a", template({"A": {"Type": "AWS::Nothing::Here"}}))

    assert "Unrecognized resource types: [AWS::Nothing::Here]" in str(refused.value)
    assert stacks.status("a") == ""


def test_types_that_only_moto_has(stacks: Stacks, account: Account) -> None:
    """What s3link's templates do not use is left to moto's own classes."""
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "links",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        },
    }
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}}

    stacks.apply("a", template({"Table": table}, Outputs=outputs))
    tables = account.client("dynamodb").list_tables()["TableNames"]
    stacks.client.delete_stack(StackName="a")

    assert tables == ["links"]
    assert account.client("dynamodb").list_tables()["TableNames"] == []


def test_direct_calls(stacks: Stacks) -> None:
    """CreateStack and UpdateStack do the same without a change set."""
    stacks.client.create_stack(StackName="a", TemplateBody=json.dumps(_EXPORTING))
    stacks.client.update_stack(
        StackName="a",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "5"}],
    )

    with pytest.raises(ClientError) as refused:
        stacks.client.update_stack(
            StackName="a",
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Seconds", "UsePreviousValue": True}],
        )

    assert stacks.status("a") == "UPDATE_COMPLETE"
    assert "No updates are to be performed." in str(refused.value)


def test_calls_that_are_not_there(stacks: Stacks) -> None:
    """A call of the API that nobody wrote is an error that boto3 can read."""
    with pytest.raises(ClientError) as refused:
        stacks.client.list_types()

    assert "has no ListTypes" in str(refused.value)


def test_an_execution_is_asked_for_twice(stacks: Stacks) -> None:
    """Whoever has not heard the answer repeats the call with its token; it is done once."""
    stacks.plan("a", template({"Queue": queue()}))
    names = {"StackName": "a", "ChangeSetName": "plan", "ClientRequestToken": "token"}

    stacks.client.execute_change_set(**names)
    stacks.client.execute_change_set(**names)

    assert stacks.status("a") == "CREATE_COMPLETE"

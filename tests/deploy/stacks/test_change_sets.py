"""Change sets: what CloudFormation answers, read into what the operator sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.aws.polling import Poll
from deploy.stacks.change_sets import propose
from deploy.stacks.differences import PropertyChange, ResourceChange
from deploy.stacks.lookup import find_stack
from deploy.stacks.preview import Plan, StackPlan
from deploy.stacks.target import StackTarget
from deploy.stacks.templates import read_template
from tests.deploy.scripted import Clock, ScriptedClients, ScriptedCloudFormation, ScriptedS3

NAME = "s3link-generator"
TEMPLATE = """
Parameters:
  Password: {Type: String, NoEcho: true}
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
"""


@pytest.fixture
def aws() -> ScriptedCloudFormation:
    return ScriptedCloudFormation(Clock())


@pytest.fixture
def target(tmp_path: Path) -> StackTarget:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return StackTarget(NAME, read_template(path), {}, (), {}, creates=False)


def proposed(aws: ScriptedCloudFormation, target: StackTarget) -> tuple[ResourceChange, ...]:
    clients = ScriptedClients(aws, ScriptedS3())
    return propose(clients, target, Poll(aws.clock.sleep)).changes


def page(*changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "Status": "CREATE_COMPLETE",
        "Changes": [{"Type": "Resource", "ResourceChange": change} for change in changes],
    }


def change(action: str, logical_id: str, *details: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Action": action,
        "LogicalResourceId": logical_id,
        "ResourceType": "AWS::SQS::Queue",
        "Details": list(details),
        **more,
    }


def detail(path: str, before: str | None, after: str | None, **more: Any) -> dict[str, Any]:
    """As CloudFormation tells a property with IncludePropertyValues."""
    target: dict[str, Any] = {"Attribute": "Properties", "Name": path.split("/")[0]}
    target["Path"] = f"/Properties/{path}"
    target |= {"BeforeValue": before} if before is not None else {}
    target |= {"AfterValue": after} if after is not None else {}
    recreation = more.pop("RequiresRecreation", "Never")
    return {"Target": {**target, "RequiresRecreation": recreation}, **more}


def test_property_values_are_asked_for_and_read(
    aws: ScriptedCloudFormation, target: StackTarget
) -> None:
    """Each property comes with what it was and what it will be."""
    aws.has_stack(NAME, "CREATE_COMPLETE")
    aws.proposes(
        NAME,
        page(
            change(
                "Modify",
                "Queue",
                detail("VisibilityTimeout", "30", "60"),
                detail("Tags/0/Value", None, "new"),
                detail("QueueName", "a", "b", RequiresRecreation="Always"),
                Replacement="True",
            ),
            change("Add", "Topic"),
            change("Remove", "Alarm"),
        ),
    )

    assert proposed(aws, target) == (
        ResourceChange(
            "modify",
            "Queue",
            "AWS::SQS::Queue",
            replaces="yes",
            properties=(
                PropertyChange("VisibilityTimeout", "30", "60"),
                PropertyChange("Tags/0/Value", None, "new"),
                PropertyChange("QueueName", "a", "b", replaces="yes"),
            ),
        ),
        ResourceChange("add", "Topic", "AWS::SQS::Queue"),
        ResourceChange("remove", "Alarm", "AWS::SQS::Queue"),
    )


def test_every_page_is_read(aws: ScriptedCloudFormation, target: StackTarget) -> None:
    """A large change set comes in pieces."""
    aws.has_stack(NAME, "CREATE_COMPLETE")
    aws.proposes(NAME, page(change("Add", "A")), page(change("Add", "B")), page(change("Add", "C")))

    assert [made.logical_id for made in proposed(aws, target)] == ["A", "B", "C"]


def test_a_property_named_twice_is_told_once(
    aws: ScriptedCloudFormation, target: StackTarget
) -> None:
    """CloudFormation lists a property for its own sake and for what it refers to."""
    aws.has_stack(NAME, "CREATE_COMPLETE")
    twice = [
        detail("Timeout", "30", "60", Evaluation="Static"),
        detail("Timeout", None, None, Evaluation="Dynamic", CausingEntity="Role.Arn"),
    ]
    aws.proposes(NAME, page(change("Modify", "Queue", *twice)))

    [modified] = proposed(aws, target)

    assert modified.properties == (PropertyChange("Timeout", "30", "60"),)


def test_a_secret_parameter_is_shown_nowhere(
    aws: ScriptedCloudFormation, target: StackTarget
) -> None:
    """What follows from a NoEcho parameter is hidden, before and after."""
    aws.has_stack(NAME, "CREATE_COMPLETE")
    secret = detail("Secret", "hunter1", "hunter2", CausingEntity="Password")
    aws.proposes(NAME, page(change("Modify", "Queue", secret)))

    changes = proposed(aws, target)

    plan = Plan("s3link", "1", "eu-west-1", (StackPlan(NAME, "update", changes),))
    assert "hunter" not in plan.as_text()
    assert "hunter" not in str(plan.as_dict())
    assert "Secret: (hidden) → (hidden)" in plan.as_text()


@pytest.mark.parametrize(
    ("replacement", "line"),
    [
        ("False", "  ~ Queue  AWS::SQS::Queue"),
        ("Conditional", "  ~ Queue  AWS::SQS::Queue  (perhaps replaced)"),
        ("True", "  ~ Queue  AWS::SQS::Queue  (replaced by a new one)"),
    ],
)
def test_a_replacement_is_marked(
    aws: ScriptedCloudFormation, target: StackTarget, replacement: str, line: str
) -> None:
    """A new physical resource may mean a new name, or lost content."""
    aws.has_stack(NAME, "CREATE_COMPLETE")
    aws.proposes(NAME, page(change("Modify", "Queue", Replacement=replacement)))

    changes = proposed(aws, target)

    plan = Plan("s3link", "1", "eu-west-1", (StackPlan(NAME, "update", changes),))
    assert plan.as_text().splitlines()[1] == line


@pytest.mark.parametrize(
    "fault",
    [KeyboardInterrupt(), ClientError({"Error": {"Code": "ExpiredToken"}}, "DescribeChangeSet")],
    ids=["Ctrl-C", "expired"],
)
def test_an_interrupted_plan_leaves_nothing_behind(
    aws: ScriptedCloudFormation, target: StackTarget, fault: BaseException
) -> None:
    """The change set and the empty stack go, whatever stopped us."""
    clients = ScriptedClients(aws, ScriptedS3())
    creation = StackTarget(NAME, target.template, {}, (), {}, creates=True)
    aws.fails_with(fault)

    with pytest.raises(type(fault)):
        propose(clients, creation, Poll(aws.clock.sleep))

    assert aws.withdrawn == [NAME]
    assert find_stack(clients, NAME) is None


def test_the_text_is_read_line_by_line() -> None:
    """A sign and a name for each resource, before and after for each property, a sum at the end."""
    plan = Plan(
        "s3link",
        "123456789012",
        "eu-west-1",
        (
            StackPlan("s3link-sender", "none"),
            StackPlan(
                NAME,
                "update",
                (
                    ResourceChange(
                        "modify",
                        "Queue",
                        "AWS::SQS::Queue",
                        replaces="yes",
                        properties=(
                            PropertyChange("QueueName", "a", "b", replaces="yes"),
                            PropertyChange("Delay", None, "5"),
                            PropertyChange("Policy", "{\n  }", ""),
                            PropertyChange("Arn", None, None),
                            PropertyChange("Role", "a", "{{changeSet:KNOWN_AFTER_APPLY}}/b"),
                        ),
                    ),
                    ResourceChange("add", "Topic", "AWS::SNS::Topic"),
                    ResourceChange("remove", "Alarm", "AWS::CloudWatch::Alarm"),
                ),
                capabilities=("CAPABILITY_IAM",),
                acknowledged=("Role",),
            ),
        ),
    )

    assert plan.as_text().splitlines() == [
        "s3link-sender stays as it is",
        "",
        "s3link-generator would be updated",
        "  asks for CAPABILITY_IAM: it makes Role",
        "  ~ Queue  AWS::SQS::Queue  (replaced by a new one)",
        "      QueueName: a → b  (replaces it)",
        "      Delay: (none) → 5",
        '      Policy: { } → ""',
        "      Arn",
        "      Role: a → (known afterwards)/b",
        "  + Topic  AWS::SNS::Topic",
        "  - Alarm  AWS::CloudWatch::Alarm",
        "",
        "1 to add, 1 to change, 1 to remove, 1 of them replaced.",
    ]


def test_a_long_value_is_cut_in_the_text_and_whole_in_json() -> None:
    """A template body on one line helps nobody; a program wants all of it."""
    long = PropertyChange("Body", "x" * 1_000, "y")
    changed = ResourceChange("modify", "Template", "AWS::SES::Template", properties=(long,))
    plan = Plan("s3link", "1", "eu-west-1", (StackPlan(NAME, "update", (changed,)),))

    assert f"Body: {'x' * 199}… → y" in plan.as_text()
    assert "x" * 1_000 in str(plan.as_dict())

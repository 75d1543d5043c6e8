"""Templates are read, and their functions worked out, as CloudFormation does."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.cloudformation.errors import ValidationError
from deploy.local.cloudformation.resource_type import PhysicalResource
from deploy.local.cloudformation.scope import StackScope
from deploy.local.cloudformation.template import Template, parse

_TEMPLATE = """
Parameters:
  Name: {Type: String}
  People: {Type: CommaDelimitedList}
  Empty: {Type: String}
Mappings:
  Sizes:
    small: {memory: 128}
Conditions:
  HasName: !Not [!Equals [!Ref Empty, ""]]
  HasPeople: !Equals [!Join [",", !Ref People], "bob,carol"]
  HasBoth: !And [!Condition HasPeople, !Not [!Condition HasName]]
  HasEither: !Or [!Condition HasName, !Condition HasPeople]
Resources:
  Queue:
    Type: AWS::SQS::Queue
  Reader:
    Type: AWS::SQS::Queue
    Properties:
      Value: PLACEHOLDER
"""


def _evaluated(expression: str) -> Any:
    template = parse(_TEMPLATE.replace("PLACEHOLDER", expression))
    scope = StackScope(
        template,
        {"Name": "deployment", "People": "bob,carol", "Empty": ""},
        {"AWS::Region": "eu-west-1", "AWS::StackName": "stack"},
        {"Queue": PhysicalResource("http://queue", {"Arn": "arn:queue"})},
        {"other-Export": "imported value"},
    )
    return scope.properties("Reader").get("Value")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Name", "deployment"),
        ("!Ref People", ["bob", "carol"]),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref Queue", "http://queue"),
        ("!Ref AWS::NoValue", None),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("!GetAtt Queue.Arn", "arn:queue"),
        (
            "!Sub ${AWS::StackName}-${Name} ${Queue.Arn} ${!Literal}",
            "stack-deployment arn:queue ${Literal}",
        ),
        ("!Sub ['${A}/${Name}', {A: !Ref AWS::Region}]", "eu-west-1/deployment"),
        ("!Join ['-', [!Ref Name, 1, true]]", "deployment-1-true"),
        ("!Split [',', 'a,b']", ["a", "b"]),
        ("!Select [1, !Ref People]", "carol"),
        ("!FindInMap [Sizes, small, memory]", 128),
        ("!If [HasName, yes, no]", False),
        ("!If [HasPeople, !Ref Name, other]", "deployment"),
        ("!If [HasBoth, both, not]", "both"),
        ("!If [HasEither, one, none]", "one"),
        ("{Fn::ImportValue: !Sub 'other-Export'}", "imported value"),
        ("!Base64 text", "dGV4dA=="),
        ("{Fn::ToJsonString: {a: !Ref Name}}", '{"a": "deployment"}'),
        ("2012-10-17", "2012-10-17"),
    ],
)
def test_functions(expression: str, value: Any) -> None:
    """Each function gives what the CloudFormation documentation says."""
    evaluated = _evaluated(expression)

    assert evaluated == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("!ImportValue missing-Export", "No export named missing-Export found"),
        ("!GetAtt Queue.Colour", "does not support attribute type Colour"),
        ("!FindInMap [Sizes, huge, memory]", "Unable to get mapping for Sizes::huge::memory"),
        ("!Cidr [10.0.0.0/16, 2, 8]", "does not know the function Fn::Cidr"),
        ("!Select [5, [a]]", "cannot select nonexistent value"),
        ("!If [Unknown, a, b]", "Unresolved dependencies [Unknown]"),
    ],
)
def test_functions_that_cannot_be_worked_out(expression: str, message: str) -> None:
    """What cannot be worked out is an error with a reason, never left out."""
    with pytest.raises(ValidationError) as refused:
        _evaluated(expression)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Resources: {}", "At least one Resources member must be defined."),
        ("Resources: [", "YAML not well-formed. (line 1, column 13)"),
        ('{"Resources": ', "JSON not well-formed."),
        ("just text", "unsupported structure"),
        ("Resources: {A: {Properties: {}}}", "must contain a Type member"),
        (
            "Resources: {A: {Type: T, Properties: {X: !Ref Nobody}}}",
            "Unresolved resource dependencies [Nobody] in the Resources block",
        ),
        (
            "Resources: {A: {Type: T, DependsOn: Nobody}}",
            "Unresolved resource dependencies [Nobody] in the Resources block",
        ),
        (
            "Resources: {A: {Type: T}}\nOutputs: {O: {Value: !GetAtt Nobody.Arn}}",
            "Unresolved resource dependencies [Nobody] in the Outputs block",
        ),
        (
            "Resources: {A: {Type: T, DependsOn: B}, B: {Type: T, Properties: {X: !Ref A}}}",
            "Circular dependency between resources: [A, B]",
        ),
    ],
)
def test_malformed_templates(body: str, message: str) -> None:
    """A template that is not well formed is refused as CloudFormation words it."""
    with pytest.raises(ValidationError) as refused:
        parse(body)

    assert message in str(refused.value)


def _three(**definitions: Any) -> Template:
    return Template("", {"Resources": definitions})


def test_order() -> None:
    """A resource comes after what it refers to, and after what DependsOn names."""
    template = _three(
        Last={"Type": "T", "Properties": {"X": {"Fn::Sub": "${Middle.Arn}"}}},
        Middle={"Type": "T", "DependsOn": ["First"]},
        First={"Type": "T", "Properties": {"X": {"Fn::Sub": ["${Last}", {"Last": "mine"}]}}},
    )

    order = template.in_order(["Last", "Middle", "First"])

    assert order == ["First", "Middle", "Last"]


def test_order_without_what_a_condition_leaves_out() -> None:
    """A dependency on a resource whose condition does not hold does not matter."""
    template = _three(A={"Type": "T", "DependsOn": "B"}, B={"Type": "T"})

    order = template.in_order(["A"])

    assert order == ["A"]


@pytest.mark.parametrize(
    ("resource", "capabilities"),
    [
        ({"Type": "AWS::SQS::Queue"}, ()),
        ({"Type": "AWS::IAM::Role", "Properties": {}}, ("CAPABILITY_IAM",)),
        ({"Type": "AWS::IAM::Role", "Properties": {"RoleName": "x"}}, ("CAPABILITY_NAMED_IAM",)),
    ],
)
def test_capabilities(resource: dict[str, Any], capabilities: tuple[str, ...]) -> None:
    """IAM resources need consent, and named ones a consent of their own."""
    template = _three(A=resource)

    assert template.capabilities() == capabilities

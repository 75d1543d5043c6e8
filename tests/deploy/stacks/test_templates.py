"""What the tool reads from a template: bounds, their sentences, conditions, capabilities."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.aws.machine.named import Named
from deploy.deployment import GENERATOR, SENDER, STACKS
from deploy.errors import ConfigurationError
from deploy.stacks.parameters import Parameter
from deploy.stacks.templates import CALL_LIMIT_BYTES, load_template, parse_template, read_template

EXAMPLE = """
Parameters:
  Days:
    Type: Number
    Default: 1
    MinValue: 1
    MaxValue: 10
  Address:
    Type: String
    AllowedPattern: ^[a-z]+@example\\.com$
    ConstraintDescription: Type an address at example.com, for example bob@example.com.
  Dashboard:
    Type: String
    Default: false
    AllowedValues: [true, false]
  Secret:
    Type: String
    NoEcho: true
    MinLength: 8
Conditions:
  HasDashboard: !Equals [!Ref Dashboard, "true"]
  HasNone: !Not [!Condition HasDashboard]
  HasBoth: !And [!Condition HasDashboard, !Equals [!Ref Days, "2"]]
  HasEither: !Or [!Condition HasDashboard, !Equals [!Ref Days, "2"]]
Resources:
  Always: {Type: "AWS::SNS::Topic"}
  WithDashboard: {Type: "AWS::SNS::Topic", Condition: HasDashboard}
  WithNone: {Type: "AWS::SNS::Topic", Condition: HasNone}
  WithBoth: {Type: "AWS::SNS::Topic", Condition: HasBoth}
  WithEither: {Type: "AWS::SNS::Topic", Condition: HasEither}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Name: !Sub
        - ${A}-x
        - A: !Select [0, !Split [",", "a,b"]]
"""


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE)
    return path


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.kind)
def test_every_template_of_ours_can_be_read(stack) -> None:
    """Each stack's template has parameters and resources, and fits into a single call."""
    template = load_template(stack.template)

    assert template.parameters
    assert template.resources


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.kind)
def test_every_default_keeps_its_own_bounds(stack) -> None:
    """A default that its own rule refuses would fail only in AWS."""
    parameters = load_template(stack.template).parameters.values()
    with_default = [parameter for parameter in parameters if parameter.default is not None]

    problems = [parameter.problem(parameter.default) for parameter in with_default]

    assert problems == [None] * len(with_default)


def test_defaults_are_texts_as_cloudformation_passes_them_on(example: Path) -> None:
    """YAML reads 1 as a number and false as a truth value; CloudFormation knows texts only."""
    parameters = read_template(example).parameters

    assert parameters["Days"].default == "1"
    assert parameters["Dashboard"].default == "false"
    assert parameters["Dashboard"].allowed_values == ("true", "false")
    assert parameters["Address"].default is None


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("Days", "1", None),
        ("Days", "10", None),
        ("Days", "0", "use a number from 1 to 10"),
        ("Days", "11", "use a number from 1 to 10"),
        ("Days", "soon", "use a number from 1 to 10"),
        ("Days", "1_0", "use a number from 1 to 10"),
        ("Days", "nan", "use a number from 1 to 10"),
        ("Days", "", "use a number from 1 to 10"),
        ("Address", "bob@example.com", None),
        ("Address", "bob", "Type an address at example.com, for example bob@example.com"),
        (
            "Address",
            "bob@example.com.evil.net",
            "Type an address at example.com, for example bob@example.com",
        ),
        ("Dashboard", "true", None),
        ("Dashboard", "yes", "use one of true, false"),
        ("Secret", "long enough", None),
        ("Secret", "a" * 4_097, "it is longer than the 4096 bytes CloudFormation takes"),
    ],
)
def test_a_value_is_judged_by_the_templates_rule(
    example: Path, name: str, value: str, problem: str | None
) -> None:
    """Bounds, lists, patterns (for the whole value) and lengths, with the template's sentence."""
    parameter = read_template(example).parameters[name]

    assert parameter.problem(value) == problem


@pytest.mark.parametrize(
    ("value", "fits"), [("a,b", True), ("a, b", True), ("a,B", False), ("a,", False), ("a", True)]
)
def test_a_pattern_holds_for_each_item_of_a_list(value: str, fits: bool) -> None:
    """CloudFormation applies the pattern to every item, without the spaces around it."""
    parameter = Parameter("Letters", "CommaDelimitedList", allowed_pattern="^[a-z]$")

    assert (parameter.problem(value) is None) == fits


def test_the_sentence_names_parameter_value_and_place(example: Path) -> None:
    """Whoever reads it knows what to change, and where."""
    parameter = read_template(example).parameters["Address"]

    with pytest.raises(ConfigurationError) as failure:
        parameter.check(Named("bob", "from --set"))

    assert str(failure.value) == (
        'Address: "bob" (from --set) cannot be used: '
        "Type an address at example.com, for example bob@example.com."
    )


def test_a_secret_value_is_never_repeated(example: Path) -> None:
    """A parameter with NoEcho keeps its value out of the sentence."""
    parameter = read_template(example).parameters["Secret"]

    with pytest.raises(ConfigurationError) as failure:
        parameter.check(Named("hunter2", "from --set"))

    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ({}, "Always WithNone"),
        ({"Dashboard": "true"}, "Always WithDashboard WithEither"),
        ({"Days": "2"}, "Always WithNone WithEither"),
        ({"Dashboard": "true", "Days": "2"}, "Always WithDashboard WithBoth WithEither"),
    ],
)
def test_conditions_decide_which_resources_are_made(
    example: Path, values: dict[str, str], made: str
) -> None:
    """Equals, Not, And, Or and Condition are evaluated with the given values and the defaults."""
    template = read_template(example)

    resources = [resource.logical_id for resource in template.resources_made_with(values)]

    assert resources == [*made.split(), "Function"]


@pytest.mark.parametrize(
    ("resources", "capabilities"),
    [
        ("{Topic: {Type: 'AWS::SNS::Topic'}}", ()),
        ("{Role: {Type: 'AWS::IAM::Role'}}", ("CAPABILITY_IAM",)),
        (
            "{Role: {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}}",
            ("CAPABILITY_NAMED_IAM",),
        ),
    ],
)
def test_capabilities_follow_from_the_iam_resources(
    tmp_path: Path, resources: str, capabilities: tuple[str, ...]
) -> None:
    """Only what a template really needs is acknowledged."""
    path = tmp_path / "example.yaml"
    path.write_text(f"Resources: {resources}")

    assert read_template(path).capabilities == capabilities


def test_a_template_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    """CloudFormation takes 1 MB from S3; the sentence says so before AWS is called."""
    path = tmp_path / "long.yaml"
    path.write_text(EXAMPLE + "# " + "x" * 1_000_000)

    with pytest.raises(ConfigurationError) as failure:
        read_template(path)

    assert str(failure.value).startswith(f"The template {path} has ")
    assert "takes at most 1000000; move resources to another stack." in str(failure.value)


@pytest.mark.parametrize(("size", "fits"), [(51_200, True), (51_300, False)])
def test_a_template_beyond_a_calls_limit_is_put_into_s3(
    tmp_path: Path, size: int, fits: bool
) -> None:
    """CloudFormation takes 51,200 bytes in a call."""
    path = tmp_path / "long.yaml"
    path.write_text(f"{EXAMPLE}\nMetadata:\n  Long: ".ljust(size, "x"))

    assert read_template(path).fits_into_a_call is fits


def test_a_call_has_room_for_what_means_the_same_in_fewer_bytes() -> None:
    """Comments and wide indentation stay here; a template that fits goes as it is."""
    generator, sender = load_template(GENERATOR.template), load_template(SENDER.template)

    shorter = generator.body_of_a_call

    assert len(generator.body.encode()) > CALL_LIMIT_BYTES
    assert generator.fits_into_a_call
    assert parse_template(generator.name, shorter).document == generator.document
    assert not any(line.lstrip().startswith("#") for line in shorter.splitlines())
    assert sender.body_of_a_call == sender.body


def test_what_would_mean_something_else_is_sent_as_it_is(tmp_path: Path) -> None:
    """A text with a line that only looks like a comment."""
    path = tmp_path / "long.yaml"
    note = "Metadata:\n  Note: >-\n    one\n    # two\n"
    path.write_text(f"{EXAMPLE}\n{note}# ".ljust(60_000, "x"))

    template = read_template(path)

    assert template.body_of_a_call == template.body
    assert not template.fits_into_a_call

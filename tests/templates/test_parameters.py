"""What a console user reads and types: parameters and outputs of every template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.templates.reading import TEMPLATES, Template, each_template

# A pattern that cannot be read aloud is too long. Of buckets' names S3 keeps more for itself.
LONGEST_PATTERN = 60
LONGEST_PATTERN_WITH_RESERVED_NAMES = 100

each_parameter = pytest.mark.parametrize(
    ("name", "parameter"),
    [
        pytest.param(name, parameter, id=f"{template.path.stem}-{name}")
        for template in TEMPLATES
        for name, parameter in template.parameters.items()
    ],
)


def fits(parameter: dict[str, Any], value: str) -> bool:
    """What CloudFormation does with a value; it compares the pattern with all of it."""
    if "AllowedValues" in parameter:
        return value in {str(allowed) for allowed in parameter["AllowedValues"]}
    if parameter["Type"] == "Number":
        return bool(parameter["MinValue"] <= float(value) <= parameter["MaxValue"])
    items = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    pattern = parameter.get("AllowedPattern", ".*")
    return all(re.fullmatch(pattern, item.strip()) for item in items)


def examples(parameter: dict[str, Any]) -> Iterator[str]:
    """The values that the sentence for a wrong value offers."""
    offered = parameter["ConstraintDescription"].partition("for example ")[2]
    for word in re.split(r"\.? (?:or|and) |, |\. |\.$| \(.*?\)", offered):
        if re.fullmatch(r"[\w.@,/:*+-]+", word):
            yield word


def _read_by_functions(template: Template) -> set[str]:
    """Those that a function gets as they were typed, which for a list is with its commas."""
    return {
        name
        for function in template.of_type("AWS::Lambda::Function").values()
        for name, value in function["Properties"]["Environment"]["Variables"].items()
        if value in ({"Ref": name}, {"Fn::Join": [",", {"Ref": name}]})
    }


def definitions(name: str) -> list[tuple[Template, Any, str]]:
    """Each template that has the parameter, with how it is defined and labelled there."""
    return [
        (template, template.parameters[name], _label(template, name))
        for template in TEMPLATES
        if name in template.parameters
    ]


def _label(template: Template, name: str) -> str:
    interface = template.document["Metadata"]["AWS::CloudFormation::Interface"]
    return str(interface["ParameterLabels"][name]["default"])


@pytest.mark.parametrize("name", sorted({n for t in TEMPLATES for n in t.parameters}))
def test_a_parameter_is_the_same_in_every_template(name: str) -> None:
    """One value goes to all stacks that ask for it: bounds, default and words agree."""
    [(_, first, label), *others] = definitions(name)

    for template, parameter, another_label in others:
        assert parameter == first, template.path.name
        assert another_label == label, template.path.name


@each_parameter
def test_parameter_is_described(name: str, parameter: dict[str, Any]) -> None:
    """The description is made of sentences."""
    description = parameter["Description"]

    assert re.fullmatch(r"\S.*\.", description, flags=re.DOTALL)
    assert len(description) <= 300


@each_parameter
def test_parameter_has_bounds(name: str, parameter: dict[str, Any]) -> None:
    """A number has both ends, text has a pattern, a choice has its values."""
    if "AllowedValues" in parameter:
        bounds = [parameter["AllowedValues"]]
    elif parameter["Type"] == "Number":
        bounds = [parameter["MinValue"], parameter["MaxValue"]]
    elif "AllowedPattern" in parameter:
        bounds = [parameter["AllowedPattern"]]
    else:
        bounds = [parameter["MinLength"], parameter["MaxLength"]]

    assert all(bound not in (None, "", []) for bound in bounds)


@each_parameter
def test_pattern_can_be_read_aloud(name: str, parameter: dict[str, Any]) -> None:
    """A pattern is short, and says where the value begins and ends."""
    pattern = parameter.get("AllowedPattern", "^$")

    longest = (
        LONGEST_PATTERN_WITH_RESERVED_NAMES if name == "FileExchangeBucketName" else LONGEST_PATTERN
    )
    assert len(pattern) <= longest
    assert pattern.startswith("^")
    assert pattern.endswith("$")


@each_parameter
def test_wrong_value_is_answered_with_what_to_type(name: str, parameter: dict[str, Any]) -> None:
    """The sentence says what to type, and its example can itself be typed."""
    sentence = parameter["ConstraintDescription"]
    offered = list(examples(parameter))

    assert re.match(r"(Type|Use|Choose) ", sentence)
    assert sentence.endswith(".")
    assert offered or "AllowedValues" in parameter
    assert [value for value in offered if not fits(parameter, value)] == []


@each_parameter
def test_default_is_within_its_own_bounds(name: str, parameter: dict[str, Any]) -> None:
    """A person who changes nothing types nothing wrong."""
    assert "Default" not in parameter or fits(parameter, str(parameter["Default"]))


@each_template
def test_optional_parameter_has_its_condition(template: Template) -> None:
    """Optional means an empty default and one condition, which says that the value is not empty;
    or a function reads it as it is."""
    conditions = template.document.get("Conditions", {})
    read = _read_by_functions(template)
    for name, parameter in template.parameters.items():
        if parameter.get("Default") == "" and name not in read:
            value: dict[str, Any] = {"Ref": name}
            if parameter["Type"] == "CommaDelimitedList":
                value = {"Fn::Join": [",", value]}

            assert conditions[f"Has{name}"] == {"Fn::Not": [{"Fn::Equals": [value, ""]}]}


@each_template
def test_a_yes_or_no_parameter_has_its_condition(template: Template) -> None:
    """A choice of true and false has the condition that it is true, or a function reads it."""
    conditions = template.document.get("Conditions", {})
    read = _read_by_functions(template)
    for name, parameter in template.parameters.items():
        if parameter.get("AllowedValues") == ["true", "false"] and name not in read:
            assert conditions[f"Has{name}"] == {"Fn::Equals": [{"Ref": name}, "true"]}


@each_template
def test_parameters_are_grouped_by_the_readers_question(template: Template) -> None:
    """The console shows every parameter once, under a question, in the file's order."""
    interface = template.document["Metadata"]["AWS::CloudFormation::Interface"]
    groups = interface["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]

    assert shown == list(template.parameters)
    assert list(interface["ParameterLabels"]) == shown
    assert all(group["Label"]["default"].endswith("?") for group in groups)


@each_template
def test_stacks_it_builds_on_come_first(template: Template) -> None:
    """Whoever applies the templates by hand learns at once which stack must be there."""
    names = list(template.parameters)
    stacks = [name for name in names if name.endswith("StackName")]

    assert names[: len(stacks)] == stacks


@each_template
def test_every_parameter_is_used(template: Template) -> None:
    """Nobody is asked for something that changes nothing."""
    body = "".join(re.split(r"^(?=Conditions:|Resources:)", template.text, flags=re.M)[1:])

    unused = [
        name
        for name in template.parameters
        if not re.search(rf"!Ref {name}\b|\$\{{{name}\}}", body)
    ]

    assert unused == []


@each_template
def test_exports_carry_the_stacks_name(template: Template) -> None:
    """Every output can be imported as `<stack>-<output>`, so deployments do not collide."""
    exports = {name: output["Export"]["Name"] for name, output in template.outputs.items()}

    assert exports == {
        name: {"Fn::Sub": f"${{AWS::StackName}}-{name}"} for name in template.outputs
    }
    assert all(output["Description"].endswith(".") for output in template.outputs.values())


@each_template
def test_imports_are_exports_of_the_stack_named(template: Template) -> None:
    """What is imported from a stack is what that stack's template exports."""
    exported = {name for other in TEMPLATES if other != template for name in other.outputs}
    imported = re.findall(r"Fn::ImportValue: !Sub \$\{(\w+StackName)\}-(\w+)", template.text)

    assert len(imported) == template.text.count("ImportValue")
    assert {output for _, output in imported} <= exported
    assert {stack for stack, _ in imported} <= set(template.parameters)

"""How a template is written: order, layout, lengths. Holds for every file of cloudformation/."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter

import yaml

from tests.templates.reading import (
    GENERATOR,
    TEMPLATES,
    Template,
    as_list,
    child,
    each_template,
    mentions,
    nodes,
)

SECTIONS = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
]
ATTRIBUTES = [
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "Type",
    "Properties",
]
PARAMETER_KEYS = [
    "Description",
    "Type",
    "NoEcho",
    "Default",
    "AllowedPattern",
    "AllowedValues",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "ConstraintDescription",
]
OUTPUT_KEYS = ["Condition", "Description", "Value", "Export"]

LINE_LIMIT = 100  # columns, which no line reaches

# CloudFormation takes 51,200 bytes of a template that is sent with the call, not put into S3.
LARGEST_TEMPLATE_BYTES = 51_200


def in_order(keys: list[str], order: list[str]) -> bool:
    return keys == [key for key in order if key in keys]


def test_there_are_templates() -> None:
    """The rules below have something to hold for."""
    names = {template.path.name for template in TEMPLATES}

    assert {"ses_email_sender.yaml", "lambda_link_generator.yaml"} <= names


@each_template
def test_sections_stand_in_one_order(template: Template) -> None:
    """Every template is read in the same order, and has no section beyond the known ones."""
    assert in_order(list(template.document), SECTIONS)


@each_template
def test_description_is_one_sentence_and_what_it_needs(template: Template) -> None:
    """A console user learns what the stack does and what must be there first."""
    description = template.document["Description"]

    assert description.endswith(".")
    assert "Needs " in description
    assert len(description.encode()) <= 1024  # CloudFormation's limit


@each_template
def test_resource_attributes_stand_in_one_order(template: Template) -> None:
    """What decides about a resource stands above what it is, and that above how it is."""
    out_of_order = {
        name: list(resource)
        for name, resource in template.resources.items()
        if not in_order(list(resource), ATTRIBUTES)
    }

    assert out_of_order == {}


@each_template
def test_parameter_and_output_keys_stand_in_one_order(template: Template) -> None:
    """First what it means, then what it is, then its bounds."""
    wrong = [n for n, p in template.parameters.items() if not in_order(list(p), PARAMETER_KEYS)]
    wrong += [n for n, o in template.outputs.items() if not in_order(list(o), OUTPUT_KEYS)]

    assert wrong == []


@each_template
def test_style_is_block_style(template: Template) -> None:
    """One thing a line, so that a change is one line of a diff. Only an intrinsic may be short, and
    the attributes that a role may write, which are twenty words."""
    attributes = attribute_lists(template)
    flows = [
        node.start_mark.line + 1
        for node in nodes(template.tree)
        if isinstance(node, yaml.CollectionNode)
        and node.flow_style
        and not is_intrinsic(node)
        and node not in attributes
    ]

    assert flows == []


@each_template
def test_short_intrinsics_stand_on_one_line(template: Template) -> None:
    """A condition, a choice or a join is read at a glance where a line has room for it."""
    too_long = [
        node.start_mark.line + 1
        for node in nodes(template.tree)
        if isinstance(node, yaml.SequenceNode)
        and is_intrinsic(node)
        and not node.flow_style
        and (short := on_one_line(node)) is not None
        and node.start_mark.column + len(short) < LINE_LIMIT
    ]

    assert too_long == []


def attribute_lists(template: Template) -> list[yaml.Node]:
    """What each condition of a policy says of dynamodb:Attributes."""
    return [
        value
        for node in nodes(template.tree)
        if isinstance(node, yaml.MappingNode)
        for key, value in node.value
        if key.value == "dynamodb:Attributes"
    ]


def is_intrinsic(node: yaml.Node) -> bool:
    """Whether it is a function of CloudFormation with a list of arguments, such as !If."""
    return isinstance(node, yaml.SequenceNode) and node.tag.startswith("!")


def on_one_line(node: yaml.Node) -> str | None:
    """The node as it would stand on one line; None for what may not, or has several lines.

    Keys may not, and a list that is no intrinsic: block style is the rule for both.
    """
    tag = f"{node.tag} " if node.tag.startswith("!") else ""
    if isinstance(node, yaml.ScalarNode):
        if node.style in ("|", ">"):
            return None
        is_plain = re.fullmatch(r"[\w.:/$-]+", node.value)
        return tag + (node.value if is_plain and not node.style else f'"{node.value}"')
    if not isinstance(node, yaml.SequenceNode) or not is_intrinsic(node):
        return None
    parts = [on_one_line(item) for item in node.value]
    return None if None in parts else f"{tag}[{', '.join(part or '' for part in parts)}]"


@each_template
def test_lines_are_short(template: Template) -> None:
    """Lines stay under 100 columns and carry nothing invisible."""
    wrong = [
        number
        for number, line in enumerate(template.lines, start=1)
        if len(line) >= LINE_LIMIT or line != line.rstrip() or "\t" in line
    ]

    assert wrong == []


@each_template
def test_template_needs_no_bucket(template: Template) -> None:
    """The template is small enough for whoever sends it with the call, without s3link; but for the
    one of which docs/operations.md says that it has to lie in a bucket."""
    is_small = len(template.text.encode()) <= LARGEST_TEMPLATE_BYTES

    assert is_small == (template.path != GENERATOR.path)


@each_template
def test_no_code_inside(template: Template) -> None:
    """Code lives in lambda_src, where it is tested; nothing is included or transformed."""
    forbidden = ("ZipFile", "InlineCode", "Fn::Transform", "AWS::Include", "<script", "def handle")

    assert [word for word in forbidden if word in template.text] == []


@each_template
def test_one_line_comment_opens_each_cluster(template: Template) -> None:
    """Resources stand in clusters; each begins with one line that says what it is for."""
    resources = child(template.tree, "Resources")
    assert resources is not None
    first, last = resources.start_mark.line, resources.end_mark.line
    starts = [first] + [
        number + 1
        for number in range(first, last - 1)
        if not template.lines[number] and re.match(r"  \S", template.lines[number + 1])
    ]

    openings = [template.comment_above(first)] + [template.lines[start] for start in starts[1:]]
    followers = [template.lines[start + 1] for start in starts[1:]]

    assert all(re.fullmatch(r"(  # )?[A-Z].*\.", opening) for opening in openings)
    assert all(re.fullmatch(r"  [A-Z]\w+:", follower) for follower in followers)


@each_template
def test_logical_ids_and_conditions_are_names(template: Template) -> None:
    """Logical IDs are words in CamelCase; a condition is called Has and what there is."""
    conditions = template.document.get("Conditions", {})

    assert all(re.fullmatch(r"([A-Z][a-z]*)+", name) for name in template.resources)
    assert all(re.fullmatch(r"Has([A-Z][a-z]*)+", name) for name in conditions)


@each_template
def test_no_physical_name_is_fixed(template: Template) -> None:
    """Several deployments live side by side: a name is AWS's, or made from one of this stack."""
    # "$default" is AWS's word for the stage without a path.
    own = set(template.parameters) | {"AWS::StackName", "$default"}
    fixed = []
    for logical_id, resource in template.resources.items():
        kind = resource["Type"].rpartition("::")[2]
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Policy":
            continue  # its name is one inside of its role
        for name in {"Name", f"{kind}Name", "LogGroupName"} & set(properties):
            if not _refers_to(properties[name], own):
                fixed.append(f"{logical_id}.{name}")

    assert fixed == []


@each_template
def test_no_resource_waits_for_itself(template: Template) -> None:
    """CloudFormation makes a resource after those that it refers to; a circle is never made."""
    needed = {
        name: (mentions(resource) | set(as_list(resource.get("DependsOn", []))))
        & set(template.resources)
        for name, resource in template.resources.items()
    }

    TopologicalSorter(needed).prepare()


def _refers_to(value: object, names: set[str]) -> bool:
    text = str(value)
    return any(f"'{name}'" in text or text == name or f"${{{name}}}" in text for name in names)

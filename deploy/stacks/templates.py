"""Reads the templates: their parameters, resources and conditions. Only this module parses them.

It calls nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

try:  # the C parser reads a template ten times faster; PyYAML is sometimes built without it
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

from deploy.assets import TEMPLATES
from deploy.errors import ConfigurationError
from deploy.stacks.parameters import Parameter

# CloudFormation's quotas for a template that is sent with the call, and for one in S3 (1 MB).
CALL_LIMIT_BYTES = 51_200
TEMPLATE_LIMIT_BYTES = 1_000_000


class _Loader(SafeLoader):
    """YAML with CloudFormation's short tags: `!Sub x` reads as `{"Fn::Sub": x}`."""


def _construct_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind of node
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _construct_tag)


@dataclass(frozen=True)
class Resource:
    """One resource of a template; `condition` names what must hold for it to be made.

    `properties` stand there as the template has them, with its expressions.
    """

    logical_id: str
    type: str
    condition: str | None = None
    is_named: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Template:
    """One template file: its text, and what the tool needs to know of it.

    `environments` has the variables of each function, with the template's own expressions;
    `document` has all that is written.
    """

    name: str
    body: str
    parameters: Mapping[str, Parameter]
    resources: Mapping[str, Resource]
    conditions: Mapping[str, Any]
    environments: Mapping[str, Mapping[str, Any]]
    document: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def body_of_a_call(self) -> str:
        """The body, or what means the same in fewer bytes where a call has no room for it: without
        comments, and indented no more than needs be."""
        if len(self.body.encode()) <= CALL_LIMIT_BYTES:
            return self.body
        shorter = _compact(self.body)
        return shorter if _document(shorter) == self.document else self.body

    @property
    def fits_into_a_call(self) -> bool:
        """A larger one is read by CloudFormation from S3."""
        return len(self.body_of_a_call.encode()) <= CALL_LIMIT_BYTES

    @property
    def iam_resources(self) -> tuple[Resource, ...]:
        """The resources for which CloudFormation wants the operator's acknowledgement."""
        return tuple(
            resource for resource in self.resources.values() if resource.type.startswith("AWS::IAM")
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What must be acknowledged: nothing, IAM resources, or IAM resources with fixed names."""
        if not self.iam_resources:
            return ()
        named = any(resource.is_named for resource in self.iam_resources)
        return ("CAPABILITY_NAMED_IAM",) if named else ("CAPABILITY_IAM",)

    def resources_made_with(self, values: Mapping[str, str]) -> Iterator[Resource]:
        """The resources whose condition holds for these parameter values."""
        for resource in self.resources.values():
            if resource.condition is None or self.holds(resource.condition, values):
                yield resource

    def says_the_same(
        self, before: Template, values: Mapping[str, str], previous: Mapping[str, str]
    ) -> frozenset[str]:
        """The resources whose text means the same as it did `before`, with the values of then."""
        sections = ("Conditions", "Mappings")
        if any(self.document.get(one) != before.document.get(one) for one in sections):
            return frozenset()
        if any(self.holds(one, values) != self.holds(one, previous) for one in self.conditions):
            return frozenset()
        old, new = before.document["Resources"], self.document["Resources"]
        return frozenset(name for name in new if new[name] == old.get(name))

    def holds(self, condition: str, values: Mapping[str, str]) -> bool:
        """Whether the condition of this name holds for these parameter values."""
        return self._holds({"Condition": condition}, values)

    def _holds(self, condition: Any, values: Mapping[str, str]) -> bool:
        """Evaluate a condition. CloudFormation allows these five functions and no others here."""
        [(function, argument)] = condition.items()
        if function == "Condition":
            return self._holds(self.conditions[argument], values)
        if function == "Fn::Not":
            return not self._holds(argument[0], values)
        if function == "Fn::And":
            return all(self._holds(part, values) for part in argument)
        if function == "Fn::Or":
            return any(self._holds(part, values) for part in argument)
        left, right = (self._value(side, values) for side in argument)
        return left == right

    def _value(self, side: Any, values: Mapping[str, str]) -> str | None:
        if isinstance(side, dict) and "Ref" in side:
            name = side["Ref"]
            return values.get(name, self.parameters[name].default)
        return _text(side)


@cache
def load_template(name: str) -> Template:
    """Read one of s3link's own templates by its file name."""
    return read_template(TEMPLATES / name)


def read_template(path: Path) -> Template:
    """Read any template; raises ConfigurationError when CloudFormation would not take its size."""
    body = path.read_text(encoding="utf-8")
    size = len(body.encode())
    if size > TEMPLATE_LIMIT_BYTES:
        raise ConfigurationError(
            f"The template {path} has {size} bytes and CloudFormation takes at most "
            f"{TEMPLATE_LIMIT_BYTES}; move resources to another stack."
        )
    return parse_template(path.name, body)


def parse_template(name: str, body: str) -> Template:
    """A template from its text, in which CloudFormation has found no fault."""
    document = _document(body)
    return Template(
        name=name,
        body=body,
        parameters={
            name: _parameter(name, declared)
            for name, declared in (document.get("Parameters") or {}).items()
        },
        resources={
            logical_id: Resource(
                logical_id,
                declared["Type"],
                declared.get("Condition"),
                is_named=_is_named(declared),
                properties=declared.get("Properties") or {},
            )
            for logical_id, declared in document["Resources"].items()
        },
        conditions=document.get("Conditions") or {},
        environments={
            logical_id: declared["Properties"].get("Environment", {}).get("Variables", {})
            for logical_id, declared in document["Resources"].items()
            if declared["Type"] == "AWS::Lambda::Function"
        },
        document=document,
    )


def _document(body: str) -> Any:
    """What a template's text says; None for what is no YAML."""
    try:
        return yaml.load(body, Loader=_Loader)  # noqa: S506 - a SafeLoader with more tags
    except yaml.YAMLError:
        return None


def _compact(body: str) -> str:
    """YAML as templates have it, one column a level; whether it says the same is for the caller
    to find out."""
    levels, lines = [(0, 0)], []  # columns as they are, and as they become
    literal, begins = -1, 0  # the column of what a literal text belongs to, and of that text
    for line in body.splitlines():
        text = line.lstrip(" ")
        column = len(line) - len(text)
        if literal >= 0 and (not text or column > literal):
            begins = begins or column
            lines.append(" " * (levels[-1][1] + 1) + line[begins:] if text else "")
            continue
        literal, begins = -1, 0
        if text.startswith("#"):
            continue
        while levels[-1][0] > column:
            levels.pop()
        if levels[-1][0] < column:
            levels.append((column, levels[-1][1] + 1))
        lines.append(" " * levels[-1][1] + text)
        if text.endswith(("|", "|-")):
            literal = column
        elif text.startswith("- "):  # what follows belongs to the entry that begins behind the mark
            levels.append((column + 2, levels[-1][1] + 2))
    return "\n".join(lines) + "\n"


def _parameter(name: str, declared: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        type=declared["Type"],
        default=_text(declared.get("Default")),
        description=" ".join(declared.get("Description", "").split()),
        allowed_pattern=declared.get("AllowedPattern"),
        allowed_values=tuple(_text(value) or "" for value in declared.get("AllowedValues", ())),
        min_value=_number(declared.get("MinValue")),
        max_value=_number(declared.get("MaxValue")),
        min_length=_whole_number(declared.get("MinLength")),
        max_length=_whole_number(declared.get("MaxLength")),
        constraint_description=" ".join(declared.get("ConstraintDescription", "").split()),
        no_echo=_text(declared.get("NoEcho")) == "true",
    )


def _is_named(declared: Mapping[str, Any]) -> bool:
    """Whether an IAM resource has a fixed name, for which a stronger acknowledgement is asked."""
    names = {"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"}
    return bool(names & set(declared.get("Properties") or {}))


def _text(value: Any) -> str | None:
    """A YAML scalar as CloudFormation passes it on."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole_number(value: Any) -> int | None:
    return None if value is None else int(value)

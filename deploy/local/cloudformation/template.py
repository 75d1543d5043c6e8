"""Reads a template: YAML or JSON, the short forms of the functions, what depends on what. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import yaml

try:  # ten times faster; PyYAML is sometimes built without it
    from yaml import CSafeLoader
except ImportError:
    from yaml import SafeLoader as CSafeLoader  # type: ignore[assignment]

from deploy.local.cloudformation.errors import ValidationError

# What a person must agree to, by the beginning of the type's name.
_IAM_TYPES = "AWS::IAM::"
_IAM_NAMES = frozenset({"RoleName", "UserName", "GroupName", "ManagedPolicyName"})

_SUBSTITUTION = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True)
class Template:
    """A template that is well formed; `body` is the text as it was given."""

    body: str
    document: Mapping[str, Any]

    def section(self, name: str) -> Mapping[str, Any]:
        return self.document.get(name) or {}

    @property
    def description(self) -> str | None:
        return self.document.get("Description")

    @property
    def resources(self) -> Mapping[str, Any]:
        return self.section("Resources")

    def dependencies(self, logical_id: str) -> set[str]:
        """The resources that must be there before this one: named in DependsOn or referred to."""
        definition = self.resources[logical_id]
        explicit = definition.get("DependsOn", [])
        named = {explicit} if isinstance(explicit, str) else set(explicit)
        return (named | set(references(definition.get("Properties", {})))) & set(self.resources)

    def in_order(self, logical_ids: Iterable[str]) -> list[str]:
        """These resources, each after the ones it depends on."""
        wanted = set(logical_ids)
        order = list(self.resources)
        graph = {
            name: sorted(self.dependencies(name) & wanted, key=order.index)
            for name in order
            if name in wanted
        }
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as exc:
            circle = ", ".join(sorted(set(exc.args[1])))
            raise ValidationError(f"Circular dependency between resources: [{circle}]") from exc

    def capabilities(self) -> tuple[str, ...]:
        """What a person must agree to before this template may be applied."""
        iam = [r for r in self.resources.values() if r["Type"].startswith(_IAM_TYPES)]
        if any(_IAM_NAMES & set(resource.get("Properties", {})) for resource in iam):
            return ("CAPABILITY_NAMED_IAM",)
        return ("CAPABILITY_IAM",) if iam else ()


# What a stack has before its first change set is executed.
EMPTY = Template("", {})


@lru_cache(maxsize=64)  # a deploy has each of its templates read several times
def parse(body: str) -> Template:
    """Read a template. Raises ValidationError as CloudFormation words it."""
    try:
        document = json.loads(body) if body.lstrip().startswith("{") else _load_yaml(body)
    except json.JSONDecodeError as exc:
        raise ValidationError(f"Template format error: JSON not well-formed. ({exc})") from exc
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise ValidationError(f"Template format error: YAML not well-formed.{place}") from exc
    if not isinstance(document, dict):
        raise ValidationError("Template format error: unsupported structure.")
    template = Template(body, document)
    _check(template)
    return template


def references(value: Any) -> Iterator[str]:
    """Every name that a value refers to, with Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        for member in value:
            yield from references(member)
    if not isinstance(value, dict):
        return
    for key, member in value.items():
        if key == "Ref":
            yield member
        elif key == "Fn::GetAtt":
            yield (member if isinstance(member, list) else member.split("."))[0]
        elif key == "Fn::Sub":
            yield from _substituted(member)
        else:
            yield from references(member)


def _substituted(value: Any) -> Iterator[str]:
    text, given = value if isinstance(value, list) else (value, {})
    for name in _SUBSTITUTION.findall(text):
        if name not in given:
            yield name.split(".")[0]
    yield from references(given)


def _check(template: Template) -> None:
    if not template.resources:
        raise ValidationError(
            "Template format error: At least one Resources member must be defined."
        )
    for name, definition in template.resources.items():
        if "Type" not in definition:
            raise ValidationError(
                f"Template format error: [/Resources/{name}] Every Resources object must contain "
                "a Type member."
            )
    for section in ("Resources", "Outputs"):
        unknown = sorted(_unresolved(template, section))
        if unknown:
            raise ValidationError(
                f"Template format error: Unresolved resource dependencies [{', '.join(unknown)}] "
                f"in the {section} block of the template"
            )
    template.in_order(template.resources)


def _unresolved(template: Template, section: str) -> set[str]:
    known = set(template.resources) | set(template.section("Parameters"))
    named = set(references(dict(template.section(section))))
    for definition in template.section(section).values() if section == "Resources" else ():
        explicit = definition.get("DependsOn", [])
        named |= {explicit} if isinstance(explicit, str) else set(explicit)
    return {name for name in named - known if not name.startswith("AWS::")}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms; dates stay text, as in "2012-10-17"."""


class _FastLoader(CSafeLoader):
    """The same in C."""


def _short_form(loader: _Loader | _FastLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


for _loader in (_Loader, _FastLoader):
    _loader.add_multi_constructor("!", _short_form)
    _loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _load_yaml(body: str) -> Any:
    try:
        return yaml.load(body, Loader=_FastLoader)  # noqa: S506 - derived from a safe one
    except yaml.MarkedYAMLError:  # of the place of a fault the C parser says something else
        return yaml.load(body, Loader=_Loader)  # noqa: S506 - likewise

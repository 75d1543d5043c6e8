"""Reads the templates as their readers do: values, order, comments and layout. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

# What cfn-lint knows of AWS beyond the schemas of its resources.
CFN_LINT_FACTS = Path(str(files("cfnlint"))) / "data" / "AdditionalSpecs"

FOLDER = Path(__file__).resolve().parent.parent.parent / "cloudformation"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # PyYAML may lack its C parser
    """YAML with CloudFormation's short tags: `!Sub x` reads as `{"Fn::Sub": x}`."""


def _expand_tag(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    function = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {function: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {function: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {function: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _expand_tag)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, the resource it stands in, and the comment right above it."""

    owner: str
    content: Mapping[str, Any]
    comment: str

    @property
    def sid(self) -> str:
        return str(self.content.get("Sid", ""))

    @property
    def resources(self) -> list[Any]:
        """Empty in a role's trust policy, which is about the role itself."""
        return as_list(self.content.get("Resource", []))


@dataclass(frozen=True)
class Template:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def document(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.load(self.text, Loader=_Loader)  # noqa: S506 - it is safe
        return loaded

    @cached_property
    def tree(self) -> yaml.MappingNode:
        """The YAML nodes, which know their lines and their style."""
        root = yaml.compose(self.text, Loader=_Loader)
        assert isinstance(root, yaml.MappingNode)
        return root

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return dict(self.document.get("Parameters", {}))

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return dict(self.document["Resources"])

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        return dict(self.document.get("Outputs", {}))

    def of_type(self, *types: str) -> dict[str, dict[str, Any]]:
        return {name: r for name, r in self.resources.items() if r["Type"] in types}

    def properties(self, logical_id: str) -> dict[str, Any]:
        return dict(self.resources[logical_id]["Properties"])

    @cached_property
    def statements(self) -> list[Statement]:
        return list(self._find_statements())

    def actions_of(self, role: str) -> set[str]:
        """Everything that a role may do, and who may assume it."""
        found = (s.content["Action"] for s in self.statements if s.owner == role)
        return {action for actions in found for action in as_list(actions)}

    def granted_to(self, role: str) -> dict[str, Any]:
        """The resource of each statement of a role."""
        return {
            statement.sid: statement.content["Resource"]
            for statement in self.statements
            if statement.owner == role and statement.resources
        }

    def _find_statements(self) -> Iterator[Statement]:
        resources = child(self.tree, "Resources")
        assert isinstance(resources, yaml.MappingNode)
        for key, node in resources.value:
            for statement in _statement_nodes(node):
                content: dict[Any, Any] = _Loader("").construct_mapping(statement, deep=True)
                yield Statement(
                    owner=key.value,
                    content=content,
                    comment=self.comment_above(statement.start_mark.line),
                )

    def comment_above(self, line: int) -> str:
        """The comment that ends right above a line (counted from 0), as one text."""
        found: list[str] = []
        while line > 0 and self.lines[line - 1].lstrip().startswith("#"):
            line -= 1
            found.insert(0, self.lines[line].strip().lstrip("# "))
        return " ".join(found)


TEMPLATES = [Template(path) for path in sorted(FOLDER.glob("*.yaml"))]
SENDER = Template(FOLDER / "ses_email_sender.yaml")
GENERATOR = Template(FOLDER / "lambda_link_generator.yaml")
PORTAL = Template(FOLDER / "link_portal.yaml")
PROGRAMS = Template(FOLDER / "programs_api.yaml")
MEMBERS = Template(FOLDER / "members_area.yaml")

each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.path.stem)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def child(node: yaml.Node, name: str) -> yaml.Node | None:
    """The node that stands under a key of a mapping."""
    assert isinstance(node, yaml.MappingNode)
    return next((value for key, value in node.value if key.value == name), None)


def nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """The node and everything below it."""
    yield root
    if isinstance(root, yaml.SequenceNode):
        for item in root.value:
            yield from nodes(item)
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            yield key
            yield from nodes(value)


def _statement_nodes(root: yaml.Node) -> Iterator[yaml.MappingNode]:
    for node in nodes(root):
        statements = child(node, "Statement") if isinstance(node, yaml.MappingNode) else None
        if isinstance(statements, yaml.SequenceNode):
            for item in statements.value:
                # Of a choice (!If) the statement that stands in it; nothing is the other branch.
                choice = item.value if isinstance(item, yaml.SequenceNode) else [item]
                yield from (node for node in choice if isinstance(node, yaml.MappingNode))


def mentions(value: Any) -> set[str]:
    """Every name that a value refers to: by Ref, GetAtt, Sub or ImportValue."""
    if isinstance(value, list):
        return {name for item in value for name in mentions(item)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, inner in value.items():
        if key == "Ref":
            found.add(inner)
        elif key == "Fn::GetAtt":
            found.add(inner.partition(".")[0])
        elif key == "Fn::Sub":
            text = inner[0] if isinstance(inner, list) else inner
            found |= {part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:]}
            found |= mentions(inner)
        else:
            found |= mentions(inner)
    return found


def written_out(value: Any) -> str:
    """A value as one text, with the variables of a Sub filled in where the template gives them."""
    if isinstance(value, dict) and "Fn::Sub" in value:
        inner = value["Fn::Sub"]
        if not isinstance(inner, list):
            return str(inner)
        text, variables = inner
        for name, filling in variables.items():
            text = text.replace(f"${{{name}}}", written_out(filling))
        return str(text)
    return str(value)

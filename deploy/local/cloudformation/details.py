"""The values of one resource that change, one by one. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.cloudformation.intrinsics import text
from deploy.local.cloudformation.scope import KNOWN_AFTER_APPLY
from deploy.local.cloudformation.stack import Resource, Stack
from deploy.local.cloudformation.template import references

# Parts of a resource beside its properties whose change is one.
_OTHER_ATTRIBUTES = ("Metadata", "DeletionPolicy", "UpdateReplacePolicy")


@dataclass(frozen=True)
class Detail:
    """One value that changes. `before` or `after` is None where there is no value."""

    attribute: str
    name: str | None
    path: str
    before: str | None
    after: str | None
    recreation: str = "Never"
    evaluation: str = "Static"
    source: str = "DirectModification"
    cause: str | None = None

    @property
    def change_type(self) -> str:
        if self.before is None:
            return "Add"
        return "Remove" if self.after is None else "Modify"


def details(
    stack: Stack, resource: Resource, definition: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Detail]:
    """What changes when a resource gets a new definition, whose properties come out as `after`."""
    written_before = resource.definition.get("Properties", {})
    written_after = definition.get("Properties", {})
    replaced_by = resource.handler.replaced_by
    for name in dict.fromkeys([*resource.properties, *after]):
        same_text = written_before.get(name) == written_after.get(name)
        cause = _parameter(written_after.get(name), stack) if same_text else None
        before = resource.properties.get(name)
        for path, old, new in _leaves(f"/Properties/{name}", before, after.get(name)):
            dynamic = new is not None and KNOWN_AFTER_APPLY in new
            replaces = bool({name, path.removeprefix("/Properties/")} & replaced_by)
            yield Detail(
                attribute="Tags" if name == "Tags" else "Properties",
                name=name,
                path=path,
                before=old,
                after=new,
                recreation=_recreation(replaces, dynamic),
                evaluation="Dynamic" if dynamic else "Static",
                source=_source(dynamic, cause),
                cause=cause,
            )
    for attribute in _OTHER_ATTRIBUTES:
        old, new = _written(resource.definition.get(attribute)), _written(definition.get(attribute))
        if old != new:
            yield Detail(attribute, None, f"/{attribute}", old, new)


def tags_of_the_stack(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Detail]:
    """What changes for a resource when its stack's tags change."""
    for path, old, new in _leaves("/Tags", before, after):
        yield Detail("Tags", None, path, old, new)


def _recreation(replaces: bool, dynamic: bool) -> str:
    if not replaces:
        return "Never"
    return "Conditionally" if dynamic else "Always"


def _source(dynamic: bool, cause: str | None) -> str:
    if dynamic:
        return "ResourceAttribute"
    return "ParameterReference" if cause else "DirectModification"


def _parameter(written: Any, stack: Stack) -> str | None:
    """The parameter that a property refers to, for the reader who asks why it changes."""
    return next((name for name in references(written) if name in stack.values), None)


def _leaves(path: str, before: Any, after: Any) -> Iterator[tuple[str, str | None, str | None]]:
    """Every place below `path` where the two values differ."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _leaves(f"{path}/{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _leaves(f"{path}/{number}", old, new)
    elif _written(before) != _written(after):
        yield path, _written(before), _written(after)


def _written(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value) if isinstance(value, list | Mapping) else text(value)

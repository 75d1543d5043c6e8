"""A change set, and what it would change: resource by resource, value by value. Pure.

Replacement is worked out simply: a changed property that is in the type's `replaced_by` replaces
the resource; one whose new value is only known afterwards may do so ("Conditional"). For types
taken from moto nothing does, because moto does not say.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.local.cloudformation.intrinsics import text
from deploy.local.cloudformation.scope import KNOWN_AFTER_APPLY, StackScope
from deploy.local.cloudformation.stack import AccountState, Output, Resource, Stack, Target, now
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


@dataclass(frozen=True)
class Change:
    """One resource that is added, modified or removed; contexts are all its properties."""

    action: str
    logical_id: str
    type_name: str
    physical_id: str | None = None
    replacement: str | None = None
    details: tuple[Detail, ...] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    @property
    def scope(self) -> list[str]:
        return list(dict.fromkeys(detail.attribute for detail in self.details))


@dataclass(frozen=True)
class Preview:
    """What would change, and the outputs as far as they can be known."""

    changes: tuple[Change, ...]
    outputs: list[Output]


def preview(
    stack: Stack, target: Target, state: AccountState, gone: Collection[str] = ()
) -> Preview:
    """What turns `stack`, of which some is `gone`, into `target`. Raises ValidationError when
    nothing could."""
    left = {name: resource for name, resource in stack.resources.items() if name not in gone}
    physical = {name: resource.physical for name, resource in left.items()}
    pseudo = state.pseudo_parameters(stack)
    scope = StackScope(
        target.template, target.values, pseudo, physical, state.exports, is_preview=True
    )
    included = scope.included()
    changes = []
    for logical_id in included:
        change = _change(logical_id, left.get(logical_id), stack, target, scope)
        if change:
            changes.append(change)
            if change.replacement == "True":
                # Whoever refers to it will see a new one.
                physical.pop(logical_id)
    changes += [
        Change(
            "Remove",
            name,
            resource.type_name,
            resource.physical.physical_id,
            before=resource.properties,
        )
        for name, resource in stack.resources.items()
        if name not in included
    ]
    return Preview(tuple(changes), scope.outputs())


def _change(
    logical_id: str, resource: Resource | None, stack: Stack, target: Target, scope: StackScope
) -> Change | None:
    definition = target.template.resources[logical_id]
    after = scope.properties(logical_id)
    if resource is None:
        return Change("Add", logical_id, definition["Type"], after=after)
    changed = list(details(stack, resource, definition, after))
    if "Tags" in resource.handler.properties:
        changed += tags_of_the_stack(stack.tags, target.tags)
    if not changed and definition["Type"] == resource.type_name:
        return None
    return Change(
        "Modify",
        logical_id,
        definition["Type"],
        resource.physical.physical_id,
        _replacement(resource, definition, changed),
        tuple(changed),
        resource.properties,
        after,
    )


def _replacement(resource: Resource, definition: Mapping[str, Any], changed: list[Detail]) -> str:
    recreations = {detail.recreation for detail in changed}
    if "Always" in recreations or definition["Type"] != resource.type_name:
        return "True"
    return "Conditional" if "Conditionally" in recreations else "False"


@dataclass
class ChangeSet:
    """A target that waits to be executed, and what it would change."""

    change_set_id: str
    name: str
    kind: str
    stack: Stack
    target: Target
    description: str | None
    changes: tuple[Change, ...] = ()
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    reason: str | None = None
    created: datetime = field(default_factory=now)
    deployment_mode: str | None = None
    drift: Mapping[str, str] = field(default_factory=dict)

    @property
    def gone(self) -> frozenset[str]:
        """What somebody has deleted elsewhere, if that was looked for."""
        return frozenset(name for name, status in self.drift.items() if status == "DELETED")

    def fail(self, reason: str) -> None:
        self.status, self.execution_status, self.reason = "FAILED", "UNAVAILABLE", reason

"""What a change set would change, resource by resource. Pure.

Replacement is worked out simply: a changed property that is in the type's `replaced_by` replaces
the resource; one whose new value is only known afterwards may do so ("Conditional"). For types
taken from moto nothing does, because moto does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.cloudformation.details import Detail, details, tags_of_the_stack
from deploy.local.cloudformation.scope import StackScope
from deploy.local.cloudformation.stack import Output, Resource, Stack
from deploy.local.cloudformation.target import Surroundings, Target


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


def preview(stack: Stack, target: Target, around: Surroundings) -> Preview:
    """What turns `stack` into `target`. Raises ValidationError when nothing could."""
    made = {name: resource.made for name, resource in stack.resources.items()}
    pseudo = around.pseudo_parameters(stack)
    scope = StackScope(
        target.template, target.values, pseudo, made, around.exports, is_preview=True
    )
    wanted = scope.wanted()
    changes = []
    for logical_id in wanted:
        change = _change(logical_id, stack, target, scope)
        if change:
            changes.append(change)
            if change.replacement == "True":
                # Whoever refers to it will see a new one.
                made.pop(logical_id)
    changes += [
        Change("Remove", name, resource.type_name, resource.made.physical_id)
        for name, resource in stack.resources.items()
        if name not in wanted
    ]
    return Preview(tuple(changes), scope.outputs())


def _change(logical_id: str, stack: Stack, target: Target, scope: StackScope) -> Change | None:
    definition = target.template.resources[logical_id]
    after = scope.properties(logical_id)
    resource = stack.resources.get(logical_id)
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
        resource.made.physical_id,
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

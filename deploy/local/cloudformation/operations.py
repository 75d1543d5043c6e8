"""Creates, updates, rolls back and deletes one stack, step by step.

Whatever fails becomes an event with a reason and a status of the stack, never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import partial
from typing import Any

from deploy.local.cloudformation.errors import ValidationError
from deploy.local.cloudformation.scope import StackScope
from deploy.local.cloudformation.stack import AccountState, Resource, Stack, Target, now
from deploy.local.cloudformation.steps import ResourceFailedError, Steps


class StackOperation:
    """One operation on one stack."""

    def __init__(self, stack: Stack, state: AccountState) -> None:
        self._stack = stack
        self._state = state
        self._steps = Steps(stack, state)
        self._physical = {name: resource.physical for name, resource in stack.resources.items()}
        # How to take back what an update has done so far.
        self._undo: list[Callable[[], object]] = []
        # What is gone, and is made again by an update.
        self._gone: frozenset[str] = frozenset()
        # What is no longer part of the stack once an update has succeeded.
        self._left_over: list[Resource] = []

    def create(self, target: Target) -> None:
        stack = self._stack
        stack.begin("CREATE_IN_PROGRESS")
        self._adopt(target)
        try:
            scope = self._scope()
            for logical_id in scope.included():
                self._keep(self._steps.create(logical_id, scope.properties(logical_id)))
            self._publish_outputs(scope)
        except (ValidationError, ResourceFailedError) as exc:
            self._roll_back_creation(exc)
        else:
            stack.set_status("CREATE_COMPLETE")

    def update(self, target: Target, gone: frozenset[str] = frozenset()) -> None:
        """Turn the stack into the target, and make again what is `gone`."""
        stack = self._stack
        self._gone = gone
        for logical_id in gone:
            self._physical.pop(logical_id)
        before = copy(stack)
        stack.begin("UPDATE_IN_PROGRESS")
        self._adopt(target)
        stack.updated = now()
        try:
            scope = self._scope()
            for logical_id in scope.included():
                self._apply(logical_id, scope.properties(logical_id), before)
            self._remove_excluded(scope)
            self._publish_outputs(scope)
        except (ValidationError, ResourceFailedError) as exc:
            self._roll_back_update(exc, before)
        else:
            self._clean_up()

    def delete(self, left: Iterable[str] = (), force: bool = False) -> None:
        """Delete all but the resources named in `left`; with `force`, all that can be deleted."""
        stack = self._stack
        stack.begin("DELETE_IN_PROGRESS")
        failed = self._delete_resources(set(left))
        if failed and force:
            failed = self._delete_resources({*left, *failed})
        if failed:
            stack.set_status("DELETE_FAILED", f"{_sentence('delete', failed)} ")
            return
        stack.outputs, stack.imports = [], frozenset()
        stack.deleted = now()
        stack.set_status("DELETE_COMPLETE")

    def _adopt(self, target: Target) -> None:
        stack = self._stack
        stack.template = target.template
        stack.values, stack.tags = dict(target.values), dict(target.tags)
        stack.role_arn = target.role_arn
        stack.capabilities = target.capabilities
        stack.resources = dict(stack.resources)

    def _scope(self) -> StackScope:
        stack, state = self._stack, self._state
        pseudo = state.pseudo_parameters(stack)
        return StackScope(stack.template, stack.values, pseudo, self._physical, state.exports)

    def _keep(self, resource: Resource) -> None:
        self._stack.resources[resource.logical_id] = resource
        self._physical[resource.logical_id] = resource.physical

    def _apply(self, logical_id: str, properties: Mapping[str, Any], before: Stack) -> None:
        """Create, modify or replace one resource, or leave it alone when nothing changed."""
        old = None if logical_id in self._gone else before.resources.get(logical_id)
        if old is None:
            self._keep(created := self._steps.create(logical_id, properties))
            self._undo.append(partial(self._steps.delete, created))
            return
        changed = _differences(old.properties, properties)
        tags_changed = before.tags != self._stack.tags and "Tags" in old.handler.properties
        definition = self._stack.template.resources[logical_id]
        is_another = definition["Type"] != old.type_name
        if is_another or old.handler.is_replaced(old.properties, properties):
            self._replace(old, properties, changed)
        elif changed or tags_changed:
            # Half a modification is one, too: it is taken back even when it fails.
            self._undo.append(partial(self._restore, copy(old), properties))
            self._keep(self._steps.modify(old, properties))
        else:
            self._keep(old.defined_as(definition))

    def _restore(self, old: Resource, attempted: Mapping[str, Any]) -> None:
        self._steps.restore(old, attempted, self._physical[old.logical_id])

    def _replace(self, old: Resource, properties: Mapping[str, Any], changed: set[str]) -> None:
        name = old.handler.name_property
        if name in old.properties and name not in changed:
            self._steps.refuse_to_replace(old)
        self._stack.set_resource_status(
            old,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; "
            "hence creating one.",
        )
        self._keep(new := self._steps.create(old.logical_id, properties))
        self._undo.append(partial(self._steps.delete, new))
        self._left_over.append(old)

    def _remove_excluded(self, scope: StackScope) -> None:
        included = set(scope.included())
        for logical_id in [name for name in self._stack.resources if name not in included]:
            self._left_over.append(self._stack.resources.pop(logical_id))

    def _publish_outputs(self, scope: StackScope) -> None:
        outputs = scope.outputs()
        self._state.check_exports(self._stack, outputs)
        self._stack.outputs, self._stack.imports = outputs, frozenset(scope.imports)

    def _clean_up(self) -> None:
        self._stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for resource in reversed(self._left_over):
            replaced = resource.logical_id in self._stack.resources
            if resource.survives("UpdateReplacePolicy" if replaced else "DeletionPolicy"):
                self._steps.leave(resource)
            else:
                self._steps.delete(resource)
        self._stack.set_status("UPDATE_COMPLETE")

    def _roll_back_creation(self, cause: Exception) -> None:
        stack = self._stack
        if stack.disable_rollback:
            stack.set_status("CREATE_FAILED", _reason_of("create", cause))
            return
        stack.set_status(
            "ROLLBACK_IN_PROGRESS", f"{_reason_of('create', cause)} Rollback requested by user."
        )
        failed = self._delete_resources(set())
        stack.set_status("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE")

    def _roll_back_update(self, cause: Exception, before: Stack) -> None:
        stack = self._stack
        if stack.disable_rollback:
            stack.set_status("UPDATE_FAILED", _reason_of("update", cause))
            return
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", _reason_of("update", cause))
        stack.template, stack.capabilities = before.template, before.capabilities
        stack.values, stack.tags = before.values, before.tags
        stack.resources = before.resources
        try:
            for take_back in reversed(self._undo):
                take_back()
        except ResourceFailedError as exc:
            stack.set_status("UPDATE_ROLLBACK_FAILED", _reason_of("update", exc))
            return
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _delete_resources(self, left: set[str]) -> list[str]:
        """Delete resources, dependants first; give those that could not be deleted.

        What a resource that is still there depends on, stays, too.
        """
        stack = self._stack
        failed: list[str] = []
        needed: set[str] = set()
        for logical_id in reversed(stack.template.in_order(stack.resources)):
            resource = stack.resources[logical_id]
            if logical_id in left or resource.survives("DeletionPolicy"):
                self._steps.leave(resource)
            elif logical_id in needed or not self._steps.delete(resource):
                if logical_id not in needed:
                    failed.append(logical_id)
                needed |= stack.template.dependencies(logical_id)
                continue
            del stack.resources[logical_id]
        return failed


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _reason_of(verb: str, cause: Exception) -> str:
    is_resource = isinstance(cause, ResourceFailedError)
    return _sentence(verb, [str(cause)]) if is_resource else f"{str(cause).rstrip('.')}."


def _sentence(verb: str, logical_ids: Iterable[str]) -> str:
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]."

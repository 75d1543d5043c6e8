"""The rules of the service: which request is allowed, what it starts, who else is concerned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import RLock
from typing import ClassVar
from uuid import uuid4

from moto.core.base_backend import BaseBackend

from deploy.local import in_process
from deploy.local.cloudformation.changes import ChangeSet, preview
from deploy.local.cloudformation.drift import REVERT_DRIFT, drift_of
from deploy.local.cloudformation.errors import (
    AlreadyExistsError,
    ChangeSetNotFoundError,
    InvalidChangeSetStatusError,
    ValidationError,
)
from deploy.local.cloudformation.operations import StackOperation
from deploy.local.cloudformation.registry import Registry
from deploy.local.cloudformation.requests import Request, check_name, target_of
from deploy.local.cloudformation.stack import AccountState, Output, Stack

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)
NO_UPDATES = "No updates are to be performed."

_CAN_BE_UPDATED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


class CloudFormationBackend(BaseBackend):
    """All stacks and change sets of one account and region, made of the registry's types."""

    registry: ClassVar[Registry] = Registry({})

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.stacks: dict[str, Stack] = {}
        self.change_sets: dict[str, ChangeSet] = {}
        self._done: set[str] = set()
        # Stacks see each other's exports, so one operation at a time.
        self._lock = RLock()

    def stack(self, name_or_id: str) -> Stack:
        """A stack by its name or its id; a deleted one by its id only."""
        for stack in self.stacks.values():
            if name_or_id == stack.stack_id or (name_or_id == stack.name and stack.exists):
                return stack
        raise ValidationError(f"Stack with id {name_or_id} does not exist")

    def existing(self) -> list[Stack]:
        return [stack for stack in self.stacks.values() if stack.exists]

    def create_stack(self, name: str, request: Request, disable_rollback: bool) -> Stack:
        with self._lock:
            if any(stack.name == name for stack in self.existing()):
                raise AlreadyExistsError(f"Stack [{name}] already exists")
            stack = self._new_stack(name)
            target = target_of(request, stack, self.registry)
            self.stacks[stack.stack_id] = stack
            stack.disable_rollback = disable_rollback
            StackOperation(stack, self._state()).create(target)
            return stack

    def update_stack(self, name: str, request: Request, disable_rollback: bool) -> Stack:
        with self._lock:
            stack = self._updatable(name)
            target = target_of(request, stack, self.registry)
            seen = preview(stack, target, self._state())
            if not seen.changes and seen.outputs == stack.outputs:
                raise ValidationError(NO_UPDATES)
            stack.disable_rollback = disable_rollback
            StackOperation(stack, self._state()).update(target)
            return stack

    def delete_stack(self, name: str, left: Sequence[str], force: bool) -> None:
        """Delete a stack; one that is not there is already as wanted."""
        with self._lock:
            for stack in [one for one in self.existing() if name in (one.name, one.stack_id)]:
                if stack.termination_protection:
                    raise ValidationError(
                        f"Stack [{stack.name}] cannot be deleted while "
                        "TerminationProtection is enabled"
                    )
                self._check_exports(stack, [])
                StackOperation(stack, self._state()).delete(left, force)

    def create_change_set(
        self,
        stack_name: str,
        name: str,
        kind: str,
        request: Request,
        description: str | None,
        deployment_mode: str | None = None,
    ) -> ChangeSet:
        with self._lock:
            check_name("changeSetName", name)
            stack = self._stack_for_change_set(stack_name, kind)
            if any(name == other.name for other in self.change_sets_of(stack)):
                raise AlreadyExistsError(f"ChangeSet {name} already exists")
            target = target_of(request, stack, self.registry)
            change_set = ChangeSet(
                self._arn("changeSet", name), name, kind, stack, target, description
            )
            change_set.deployment_mode = deployment_mode
            if deployment_mode == REVERT_DRIFT:
                change_set.drift = drift_of(stack, self._state())
            if stack.stack_id not in self.stacks:
                self.stacks[stack.stack_id] = stack
                stack.begin("REVIEW_IN_PROGRESS")
            self._find_changes(change_set)
            self.change_sets[change_set.change_set_id] = change_set
            return change_set

    def change_set(self, name_or_id: str, stack_name: str | None) -> ChangeSet:
        for change_set in self.change_sets.values():
            if name_or_id == change_set.change_set_id:
                return change_set
            of_stack = stack_name in (change_set.stack.name, change_set.stack.stack_id)
            if name_or_id == change_set.name and of_stack:
                return change_set
        raise ChangeSetNotFoundError(f"ChangeSet [{name_or_id}] does not exist")

    def change_sets_of(self, stack: Stack) -> list[ChangeSet]:
        return [known for known in self.change_sets.values() if known.stack is stack]

    def delete_change_set(self, name_or_id: str, stack_name: str | None) -> None:
        with self._lock:
            change_set = self.change_set(name_or_id, stack_name)
            del self.change_sets[change_set.change_set_id]

    def execute_change_set(
        self, name_or_id: str, stack_name: str | None, disable_rollback: bool, token: str | None
    ) -> None:
        """Execute it; a call that is repeated with its `token` has been done already."""
        with self._lock:
            if token in self._done:
                return
            change_set = self.change_set(name_or_id, stack_name)
            if change_set.execution_status != "AVAILABLE":
                raise InvalidChangeSetStatusError(
                    f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current "
                    f"status of [{change_set.status}]"
                )
            stack = change_set.stack
            stack.change_set_id = change_set.change_set_id
            stack.disable_rollback = disable_rollback
            operation = StackOperation(stack, self._state())
            if change_set.kind == "CREATE":
                operation.create(change_set.target)
            else:
                operation.update(change_set.target, change_set.gone)
            if token:
                self._done.add(token)
            # The stack's other change sets were worked out from what it was before.
            for other in self.change_sets_of(stack):
                del self.change_sets[other.change_set_id]

    def exports(self) -> dict[str, tuple[Stack, str]]:
        return {
            name: (stack, value)
            for stack in self.existing()
            for name, value in stack.exports.items()
        }

    def importers(self, export: str) -> list[Stack]:
        return [stack for stack in self.existing() if export in stack.imports]

    def _new_stack(self, name: str) -> Stack:
        check_name("stackName", name)
        return Stack(self._arn("stack", name), name)

    def _arn(self, kind: str, name: str) -> str:
        place = f"{self.region_name}:{self.account_id}"
        return f"arn:aws:cloudformation:{place}:{kind}/{name}/{uuid4()}"

    def _updatable(self, name: str) -> Stack:
        stack = self.stack(name)
        if stack.status not in _CAN_BE_UPDATED:
            raise ValidationError(
                f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
            )
        return stack

    def _stack_for_change_set(self, name: str, kind: str) -> Stack:
        if kind == "UPDATE":
            return self._updatable(name)
        for stack in self.existing():
            if name in (stack.name, stack.stack_id):
                if stack.status == "REVIEW_IN_PROGRESS":
                    return stack
                raise ValidationError(
                    f"Stack [{stack.name}] already exists and cannot be created again with the "
                    "changeSet"
                )
        return self._new_stack(name)

    def _state(self) -> AccountState:
        return AccountState(
            self.account_id,
            self.region_name,
            in_process.clients(self.region_name),
            self.registry,
            {name: value for name, (_, value) in self.exports().items()},
            self._check_exports,
        )

    def _find_changes(self, change_set: ChangeSet) -> None:
        stack, target = change_set.stack, change_set.target
        try:
            seen = preview(stack, target, self._state(), change_set.gone)
        except ValidationError as exc:
            change_set.fail(str(exc))
            return
        change_set.changes = seen.changes
        if not seen.changes and seen.outputs == stack.outputs:
            same = (stack.template, stack.values) == (target.template, target.values)
            change_set.fail(NO_CHANGES if same else NO_UPDATES)

    def _check_exports(self, stack: Stack, outputs: Iterable[Output]) -> None:
        """Raise ValidationError when an export is taken, or would go while others use it."""
        coming = {output.export: output.value for output in outputs if output.export}
        taken = self.exports()
        for name in coming:
            if name in taken and taken[name][0] is not stack:
                raise ValidationError(
                    f"Export with name {name} is already exported by stack {taken[name][0].name}"
                )
        for name, value in stack.exports.items():
            users = ", ".join(sorted(user.name for user in self.importers(name)))
            if users and coming.get(name) != value:
                verb = "updated" if name in coming else "deleted"
                raise ValidationError(f"Export {name} cannot be {verb} as it is in use by {users}")

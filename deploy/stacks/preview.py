"""Says in words, and as data, what would change. Pure: it neither prints nor calls anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from deploy.stacks.differences import PropertyChange, ResourceChange
from deploy.stacks.permissions.changes import UNKNOWN
from deploy.stacks.permissions.statements import NO_PERMISSIONS
from deploy.stacks.permissions.wording import permission_lines

_SIGNS = {"add": "+", "modify": "~", "remove": "-", "syncwithactual": "="}
_REPLACED = {"no": "", "maybe": "  (perhaps replaced)", "yes": "  (replaced by a new one)"}
_REPLACING = {"no": "", "maybe": "  (perhaps replaces it)", "yes": "  (replaces it)"}
_LONGEST_VALUE = 200  # characters of one value on one line of text


@dataclass(frozen=True)
class StackPlan:
    """What a deploy would do to one stack.

    `action` is create, recreate, update, delete or none; `acknowledged` are the IAM resources for
    which CloudFormation wants a capability; `note` says what cannot be known yet.
    """

    stack_name: str
    action: str
    changes: tuple[ResourceChange, ...] = ()
    capabilities: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why a deploy would not start, and what to do about it."""

    check: str
    sentence: str
    fix: str


@dataclass(frozen=True)
class Plan:
    """What a deploy would do to a deployment, once nothing stands in its way any more.

    `brand` says what becomes of the brand, in a sentence; empty where it stays as it is.
    """

    deployment: str
    account: str
    region: str
    stacks: tuple[StackPlan, ...]
    refusals: tuple[Refusal, ...] = ()
    brand: str = ""

    @property
    def has_changes(self) -> bool:
        return any(stack.action != "none" for stack in self.stacks)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "has_changes": self.has_changes}

    def as_text(self) -> str:
        lines = [line for stack in self.stacks for line in [*stack_lines(stack), ""]]
        lines += [self.brand, ""] if self.brand else []
        if self.has_changes:
            return "\n".join([*lines, _summary(self.stacks)])
        return "\n".join([*lines, "Nothing to change."])


def stack_lines(stack: StackPlan) -> list[str]:
    """The lines for one stack: what happens to it, then each resource, then each property."""
    headings = {
        "create": "would be created",
        "recreate": "would be deleted and created again",
        "update": "would be updated",
        "delete": "would be deleted",
        "none": "stays as it is",
    }
    lines = [f"{stack.stack_name} {headings[stack.action]}"]
    if stack.note:
        lines.append(f"  {stack.note}")
    if stack.capabilities and stack.action != "none":
        lines.append(
            f"  asks for {' and '.join(stack.capabilities)}: "
            f"it makes {', '.join(stack.acknowledged)}"
        )
    makes_all = stack.action in ("create", "recreate")
    for change in stack.changes:
        lines.extend([_head(change)] if makes_all else change_lines(change))
    return lines


def change_lines(change: ResourceChange) -> list[str]:
    """The resource, what changes in who may do what, and every other property that changes."""
    others = [
        _property_line(known)
        for known in change.properties
        if not change.permissions or known.name in NO_PERMISSIONS
    ]
    return [*lines_on_permissions(change), *(f"      {line}" for line in others)]


def lines_on_permissions(change: ResourceChange) -> list[str]:
    told = [line for known in change.permissions for line in permission_lines(known)]
    return [_head(change), *(f"      {line}" for line in told)]


def _head(change: ResourceChange) -> str:
    sign = _SIGNS.get(change.action, "?")
    again = "  (was deleted by hand)" if change.was_deleted else ""
    return f"  {sign} {change.logical_id}  {change.type}{_REPLACED[change.replaces]}{again}"


def _property_line(change: PropertyChange) -> str:
    replaces = _REPLACING[change.replaces]
    if change.before is None and change.after is None:
        return f"{change.path}{replaces}"
    return f"{change.path}: {_shown(change.before)} → {_shown(change.after)}{replaces}"


def _shown(value: str | None) -> str:
    if value is None:
        return "(none)"
    one_line = " ".join(value.replace(UNKNOWN, "(known afterwards)").split())
    if len(one_line) > _LONGEST_VALUE:
        return one_line[: _LONGEST_VALUE - 1] + "…"
    return one_line or '""'


def _summary(stacks: Sequence[StackPlan]) -> str:
    actions = [change.action for stack in stacks for change in stack.changes]
    replaced = sum(change.replaces != "no" for stack in stacks for change in stack.changes)
    parts = [
        f"{actions.count('add')} to add",
        f"{actions.count('modify')} to change",
        f"{actions.count('remove')} to remove",
    ]
    if replaced:
        parts.append(f"{replaced} of them replaced")
    return f"{', '.join(parts)}."

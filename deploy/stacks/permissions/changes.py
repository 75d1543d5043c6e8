"""What an update changes in a resource's permissions: statements added, removed, modified. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deploy.stacks.permissions.statements import Parts, Place, statements_of

# CloudFormation's word in change sets.
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
# The parts that name resources: a statement's own, and that of a policy which is attached to some.
_RESOURCES = frozenset({"Resource", "Bucket", "Queues", "Topics"})


@dataclass(frozen=True)
class PartChange:
    """One part of a statement, such as Action, before and after; the same where it stays."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class PermissionChange:
    """What happens to one statement: add, modify or remove.

    Without `parts`, CloudFormation has not told what it says.
    """

    action: str
    policy: str
    statement: str
    parts: tuple[PartChange, ...] = ()


def permission_changes(
    type_name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[PermissionChange, ...]:
    """The statements in which the properties differ; those of a resource that is not are empty."""
    old = statements_of(type_name, before) if before else {}
    new = statements_of(type_name, after) if after else {}
    return tuple(
        _change(place, old.get(place, {}), new.get(place, {}))
        for place in dict.fromkeys([*new, *old])
        if not _are_alike(old.get(place, {}), new.get(place, {}))
    )


def covers(agreed: PermissionChange, change: PermissionChange) -> bool:
    """Whether `change` is the one that was agreed to, with the resources that were not known then;
    one that is named is never any."""
    if replace(agreed, parts=()) != replace(change, parts=()):
        return False
    if [part.name for part in agreed.parts] != [part.name for part in change.parts]:
        return False
    return all(
        shown == part or (part.name in _RESOURCES and _names_all(shown, part))
        for shown, part in zip(agreed.parts, change.parts, strict=True)
    )


def is_loss(change: PermissionChange) -> bool:
    """Whether it takes away what was allowed, and nothing else."""
    effects = [part.before for part in change.parts if part.name == "Effect"]
    return change.action == "remove" and effects == [("Allow",)]


def is_rename(change: PermissionChange, renamed: Iterable[str]) -> bool:
    """Whether it only allows the same of a resource whose new name is not known yet."""
    names = tuple(renamed)
    return change.action == "modify" and all(
        part.before == part.after
        or (
            part.name in _RESOURCES
            and _are_named(part.after, part.before)
            and all(
                before == after or any(name in before for name in names)
                for before, after in zip(part.before, part.after, strict=True)
            )
        )
        for part in change.parts
    )


def given_back(loss: PermissionChange, renamed: Iterable[str]) -> PermissionChange:
    """The change that undoes a loss, when what is `renamed` may be called otherwise."""

    def anew(text: str) -> str:
        for name in renamed:
            text = text.replace(name, UNKNOWN)
        return text

    parts = tuple(
        PartChange(
            part.name,
            part.after,
            tuple(map(anew, part.before)) if part.name in _RESOURCES else part.before,
        )
        for part in loss.parts
    )
    return PermissionChange("add", loss.policy, loss.statement, parts)


def with_known_values(before: Any, after: Any) -> Any:
    """`after` with the values of `before` for those that are only known once it is done.

    That is what they say, where both are written alike: the same resource, made anew or not.
    """
    match before, after:
        case str(), str() if UNKNOWN in after:
            return before
        case Mapping(), Mapping():
            return {key: with_known_values(before.get(key), of) for key, of in after.items()}
        case list(), list() if len(before) == len(after):
            return [with_known_values(*pair) for pair in zip(before, after, strict=True)]
    return after


def _names_all(shown: PartChange, part: PartChange) -> bool:
    return _are_named(shown.before, part.before) and _are_named(shown.after, part.after)


def _are_named(shown: tuple[str, ...], texts: tuple[str, ...]) -> bool:
    return len(shown) == len(texts) and all(
        re.fullmatch(re.escape(known).replace(re.escape(UNKNOWN), "[^*?]+"), text)
        for known, text in zip(shown, texts, strict=True)
    )


def _are_alike(old: Parts, new: Parts) -> bool:
    """The order of actions, resources and principals says nothing."""
    return {name: set(texts) for name, texts in old.items()} == {
        name: set(texts) for name, texts in new.items()
    }


def _change(place: Place, old: Parts, new: Parts) -> PermissionChange:
    parts = tuple(
        PartChange(name, old.get(name, ()), new.get(name, ()))
        for name in dict.fromkeys([*new, *old])
    )
    action = "modify" if old and new else "add" if new else "remove"
    return PermissionChange(action, *place, parts)

"""What a change set says would change, resource by resource and property by property. Pure.

Values that follow from a secret parameter are hidden here, so that they are shown nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from deploy.stacks.permissions.changes import (
    PartChange,
    PermissionChange,
    permission_changes,
    with_known_values,
)
from deploy.stacks.permissions.statements import NO_PERMISSIONS, permits

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import (
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )

_HIDDEN = "(hidden)"

Replaces = Literal["no", "maybe", "yes"]
_REPLACES: Mapping[str, Replaces] = {
    "True": "yes",
    "Always": "yes",
    "Conditional": "maybe",
    "Conditionally": "maybe",
}


@dataclass(frozen=True)
class PropertyChange:
    """One property before and after; None where it is absent or not told."""

    path: str
    before: str | None
    after: str | None
    replaces: Replaces = "no"

    @property
    def name(self) -> str:
        """The property that the path begins with."""
        return self.path.partition("/")[0]


@dataclass(frozen=True)
class ResourceChange:
    """What happens to one resource: add, modify or remove; `replaces` is whether a new one is made.

    CloudFormation says "maybe" where it depends on values that are not known yet. `permissions` is
    what changes in who may do what. What `was_deleted` behind its back is made again.
    """

    action: str
    logical_id: str
    type: str
    replaces: Replaces = "no"
    properties: tuple[PropertyChange, ...] = ()
    permissions: tuple[PermissionChange, ...] = ()
    was_deleted: bool = False


def resource_change(
    change: ResourceChangeTypeDef, secret: set[str], is_written_alike: bool = False
) -> ResourceChange:
    """One change as CloudFormation lists it; values of the `secret` parameters are hidden.

    `is_written_alike` says that the resource's text is the same in the template that is deployed.
    """
    properties: dict[str, PropertyChange] = {}
    for detail in change.get("Details", []):
        known = _property_change(detail, secret)
        if known.path not in properties or known.after is not None:
            properties[known.path] = known
    return ResourceChange(
        action=change["Action"].lower(),
        logical_id=change["LogicalResourceId"],
        type=change["ResourceType"],
        replaces=_REPLACES.get(change.get("Replacement", ""), "no"),
        properties=tuple(properties.values()),
        permissions=_permissions(change, properties.values(), secret, is_written_alike),
        was_deleted=change.get("ResourceDriftStatus") == "DELETED",
    )


def _permissions(
    change: ResourceChangeTypeDef,
    properties: Iterable[PropertyChange],
    secret: set[str],
    is_written_alike: bool,
) -> tuple[PermissionChange, ...]:
    if not permits(change["ResourceType"]):
        return ()
    action = change["Action"].lower()
    before = {} if action == "add" else _properties(change.get("BeforeContext"))
    after = {} if action == "remove" else _properties(change.get("AfterContext"))
    is_secret = any(detail.get("CausingEntity") in secret for detail in change.get("Details", []))
    if before is None or after is None or is_secret:
        return _without_statements(action, properties)
    if is_written_alike:
        after = with_known_values(before, after)
    return permission_changes(change["ResourceType"], before, after)


def _properties(context: str | None) -> dict[str, Any] | None:
    """All properties of a resource; None when CloudFormation does not tell them."""
    try:
        properties: dict[str, Any] = json.loads(context or "")["Properties"]
    except (ValueError, KeyError, TypeError):
        return None
    return properties


def _without_statements(
    action: str, properties: Iterable[PropertyChange]
) -> tuple[PermissionChange, ...]:
    """What can be said by the properties that change alone."""
    if action in ("add", "remove"):
        return (PermissionChange(action, "", ""),)
    return tuple(
        PermissionChange("modify", "", known.path, (PartChange(known.path, *_sides(known)),))
        for known in properties
        if known.name not in NO_PERMISSIONS
    )


def _sides(known: PropertyChange) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (
        () if known.before is None else (known.before,),
        () if known.after is None else (known.after,),
    )


def _property_change(detail: ResourceChangeDetailTypeDef, secret: set[str]) -> PropertyChange:
    target = detail.get("Target", {})
    path = target.get("Path", "").removeprefix("/Properties/").strip("/")
    before, after = target.get("BeforeValue"), target.get("AfterValue")
    if detail.get("CausingEntity") in secret:
        before = after = _HIDDEN
    return PropertyChange(
        path=path or target.get("Name") or target.get("Attribute", ""),
        before=before,
        after=after,
        replaces=_REPLACES.get(target.get("RequiresRecreation", ""), "no"),
    )

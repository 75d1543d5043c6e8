"""What a change set says would change, resource by resource and property by property. Pure.

Values that follow from a secret parameter are hidden here, so that they are shown nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

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


@dataclass(frozen=True)
class ResourceChange:
    """What happens to one resource: add, modify or remove; `replaces` is whether a new one is made.

    CloudFormation says "maybe" where it depends on values that are not known yet. What
    `was_deleted` behind its back is made again.
    """

    action: str
    logical_id: str
    type: str
    replaces: Replaces = "no"
    properties: tuple[PropertyChange, ...] = ()
    was_deleted: bool = False


def resource_change(change: ResourceChangeTypeDef, secret: set[str]) -> ResourceChange:
    """One change as CloudFormation lists it; values of the `secret` parameters are hidden."""
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
        was_deleted=change.get("ResourceDriftStatus") == "DELETED",
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

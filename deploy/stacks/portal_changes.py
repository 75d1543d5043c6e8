"""What a deploy changes of the portal that the generator stack imports. Pure.

CloudFormation does not change what is imported. So where something of the portal is gone that gets
a new name, or where links are to begin with another address, the generator stack is taken off the
portal first, and put back after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deploy.deployment import GENERATOR, PORTAL, Deployment

if TYPE_CHECKING:
    from deploy.stacks.lookup import Missing, StackState

# CloudFormation gives these a new name or address, and would not: the generator stack imports it.
IMPORTED_FROM_PORTAL = frozenset({"PortalApi", "LinksTable"})


@dataclass(frozen=True)
class NewAddress:
    """Domain names; empty is the address that AWS has given the API."""

    before: str
    after: str

    def __str__(self) -> str:
        own = "its API's own address"
        return f"{self.after or own} instead of {self.before or own}"


def new_address(
    deployment: Deployment, existing: Mapping[str, StackState | None]
) -> NewAddress | None:
    """With what links are to begin, for a portal that exists and stays; None if that stays, too."""
    portal = existing.get(PORTAL.kind)
    if portal is None or portal.is_dead or not deployment.has(PORTAL):
        return None
    before = portal.parameters.get("PortalDomainName", "")
    after = deployment.parameters.get("PortalDomainName", before)
    return None if before == after else NewAddress(before, after)


def why_off_the_portal(
    deployment: Deployment,
    existing: Mapping[str, StackState | None],
    missing: Iterable[Missing],
) -> str:
    """What happens to the portal while the generator stack is off it; empty where it stays on."""
    if not deployment.has(PORTAL) or not deployment.has(GENERATOR):
        return ""
    portal, generator = deployment.stack_name(PORTAL), existing.get(GENERATOR.kind)
    if any(one.stack_name == portal and one.logical_id in IMPORTED_FROM_PORTAL for one in missing):
        return "is made whole"
    if generator is None or generator.is_dead or not generator.parameters.get("PortalStackName"):
        return ""
    return "gets another address" if new_address(deployment, existing) else ""


def without_imports(deployment: Deployment) -> Deployment:
    """The deployment as the generator stack is applied first, off the portal."""
    return replace(deployment, optional_kinds=deployment.optional_kinds - {PORTAL.kind})

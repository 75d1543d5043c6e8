"""Asks before the links that were mailed stop working because the portal gets another address.

The old address is switched off, or belongs to nobody any more: no link that begins with it leads
anywhere. The links themselves stay, and can be mailed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.deployment import PORTAL, Deployment
from deploy.errors import CheckError, S3LinkError
from deploy.links.portal import links_of
from deploy.links.reading import usable_ends
from deploy.stacks.portal_changes import new_address
from deploy.wording import counted, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploy.aws.clients import Clients
    from deploy.stacks.lookup import StackState
    from deploy.stacks.preview import StackPlan
    from deploy.stacks.run import Run


def confirm_new_address(run: Run, existing: Mapping[str, StackState | None]) -> None:
    """Go on only if the operator agrees to what is lost. Raises CheckError otherwise."""
    lost = _lost(run.clients, run.deployment, existing)
    if lost and not run.consent(f"{lost} Go on?"):
        raise CheckError(
            f"Nothing was changed: {lost[0].lower()}{lost[1:]} Run "
            f"`{run.deployment.command('deploy')} --yes` if this is what you want, or leave "
            "PortalDomainName as it was."
        )


def with_lost_links(
    plans: Iterable[StackPlan],
    clients: Clients,
    deployment: Deployment,
    existing: Mapping[str, StackState | None],
) -> Iterator[StackPlan]:
    """The plans, of which the portal's says what is lost."""
    lost = _lost(clients, deployment, existing)
    for plan in plans:
        is_portal = plan.stack_name == deployment.stack_name(PORTAL)
        yield replace(plan, note=f"{plan.note} {lost}".strip()) if is_portal else plan


def _lost(
    clients: Clients, deployment: Deployment, existing: Mapping[str, StackState | None]
) -> str:
    """A sentence or two; empty where no link is lost."""
    address, portal = new_address(deployment, existing), existing.get(PORTAL.kind)
    if address is None or portal is None:
        return ""
    ends = _ends(clients, deployment, portal)
    if ends is None:
        working = "all that were mailed so far"
    elif not ends:
        return ""
    else:
        until = f"{'until' if len(ends) == 1 else 'the last until'} {moment(max(ends))}"
        working = f"{counted(len(ends), 'link')} that can be used now, {until}"
    resend = deployment.command("links resend --file '*'")
    return (
        f"Links will begin with {address}, and those mailed before stop working: {working}. "
        f"`{resend}` then mails them again."
    )


def _ends(clients: Clients, deployment: Deployment, portal: StackState) -> list[datetime] | None:
    """When the links that work now end; None if they cannot be read."""
    if "LinksTableName" not in portal.outputs:
        return None
    try:
        return list(usable_ends(links_of(clients, deployment, portal), datetime.now(UTC)))
    except (S3LinkError, ClientError, BotoCoreError):
        return None

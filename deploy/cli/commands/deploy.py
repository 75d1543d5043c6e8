"""`s3link deploy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.organisations import for_organisations
from deploy.cli.stack_options import REVERT_DRIFT, WITH, WITHOUT

if TYPE_CHECKING:
    from deploy.stacks.run import Oversight


@click.command("deploy")
@click.option(
    "--termination-protection/--no-termination-protection",
    "protect",
    default=None,
    help="Protect the stacks from deletion, or no longer.",
)
@REVERT_DRIFT
@click.option("--verbose", is_flag=True, help="Show all outputs, not only those that changed.")
@WITH
@WITHOUT
@for_organisations
@common_options
def command(
    invocation: Invocation, protect: bool | None, reverts_drift: bool, verbose: bool
) -> None:
    """Package the code, upload it, and apply each stack in order.

    An update that changes permissions shows them and asks at a terminal; without one it goes on.

    \b
    s3link deploy
    s3link deploy --name test --set ExchangableObjectsTTL=3
    s3link deploy --with portal
    s3link deploy --with programs
    s3link deploy --with members
    s3link deploy --yes --termination-protection
    s3link deploy --tag Team=files --tag CostCenter=4711
    """
    from deploy.pipeline import deploy

    outcome = deploy(
        invocation.clients,
        invocation.deployment,
        invocation.console,
        consent=invocation.consent,
        oversight=_oversight(invocation),
        protect=protect,
        reverts_drift=reverts_drift,
    )
    for name, value in invocation.settings.overridden.items():
        invocation.console.warn(
            f"{invocation.settings.source} still says {name} = {value}: a deploy without --set "
            f"{name}=… takes this one back."
        )
    invocation.console.result(outcome.as_dict(), outcome.as_text(verbose))


def _oversight(invocation: Invocation) -> Oversight:
    from deploy.stacks.run import Oversight

    if invocation.yes:
        return Oversight.YES
    return Oversight.ASK if invocation.console.can_ask else Oversight.NOBODY

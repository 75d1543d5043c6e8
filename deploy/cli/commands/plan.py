"""`s3link plan`."""

from __future__ import annotations

from dataclasses import replace

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.organisations import for_organisations
from deploy.cli.stack_options import REVERT_DRIFT, WITH, WITHOUT

CHANGES_PENDING = 3
WOULD_BE_REFUSED = 4


@click.command("plan")
@click.option(
    "--exit-code",
    is_flag=True,
    help=f"Exit with {CHANGES_PENDING} when changes are pending, with {WOULD_BE_REFUSED} when a "
    "deploy would refuse.",
)
@REVERT_DRIFT
@WITH
@WITHOUT
@for_organisations
@common_options
def command(invocation: Invocation, exit_code: bool, reverts_drift: bool) -> None:
    """Show what a deploy would change, property by property, and change nothing.

    \b
    s3link plan
    s3link plan --set ExchangableObjectsTTL=3
    s3link plan --with portal
    s3link plan --exit-code --output json
    """
    from deploy.pipeline import plan, refusals

    planned = replace(
        plan(invocation.clients, invocation.deployment, reverts_drift=reverts_drift),
        refusals=refusals(invocation.clients, invocation.deployment),
    )
    invocation.console.result(planned.as_dict(), planned.as_text())
    for refusal in planned.refusals:
        invocation.console.warn(f"A deploy would refuse: {refusal.sentence} {refusal.fix}")
    if exit_code and planned.refusals:
        raise click.exceptions.Exit(WOULD_BE_REFUSED)
    if exit_code and planned.has_changes:
        raise click.exceptions.Exit(CHANGES_PENDING)

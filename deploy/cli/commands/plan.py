"""`s3link plan`."""

from __future__ import annotations

import click

from deploy.cli.options import WITH, WITHOUT, Invocation, common_options
from deploy.cli.organisations import for_organisations

CHANGES_PENDING = 3


@click.command("plan")
@click.option(
    "--exit-code", is_flag=True, help=f"Exit with {CHANGES_PENDING} when changes are pending."
)
@WITH
@WITHOUT
@for_organisations
@common_options
def command(invocation: Invocation, exit_code: bool) -> None:
    """Show what a deploy would change, property by property, and change nothing.

    \b
    s3link plan
    s3link plan --set ExchangableObjectsTTL=3
    s3link plan --with portal
    s3link plan --exit-code --output json
    """
    from deploy.doctor.checks import run_checks
    from deploy.pipeline import plan

    planned = plan(invocation.clients, invocation.deployment)
    invocation.console.result(planned.as_dict(), planned.as_text())
    for finding in run_checks(invocation.clients, invocation.deployment):
        if finding.level == "error":
            invocation.console.warn(f"A deploy would refuse: {finding.sentence} {finding.fix}")
    if exit_code and planned.has_changes:
        raise click.exceptions.Exit(CHANGES_PENDING)

"""`s3link list`: all deployments of the account and region."""

from __future__ import annotations

import click

from deploy.cli.options import Invocation, common_options
from deploy.table import Table


@click.command("list")
@common_options
def command(invocation: Invocation) -> None:
    """Show all deployments of the account and region.

    \b
    s3link list
    s3link list --region us-east-1 --profile work
    s3link list --output json
    """
    from deploy.watching.deployments import COLUMNS, read_deployments

    clients = invocation.clients
    found = read_deployments(clients)
    nothing = (
        f"Nothing is deployed in {clients.region} of account {clients.account}; "
        f"`{invocation.deployment.command('deploy')}` makes a deployment."
    )
    invocation.console.result(
        {
            "account": clients.account,
            "region": clients.region,
            "deployments": [one.document() for one in found],
        },
        Table(COLUMNS, [one.row for one in found]) if found else nothing,
    )

"""`s3link destroy`: remove a deployment and everything in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.organisations import ROLE

if TYPE_CHECKING:
    from deploy.deployment import Deployment
    from deploy.removal.destroy import Losses

_STAYS = (
    "The addresses verified in SES stay, as other deployments may use them; so does any bucket "
    "that a deploy took out of use and named then."
)


@click.command()
@click.option(
    "--artifacts-bucket",
    "with_artifacts",
    is_flag=True,
    help="Remove the artifacts bucket, too, when no other deployment uses it.",
)
@ROLE
@common_options
def command(invocation: Invocation, with_artifacts: bool) -> None:
    """Say what will be lost, ask for the deployment's name, and remove everything.

    \b
    s3link destroy
    s3link destroy --name s3link-test --yes
    s3link destroy --artifacts-bucket
    """
    from deploy.removal.artifacts_bucket import how_it_goes
    from deploy.removal.destroy import destroy

    def consent(losses: Losses) -> bool:
        for line in _lines(losses):
            invocation.console.progress(line)
        question = f"Type {invocation.name} to destroy it for good"
        return invocation.yes or invocation.console.ask(question) == invocation.name

    losses = destroy(
        invocation.clients,
        invocation.deployment,
        invocation.console,
        consent,
        with_artifacts=with_artifacts,
    )
    of_artifacts = how_it_goes(invocation.clients, invocation.deployment)
    invocation.console.result(
        _document(invocation.deployment, losses),
        _text(invocation.deployment, losses, of_artifacts),
    )


def _lines(losses: Losses) -> Iterator[str]:
    yield "This will be lost for good:"
    for state in losses.stacks:
        yield f"  stack {state.name} ({state.status})"
    for bucket in losses.buckets:
        yield f"  bucket {bucket.describe()}"
    for name in losses.tables:
        says = "who was told of which file"
        if "-GatheredFiles-" in name:
            says = "which files wait to be mailed together"
        yield f"  table {name}, which says {says}"
    for name in losses.tables_of_portal:
        lost = "without which links that were mailed stop working"
        if "-LinksTable-" not in name:
            lost = "with what was asked for and mailed"
        yield f"  table {name} of the portal, {lost}"
    for name in losses.tables_of_programs:
        yield f"  table {name} of programs, without which one-time links stop working"
    for name in losses.tables_of_members:
        yield f"  table {name} of the members area"
    if losses.members:
        yield f"  the members area: {losses.members.describe()}"
    for name in losses.log_groups:
        yield f"  log {name}"
    if losses.artifacts:
        yield f"  artifacts bucket {losses.artifacts.describe()}"
    if losses.undelivered:
        yield f"  events in dead-letter queues: {losses.undelivered}"
    if losses.waiting:
        yield f"  files that wait to be mailed together: {losses.waiting}"


def _document(deployment: Deployment, losses: Losses) -> dict[str, Any]:
    return {
        "deployment": deployment.name,
        "account": deployment.account,
        "region": deployment.region,
        "stacks": [state.name for state in losses.stacks],
        "buckets": [asdict(bucket) for bucket in losses.buckets],
        "tables": [
            *losses.tables,
            *losses.tables_of_portal,
            *losses.tables_of_programs,
            *losses.tables_of_members,
        ],
        "members_area": losses.members and asdict(losses.members),
        "log_groups": losses.log_groups,
        "undelivered": losses.undelivered,
        "waiting": losses.waiting,
        "artifacts_bucket": losses.artifacts and asdict(losses.artifacts),
    }


def _text(deployment: Deployment, losses: Losses, of_artifacts: str) -> str:
    where = f"{deployment.region} of account {deployment.account}"
    done = (
        f"Destroyed {deployment.name} in {where}."
        if losses.stacks
        else f"No stack of {deployment.name} is left in {where}."
    )
    if losses.artifacts:
        of_artifacts = f"The artifacts bucket {losses.artifacts.name} is gone, too."
    return " ".join(filter(None, [done, of_artifacts, _STAYS]))

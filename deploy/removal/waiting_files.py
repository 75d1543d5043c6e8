"""Asks before files that wait to be mailed together are forgotten, for GatherPeriod becomes 0.

The table that says which files wait goes then. The files stay, but nobody is told of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.presence import says_not_there
from deploy.deployment import GENERATOR, Deployment
from deploy.errors import CheckError
from deploy.stacks.lookup import resources
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.stacks.lookup import StackState
    from deploy.stacks.preview import StackPlan
    from deploy.stacks.run import Run

TABLE = "GatheredFiles"
# Of its rows. A file has one for good; all others are yet to be done, of shares with their files.
ITEM, FILES, FOR_GOOD = "Item", "Files", "file"
_OFF = "0"


def confirm_end_of_gathering(run: Run, existing: Mapping[str, StackState | None]) -> None:
    """Go on only if the operator agrees to what is lost. Raises CheckError otherwise."""
    lost = _lost(run.clients, run.deployment, existing)
    if lost and not run.consent(f"{lost} Go on?"):
        raise CheckError(
            f"Nothing was changed: {lost[0].lower()}{lost[1:]} Run "
            f"`{run.deployment.command('deploy')} --yes` if they need not be mailed."
        )


def with_waiting_files(
    plans: Iterable[StackPlan],
    clients: Clients,
    deployment: Deployment,
    existing: Mapping[str, StackState | None],
) -> Iterator[StackPlan]:
    """The plans, of which the generator's says what is lost."""
    lost = _lost(clients, deployment, existing)
    for plan in plans:
        is_generator = plan.stack_name == deployment.stack_name(GENERATOR)
        yield replace(plan, note=f"{plan.note} {lost}".strip()) if is_generator else plan


def count_waiting(clients: Clients, generator: StackState | None) -> int | None:
    """How many files wait to be mailed together; None if that cannot be read.

    AWS is asked only about a stack that gathers files.
    """
    if generator is None or not _gathers(generator):
        return 0
    try:
        names = [
            one.name for one in resources(clients, generator.stack_id) if one.logical_id == TABLE
        ]
        return sum(_count(clients, name) for name in names)
    except ClientError as exc:
        # Deleted by hand; that is told elsewhere.
        return 0 if says_not_there(exc) else None
    except BotoCoreError:
        return None


def _lost(
    clients: Clients, deployment: Deployment, existing: Mapping[str, StackState | None]
) -> str:
    """A sentence or two; empty where no file waits, or where the table stays."""
    generator = existing.get(GENERATOR.kind)
    if deployment.parameters.get("GatherPeriod") != _OFF or generator is None or generator.is_dead:
        return ""
    waiting = count_waiting(clients, generator)
    if waiting == 0:
        return ""
    which = "what is waiting" if waiting is None else f"{counted(waiting, 'file')} waiting"
    return (
        f"GatherPeriod becomes 0, so {which} to be mailed together would not be mailed. Wait a "
        f"minute or two and deploy again; `{deployment.command('dlq redrive --all')}` mails what "
        f"failed, and `{deployment.command('send FILE')}` any other."
    )


def _gathers(generator: StackState) -> bool:
    return generator.parameters.get("GatherPeriod", _OFF) != _OFF


def _count(clients: Clients, table: str) -> int:
    pages = clients.dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        FilterExpression="#Item <> :file",
        ProjectionExpression="#Item, #Files",
        ExpressionAttributeNames={"#Item": ITEM, "#Files": FILES},
        ExpressionAttributeValues={":file": {"S": FOR_GOOD}},
    )
    return sum(len(row.get(FILES, {}).get("SS", [""])) for page in pages for row in page["Items"])

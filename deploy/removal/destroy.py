"""Removes a deployment: empties its buckets and deletes its stacks, the last one first.

Nothing is touched before `find_losses` has said what will be lost and the operator has agreed.
Every step may be interrupted and done again. The artifacts bucket, which other deployments may
share, goes last and only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import explain
from deploy.aws.polling import PATIENT, Poll, telling
from deploy.aws.presence import says_not_there
from deploy.deployment import GENERATOR, MEMBERS, PORTAL, PROGRAMS, STACKS, Deployment
from deploy.errors import CheckError, StackError
from deploy.members.losses import MembersLosses, members_losses
from deploy.removal.artifacts_bucket import removable_artifacts, remove_artifacts_bucket
from deploy.removal.buckets import BucketContents
from deploy.removal.stack import buckets_of, remove_with_contents
from deploy.removal.waiting_files import count_waiting
from deploy.stacks.change_sets import check_role
from deploy.stacks.drift.missing import survey
from deploy.stacks.lookup import StackState, find_stacks, resources_of_type
from deploy.stacks.recovery import new_role
from deploy.stacks.run import Run
from deploy.watching.status import queue_depth

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console

_TABLE, _LOG_GROUP = "AWS::DynamoDB::Table", "AWS::Logs::LogGroup"
# The outputs that name the queues of what failed for good.
_QUEUES = ("DeadLetterQueueUrl", "PortalDeadLetterQueueUrl")


@dataclass(frozen=True)
class Losses:
    """What a destroy takes away for good; the stacks in the order in which they go.

    `waiting` files were to be mailed together; None if nobody knows how many.
    """

    stacks: tuple[StackState, ...]
    buckets: tuple[BucketContents, ...]
    tables: tuple[str, ...]
    tables_of_portal: tuple[str, ...]
    tables_of_programs: tuple[str, ...]
    tables_of_members: tuple[str, ...]
    members: MembersLosses | None
    log_groups: tuple[str, ...]
    undelivered: int
    waiting: int | None = 0
    artifacts: BucketContents | None = None

    @property
    def is_empty(self) -> bool:
        return not self.stacks and self.artifacts is None


def destroy(
    clients: Clients,
    deployment: Deployment,
    console: Console,
    consent: Callable[[Losses], bool],
    poll: Poll = PATIENT,
    with_artifacts: bool = False,
) -> Losses:
    """Remove the deployment if `consent` agrees to the losses; they are returned.

    `with_artifacts` takes the artifacts bucket, too, which is refused while others use it.

    Raises CheckError when nothing may be touched, StackError when something could not be removed.
    """
    losses = find_losses(clients, deployment)
    if with_artifacts:
        losses = replace(losses, artifacts=removable_artifacts(clients, deployment))
    if losses.is_empty:
        return losses
    for state in losses.stacks:
        _check_deletable(state, deployment)
    again = deployment.command("destroy --artifacts-bucket" if with_artifacts else "destroy")
    if not consent(losses):
        raise CheckError(
            f"Nothing was destroyed: the name {deployment.name} was not typed; run "
            f"`{again}` again, or add --yes."
        )
    poll = telling(poll, console.progress)
    run = Run(clients, deployment, console, consent=lambda question: True, poll=poll)
    _check_roles(run, losses.stacks)
    for state in losses.stacks:
        remove_with_contents(run, state.stack_id, again)
    if losses.artifacts:
        remove_artifacts_bucket(clients, console, losses.artifacts)
    return losses


def find_losses(clients: Clients, deployment: Deployment) -> Losses:
    """What there is to lose now; changes nothing."""
    existing = find_stacks(clients, deployment)
    found = [state for stack in reversed(STACKS) if (state := existing[stack.kind])]
    gone = {one.name for one in survey(clients, existing, {_TABLE, _LOG_GROUP}).missing}
    queues = [url for state in found for name in _QUEUES if (url := state.outputs.get(name))]
    tables = {state.name: _named(clients, [state], _TABLE, gone) for state in found}
    of_portal = tables.pop(deployment.stack_name(PORTAL), ())
    of_programs = tables.pop(deployment.stack_name(PROGRAMS), ())
    of_members = tables.pop(deployment.stack_name(MEMBERS), ())
    area = next((state for state in found if state.name == deployment.stack_name(MEMBERS)), None)
    return Losses(
        stacks=tuple(found),
        buckets=tuple(contents for state in found for contents in buckets_of(clients, state)),
        tables=tuple(name for names in tables.values() for name in names),
        tables_of_portal=of_portal,
        tables_of_programs=of_programs,
        tables_of_members=of_members,
        members=members_losses(clients, deployment, area) if area else None,
        log_groups=_named(clients, found, _LOG_GROUP, gone),
        undelivered=sum(_depth(clients, url) for url in queues),
        waiting=count_waiting(clients, existing[GENERATOR.kind]),
    )


def _depth(clients: Clients, url: str) -> int:
    """What waits in a queue; nothing in one that is gone."""
    try:
        return queue_depth(clients, url)
    except ClientError as exc:
        if says_not_there(exc):
            return 0
        raise


def _named(
    clients: Clients, found: Sequence[StackState], kind: str, gone: Container[str]
) -> tuple[str, ...]:
    """The resources of one type that are there."""
    return tuple(
        name
        for state in found
        for name in resources_of_type(clients, state.stack_id, kind)
        if name not in gone
    )


def _check_roles(run: Run, stacks: Sequence[StackState]) -> None:
    """Raise CheckError, before anything is emptied, for a role that cannot be used."""
    for state in stacks:
        if role := new_role(run.deployment, state):
            try:
                check_role(run.clients, state, role, run.poll)
            except (StackError, ClientError) as exc:
                raise CheckError(f"Nothing was destroyed: {explain(exc) or exc}") from exc


def _check_deletable(state: StackState, deployment: Deployment) -> None:
    if state.is_protected:
        raise CheckError(
            f"Nothing was destroyed: stack {state.name} is protected against termination; run "
            f"`{deployment.command('deploy')} --no-termination-protection` first."
        )
    if state.in_progress and state.status != "DELETE_IN_PROGRESS":
        raise CheckError(
            f"Nothing was destroyed: stack {state.name} is {state.status}; wait until it is done "
            f"(`{deployment.command('status')}`), then try again."
        )

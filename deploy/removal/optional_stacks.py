"""Removes the optional stacks that a deployment drops (`--without`), when all others are applied.

Until then the others take values from them. Nothing is touched before the operator has agreed to
what is lost; every step may be interrupted and done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.deployment import MEMBERS, PORTAL, STACKS, Deployment, Stack
from deploy.errors import CheckError, S3LinkError
from deploy.links.portal import links_of
from deploy.links.reading import count_usable
from deploy.members.losses import members_losses
from deploy.removal.stack import remove_with_contents
from deploy.stacks.apply import StackOutcome
from deploy.stacks.differences import ResourceChange
from deploy.stacks.lookup import resources
from deploy.stacks.preview import StackPlan
from deploy.stacks.run import Run

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.stacks.lookup import StackState

_LOST_WITH_PORTAL = "stops working, and the portal's tables and logs are gone for good."
_LOST_WITH_MEMBERS = "are gone for good, and with them the area's bucket and logs."
_LOST_WITH_PROGRAMS = (
    "No program can call the API any more, its one-time links stop working, and their table and "
    "its logs are gone for good."
)


def plan_removals(
    clients: Clients, deployment: Deployment, existing: Mapping[str, StackState | None]
) -> Iterator[StackPlan]:
    """What would be deleted with each stack that is dropped."""
    for state in _dropped_stacks(deployment, existing):
        removed = tuple(
            ResourceChange("remove", resource.logical_id, resource.type)
            for resource in resources(clients, state.stack_id)
        )
        yield StackPlan(
            state.name, "delete", removed, note=_loss_sentence(clients, deployment, state)
        )


def confirm_removals(
    run: Run, existing: Mapping[str, StackState | None], protect: bool | None
) -> tuple[StackState, ...]:
    """The stacks to remove, once the operator has agreed. Raises CheckError otherwise."""
    to_remove = tuple(_dropped_stacks(run.deployment, existing))
    for state in to_remove:
        if state.is_protected and protect is not False:
            raise CheckError(
                f"Nothing was changed: stack {state.name} is protected against termination; add "
                "--no-termination-protection."
            )
        lost = _loss_sentence(run.clients, run.deployment, state)
        if not run.consent(f"This deletes stack {state.name}. {lost} Go on?"):
            goes = _in_short(run.deployment, state)
            raise CheckError(
                f"Nothing was changed: stack {state.name} would be deleted, and with it {goes}; "
                f"run `{run.deployment.command('deploy')} --yes` if this is what "
                "you want, or without --without to keep it."
            )
    return to_remove


def remove_stack(run: Run, state: StackState) -> StackOutcome:
    """Delete the stack; nothing builds on it any more."""
    if state.is_protected:
        run.clients.cloudformation.update_termination_protection(
            EnableTerminationProtection=False, StackName=state.stack_id
        )
    remove_with_contents(run, state.stack_id)
    return StackOutcome(state.name, "deleted")


@contextmanager
def warning_of_what_is_left(run: Run, to_remove: Sequence[StackState]) -> Iterator[None]:
    """Whoever presses Ctrl-C half-way is told that a stack is left that nothing uses any more."""
    try:
        yield
    except KeyboardInterrupt:
        for state in to_remove:
            run.console.warn(
                f"Stack {state.name} may not be removed yet; `{run.deployment.command('deploy')}` "
                "goes on from there."
            )
        raise


def _loss_sentence(clients: Clients, deployment: Deployment, state: StackState) -> str:
    """What goes with the stack; how much of it, if it can be counted."""
    if _is(MEMBERS, deployment, state):
        lost = members_losses(clients, deployment, state).describe()
        return f"Nobody can sign in any more: {lost} {_LOST_WITH_MEMBERS}"
    if not _is(PORTAL, deployment, state):
        return _LOST_WITH_PROGRAMS
    usable = _usable_links(clients, deployment, state)
    counts = f" ({usable:,} of them can be used now)" if usable is not None else ""
    return f"Every link that was mailed{counts} {_LOST_WITH_PORTAL}"


def _in_short(deployment: Deployment, state: StackState) -> str:
    if _is(MEMBERS, deployment, state):
        return "members, versions and answers"
    if _is(PORTAL, deployment, state):
        return "the links that were mailed"
    return "one-time links of programs"


def _is(stack: Stack, deployment: Deployment, state: StackState) -> bool:
    return state.name == deployment.stack_name(stack)


def _usable_links(clients: Clients, deployment: Deployment, state: StackState) -> int | None:
    if "LinksTableName" not in state.outputs:
        return None
    try:
        return count_usable(links_of(clients, deployment, state), datetime.now(UTC))
    except (S3LinkError, ClientError, BotoCoreError):
        return None


def _dropped_stacks(
    deployment: Deployment, existing: Mapping[str, StackState | None]
) -> Iterator[StackState]:
    """The stacks that the deployment drops, the last one first."""
    for stack in reversed(STACKS):
        state = existing.get(stack.kind)
        if stack.kind in deployment.dropped and state is not None:
            yield state

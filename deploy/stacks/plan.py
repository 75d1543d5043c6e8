"""Plans one stack: from its change set, or from its template where no change set can be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.deployment import GENERATOR, Deployment, Stack
from deploy.errors import StackError
from deploy.stacks import change_sets, recovery
from deploy.stacks.change_sets import MissingExportError
from deploy.stacks.differences import ResourceChange
from deploy.stacks.drift.losses import loses_data, sentence
from deploy.stacks.drift.reverting import reverting, stays_missing
from deploy.stacks.preview import StackPlan
from deploy.stacks.target import StackTarget, stack_target

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.aws.polling import Poll
    from deploy.package.artifacts import Artifact
    from deploy.stacks.lookup import Missing, StackState


def plan_stack(
    clients: Clients,
    deployment: Deployment,
    stack: Stack,
    code: Artifact,
    existing: Mapping[str, StackState | None],
    poll: Poll,
    missing: Sequence[Missing] = (),
    reverts_drift: bool = False,
) -> StackPlan:
    """What a deploy would do to one stack, given the `existing` stacks by kind.

    Of what is `missing`, it says what would be made again.
    """
    state = existing[stack.kind]
    if state is not None:
        _refuse_unplannable(deployment, state)
    live = None if state is None or state.is_dead else state
    target = stack_target(deployment, stack, code, live)
    if state is not None and live is None:
        lost = recovery.lost_with_stack(clients, state)
        return _from_template(target, "recreate", f"It is {state.status}. {lost}".rstrip())
    absent = _missing_stack_below(deployment, stack, existing)
    if live is None and absent:
        note = f"The values it takes from {absent} are not known before that stack exists."
        return _from_template(target, "create", note)
    target = reverting(target, missing, reverts_drift)
    return _from_change_set(clients, target, poll, missing)


def off_the_portal_meanwhile(plan: StackPlan, deployment: Deployment, why: str) -> StackPlan:
    """The plan of a stack, where the generator lets go of the portal; see `why_off_the_portal`."""
    if plan.stack_name != deployment.stack_name(GENERATOR):
        return plan
    note = (
        f"It is taken off the portal while that {why}, and put back afterwards: two updates."
        " Files that arrive meanwhile are mailed with direct links."
    )
    action = "update" if plan.action == "none" else plan.action
    return replace(plan, action=action, note=f"{plan.note} {note}".strip())


def _refuse_unplannable(deployment: Deployment, state: StackState) -> None:
    recovery.refuse_stuck(state)
    if state.in_progress:
        raise StackError(
            f"Stack {state.name} is {state.status}, so nothing can be planned now; "
            f"`{deployment.command('deploy')}` follows it to its end."
        )


def _missing_stack_below(
    deployment: Deployment, stack: Stack, existing: Mapping[str, StackState | None]
) -> str | None:
    """The name of a stack that this one builds on and that does not exist yet."""
    for other in deployment.stacks:
        if other.kind in stack.builds_on.values():
            state = existing[other.kind]
            if state is None or state.is_dead:
                return deployment.stack_name(other)
    return None


def _from_change_set(
    clients: Clients, target: StackTarget, poll: Poll, missing: Sequence[Missing]
) -> StackPlan:
    try:
        change_set = change_sets.propose(clients, target, poll, is_plan=True)
    except MissingExportError as exc:
        note = f"{exc} Deploying in order solves this; what else changes is not known yet."
        if target.creates:
            return _from_template(target, "create", note)
        return replace(_plan_of(target, "update"), note=note)
    change_sets.withdraw(clients, change_set, poll)
    lost = [sentence(one) for one in missing if loses_data(one) and _is_of(target, one)]
    note = " ".join([*lost, *stays_missing(missing, change_set, target.stack_name)])
    if change_set.is_empty:
        return StackPlan(target.stack_name, "none", note=note)
    action = "create" if target.creates else "update"
    return replace(_plan_of(target, action), changes=change_set.changes, note=note)


def _is_of(target: StackTarget, missing: Missing) -> bool:
    return missing.stack_name == target.stack_name


def _from_template(target: StackTarget, action: str, note: str) -> StackPlan:
    """Every resource that the template makes with these values would be added."""
    added = tuple(
        ResourceChange("add", made.logical_id, made.type)
        for made in target.template.resources_made_with(target.values)
    )
    return replace(_plan_of(target, action), changes=added, note=note)


def _plan_of(target: StackTarget, action: str) -> StackPlan:
    template = target.template
    return StackPlan(
        stack_name=target.stack_name,
        action=action,
        capabilities=template.capabilities,
        acknowledged=tuple(made.logical_id for made in target.iam_resources),
    )

"""Has the operator judge the permissions that an update changes, before the first stack is touched.

All stacks that exist are planned for it, so that one answer serves for all of them and a no leaves
everything as it was. What can be known only when other stacks are applied is asked about then, as
is whatever has changed since. Two things are not: what the deploy itself takes away for a while and
gives back, and a stack that is created, which harms nobody who is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.errors import CheckError, StackError
from deploy.stacks.permissions.changes import covers, given_back, is_loss, is_rename
from deploy.stacks.plan import plan_stack
from deploy.stacks.preview import lines_on_permissions
from deploy.stacks.run import Oversight

if TYPE_CHECKING:
    from deploy.package.artifacts import Artifact
    from deploy.stacks.differences import ResourceChange
    from deploy.stacks.lookup import StackState
    from deploy.stacks.preview import StackPlan
    from deploy.stacks.run import Agreed, Run

_QUESTION = "Deploy with these permissions?"


def review(run: Run, code: Artifact, existing: Mapping[str, StackState | None]) -> Run:
    """The run with what the operator has agreed to. Raises CheckError for a no.

    Without somebody to ask, `confirm_permissions` says all that is to be said.
    """
    if run.oversight is not Oversight.ASK:
        return run
    stacks = [
        stack
        for stack in run.deployment.stacks
        if (state := existing[stack.kind]) and not state.is_dead
    ]
    if stacks:
        run.console.progress("Comparing permissions with those that are deployed.")
    plans = [
        plan_stack(
            run.clients,
            run.deployment,
            stack,
            code,
            existing,
            run.poll,
            run.missing,
            run.reverts_drift,
        )
        for stack in stacks
    ]
    for plan in plans:
        if plan.note and not plan.changes:
            run.console.progress(f"{plan.note} You are asked again if permissions change there.")
    changed = [plan for plan in plans if _permissions(plan.stack_name, plan.changes)]
    if changed and not _is_agreed(run, changed):
        names = ", ".join(plan.stack_name for plan in changed)
        raise CheckError(
            f"Nothing was changed: the permissions of {names} stay as they are; "
            f"`{run.deployment.command('plan')}` shows what would change."
        )
    agreed = [_permissions(plan.stack_name, plan.changes) for plan in changed]
    return replace(run, agreed=frozenset().union(*agreed))


def confirm_permissions(run: Run, stack_name: str, changes: Sequence[ResourceChange]) -> None:
    """See to it that what an update changes in permissions is agreed to, or raise StackError.

    The changes have been shown already.
    """
    changed = _permissions(stack_name, changes)
    if run.takes_away:
        renamed = [one.name for one in run.missing]
        changed = frozenset(
            one for one in changed if not (is_loss(one[2]) or is_rename(one[2], renamed))
        )
    if run.oversight is Oversight.YES or _were_agreed(run, changed):
        return
    if run.oversight is Oversight.NOBODY:
        run.console.progress(
            f"Permissions of {stack_name} change as shown; there is no terminal to ask at, so the "
            "deploy goes on."
        )
    elif not run.consent(f"Permissions of {stack_name} change as shown. {_QUESTION}"):
        raise StackError(
            f"Stack {stack_name} was not changed, nor any after it, since its permissions were "
            f"not agreed to; what was done before stays, and `{run.deployment.command('deploy')}` "
            "goes on from there."
        )


def with_given_back(run: Run, stack_name: str, changes: Sequence[ResourceChange]) -> Run:
    """The run, in which nobody is asked whether a stack gets back what these changes took away.

    What is missing may have another name by then.
    """
    renamed = [one.name for one in run.missing]
    back = {
        (stack, name, given_back(change, renamed))
        for stack, name, change in _permissions(stack_name, changes)
        if is_loss(change)
    }
    return replace(run, agreed=run.agreed | back)


def _were_agreed(run: Run, permissions: Agreed) -> bool:
    return all(
        any(
            (stack, name) == (agreed_stack, agreed_name) and covers(agreed, change)
            for agreed_stack, agreed_name, agreed in run.agreed
        )
        for stack, name, change in permissions
    )


def _is_agreed(run: Run, changed: Sequence[StackPlan]) -> bool:
    run.console.progress("This deploy changes permissions:", bold=True)
    for plan in changed:
        for line in _lines(plan):
            run.console.progress(line)
    return run.consent(_QUESTION)


def _lines(plan: StackPlan) -> Iterator[str]:
    yield plan.stack_name
    for change in plan.changes:
        if change.permissions:
            yield from lines_on_permissions(change)


def _permissions(stack_name: str, changes: Sequence[ResourceChange]) -> Agreed:
    return frozenset(
        (stack_name, change.logical_id, known) for change in changes for known in change.permissions
    )

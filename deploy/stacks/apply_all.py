"""Applies all stacks of a deployment in their order, and freed of each other where that is needed.

Where the portal changes in what the generator stack imports, that is taken off the portal first,
and put back after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.deployment import GENERATOR, PORTAL
from deploy.stacks.ahead import proposed_ahead
from deploy.stacks.apply import StackOutcome, apply_stack
from deploy.stacks.drift.reverting import warning_of_direct_links
from deploy.stacks.portal_changes import why_off_the_portal, without_imports
from deploy.stacks.review import with_given_back

if TYPE_CHECKING:
    from deploy.package.artifacts import Artifact
    from deploy.stacks.lookup import StackState
    from deploy.stacks.run import Run


def apply_stacks(
    run: Run, code: Artifact, existing: Mapping[str, StackState | None]
) -> tuple[StackOutcome, ...]:
    """Make each stack what it is to be. Raises StackError with the first real failure."""
    return tuple(_applied(run, code, existing))


def protect_stacks(run: Run, applied: Iterable[StackOutcome], protect: bool) -> None:
    """Switch the stacks' termination protection on or off."""
    for stack in applied:
        run.clients.cloudformation.update_termination_protection(
            EnableTerminationProtection=protect, StackName=stack.stack_name
        )
        run.console.progress(
            f"{stack.stack_name}: termination protection is {'on' if protect else 'off'}."
        )


def _applied(
    run: Run, code: Artifact, existing: Mapping[str, StackState | None]
) -> Iterator[StackOutcome]:
    with ExitStack() as until_on_portal:
        why = why_off_the_portal(run.deployment, existing, run.missing)
        if why or _is_off_the_portal(run, existing):
            until_on_portal.enter_context(warning_of_direct_links(run))
        if why:
            run = _freed(run, code, why)
            existing = dict.fromkeys(existing)  # the generator stack is another now
        with proposed_ahead(run, code, existing) as ahead:
            for stack in run.deployment.stacks:
                yield apply_stack(run, stack, code, ahead)
                if stack is GENERATOR:
                    until_on_portal.close()


def _is_off_the_portal(run: Run, existing: Mapping[str, StackState | None]) -> bool:
    """Whether a deploy that did not get through has left the generator without it."""
    generator, portal = existing[GENERATOR.kind], existing[PORTAL.kind]
    wanted = run.deployment.has(PORTAL) and portal is not None and not portal.is_dead
    return wanted and generator is not None and generator.parameters.get("PortalStackName") == ""


def _freed(run: Run, code: Artifact, why: str) -> Run:
    """The run, once the generator stack imports nothing of the portal.

    What it may do less until then, nobody is asked about, nor whether it gets that back.
    """
    generator = run.deployment.stack_name(GENERATOR)
    run.console.progress(
        f"{generator} is taken off the portal while that {why}, and put back afterwards; "
        "files that arrive meanwhile are mailed with direct links."
    )
    freeing = replace(run, deployment=without_imports(run.deployment), takes_away=True)
    done = apply_stack(freeing, GENERATOR, code)
    run = with_given_back(run, done.stack_name, done.changes)
    left = tuple(one for one in run.missing if one.stack_name != done.stack_name)
    return replace(run, missing=left)

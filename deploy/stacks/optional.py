"""Which of the optional stacks a deployment has: those that were chosen, and those that exist.

An optional stack that exists is kept and updated like the others, whoever forgets to name it.
Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.deployment import (
    GENERATOR,
    OPTIONAL_KINDS,
    PORTAL,
    STACKS,
    SUPPLIED_PARAMETERS,
    Deployment,
    Stack,
)
from deploy.stacks.lookup import REVIEW
from deploy.stacks.templates import load_template

if TYPE_CHECKING:
    from deploy.stacks.lookup import StackState


# The generator has them only to say in its mails what holds at the portal, from which they come.
TOLD_OF_THE_PORTAL = frozenset({"MaxDownloads"})


def with_existing_stacks(
    deployment: Deployment, existing: Mapping[str, StackState | None]
) -> Deployment:
    """The deployment with every optional stack that it is to have, given those that exist."""
    found = {
        stack.kind: state
        for stack in STACKS
        # One in review was only ever planned, by somebody whose plan broke off.
        if (state := existing.get(stack.kind)) is not None and state.status != REVIEW
    }
    kept = found.keys() & set(OPTIONAL_KINDS) - deployment.dropped
    deployed_parameters: dict[str, str] = {}
    deployed_tags: dict[str, str] = {}
    for kind, state in found.items():
        if not state.is_dead:
            deployed_tags |= state.tags
            told = TOLD_OF_THE_PORTAL if kind == GENERATOR.kind else frozenset()
            deployed_parameters |= {
                name: value for name, value in state.parameters.items() if name not in told
            }
    return replace(
        deployment,
        optional_kinds=deployment.optional_kinds | kept,
        deployed_parameters=deployed_parameters,
        deployed_tags=deployed_tags,
        deployed_role_arn=next((one.role_arn for one in found.values() if one.role_arn), None),
    )


def unused_parameters(deployment: Deployment) -> Iterator[tuple[str, Stack]]:
    """What was chosen for a stack that the deployment does not have, with that stack."""
    used = {name for stack in deployment.stacks for name in _parameters(stack)}
    if not deployment.has(PORTAL):
        used -= TOLD_OF_THE_PORTAL
    unused = deployment.parameters.keys() - used
    for stack in STACKS:
        for name in _parameters(stack):
            if name in unused:
                unused.remove(name)
                yield name, stack


def why_unused(deployment: Deployment, name: str, stack: Stack) -> tuple[str, str]:
    """What is wrong with choosing such a parameter, and what to do."""
    if stack.kind in deployment.dropped:
        return (
            f"{name} is a parameter of the {stack.kind}, which is to be removed.",
            f"Remove {name}.",
        )
    return (
        f"{name} is a parameter of the {stack.kind}, and the deployment has none: it needs "
        f"--with {stack.kind}.",
        f'Add that, or with = ["{stack.kind}"] to s3link.toml, or remove {name}.',
    )


def _parameters(stack: Stack) -> list[str]:
    known = load_template(stack.template).parameters
    return [name for name in known if name not in SUPPLIED_PARAMETERS]

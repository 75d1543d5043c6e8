"""Finds the stack that a command works with, or says what to do first. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.deployment import GENERATOR, PORTAL, PROGRAMS, Deployment
from deploy.errors import StackError
from deploy.stacks import lookup
from deploy.stacks.lookup import StackState

if TYPE_CHECKING:
    from deploy.aws.clients import Clients


def require_generator(clients: Clients, deployment: Deployment) -> StackState:
    """The generator stack, which knows the bucket, the limits and the log of the deployment."""
    name = deployment.stack_name(GENERATOR)
    state = lookup.find(clients, name)
    if state is None:
        raise StackError(not_deployed(deployment))
    if not state.outputs:
        raise StackError(
            f"Stack {name} is {state.status} and cannot be used yet; "
            f"see `{deployment.command('status')}`."
        )
    return state


def find_portal(clients: Clients, deployment: Deployment) -> StackState | None:
    """The portal stack; None without one that can be used."""
    state = lookup.find(clients, deployment.stack_name(PORTAL))
    return state if state and state.outputs else None


def require_portal(clients: Clients, deployment: Deployment) -> StackState:
    """The portal stack, which knows the links and the log of its functions. Raises StackError."""
    portal = find_portal(clients, deployment)
    if portal is None:
        generator = require_generator(clients, deployment)
        raise StackError(
            f"Stack {generator.name} has no portal; its mails carry links to S3, which nobody can "
            f"list or change. `{deployment.command('deploy')} --with portal` adds one."
        )
    return portal


def require_programs(clients: Clients, deployment: Deployment) -> StackState:
    """The programs stack, which knows the log of its functions. Raises StackError."""
    state = lookup.find(clients, deployment.stack_name(PROGRAMS))
    if state is None or not state.outputs:
        generator = require_generator(clients, deployment)
        raise StackError(
            f"Beside stack {generator.name} there is no API for programs; "
            f"`{deployment.command('deploy')} --with programs` adds one."
        )
    return state


def not_deployed(deployment: Deployment) -> str:
    return (
        f'Nothing is deployed under the name "{deployment.name}" in {deployment.region} of '
        f"account {deployment.account}; check --name, --region and --profile, or deploy it with "
        f"`{deployment.command('deploy')}`."
    )


@dataclass(frozen=True)
class DeployedResource:
    """A resource of a stack, by the template's name for it and by its own."""

    logical_id: str
    type: str
    name: str


def resources_of_type(clients: Clients, stack_id: str, resource_type: str) -> Iterator[str]:
    """The physical names of a stack's resources of one type, those being made included."""
    for resource in resources(clients, stack_id):
        if resource.type == resource_type:
            yield resource.name


def resources(clients: Clients, stack_id: str) -> Iterator[DeployedResource]:
    """All resources of a stack, those being made included."""
    pages = clients.cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=stack_id
    )
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            name = resource.get("PhysicalResourceId")
            gone = resource["ResourceStatus"] == "DELETE_COMPLETE"
            if name and not gone:
                logical_id = resource.get("LogicalResourceId", name)
                yield DeployedResource(logical_id, resource["ResourceType"], name)

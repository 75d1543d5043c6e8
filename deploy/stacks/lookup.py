"""Looks stacks up: what each is, what its status allows, what it holds, and whether one is there.

It only reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import is_missing_stack
from deploy.aws.side_by_side import side_by_side
from deploy.deployment import GENERATOR, MEMBERS, PORTAL, PROGRAMS, SENDER, STACKS, Deployment
from deploy.errors import StackError

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackTypeDef

    from deploy.aws.clients import Clients

# The tag by which the tool marks what it makes, in the bill and in the console, too.
DEPLOYMENT_TAG = "s3link:deployment"

# A change set was made for a stack that does not exist yet, and never executed.
REVIEW = "REVIEW_IN_PROGRESS"

# Statuses from which a stack can only be deleted and created again.
DEAD = frozenset({REVIEW, "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"})
_WELL = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
# The way out is not ours to choose: some resource could not be brought back.
STUCK = "UPDATE_ROLLBACK_FAILED"


@dataclass(frozen=True)
class StackState:
    """A stack as CloudFormation describes it."""

    name: str
    stack_id: str
    status: str
    reason: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    tags: Mapping[str, str]
    is_protected: bool
    role_arn: str | None = None

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on it now."""
        return self.status.endswith("_IN_PROGRESS") and self.status != REVIEW

    @property
    def is_well(self) -> bool:
        """Whether its last operation did what was asked, or may still do so."""
        return self.status in _WELL or self.in_progress

    @property
    def is_dead(self) -> bool:
        return self.status in DEAD


def find_stack(clients: Clients, name_or_id: str) -> StackState | None:
    """The stack, or None when there is none; a deleted stack is found by its id only."""
    try:
        answer = clients.cloudformation.describe_stacks(StackName=name_or_id)
    except ClientError as exc:
        if is_missing_stack(exc):
            return None
        raise
    return _state(answer["Stacks"][0])


def all_stacks(clients: Clients) -> Iterator[StackState]:
    """Every stack of the account and region, whoever made it; nested ones, too."""
    for page in clients.cloudformation.get_paginator("describe_stacks").paginate():
        yield from map(_state, page["Stacks"])


def find_stacks(clients: Clients, deployment: Deployment) -> dict[str, StackState | None]:
    """The deployment's stacks by their kind, optional ones too; None for what does not exist."""
    names = [deployment.stack_name(stack) for stack in STACKS]
    states = side_by_side(partial(find_stack, clients, name) for name in names)
    return {stack.kind: state for stack, state in zip(STACKS, states, strict=True)}


def is_gone(clients: Clients, stack_id: str) -> bool:
    """Whether the stack with this id has been deleted."""
    state = find_stack(clients, stack_id)
    return state is None or state.status == "DELETE_COMPLETE"


def require_generator(clients: Clients, deployment: Deployment) -> StackState:
    """The generator stack, which knows the bucket, the limits and the log of the deployment."""
    found = find_stack(clients, deployment.stack_name(GENERATOR))
    return usable_generator(deployment, found)


def usable_generator(deployment: Deployment, found: StackState | None) -> StackState:
    """What was found, if it is a generator stack that can be used. Raises StackError."""
    if found is None:
        raise StackError(not_deployed(deployment))
    if not found.outputs:
        raise StackError(
            f"Stack {found.name} is {found.status} and cannot be used yet; "
            f"see `{deployment.command('status')}`."
        )
    return found


def find_portal(clients: Clients, deployment: Deployment) -> StackState | None:
    """The portal stack; None without one that can be used."""
    state = find_stack(clients, deployment.stack_name(PORTAL))
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
    state = find_stack(clients, deployment.stack_name(PROGRAMS))
    if state is None or not state.outputs:
        generator = require_generator(clients, deployment)
        raise StackError(
            f"Beside stack {generator.name} there is no API for programs; "
            f"`{deployment.command('deploy')} --with programs` adds one."
        )
    return state


def require_members(clients: Clients, deployment: Deployment) -> StackState:
    """The members stack, which knows the pool, the bucket and the tables. Raises StackError."""
    state = find_stack(clients, deployment.stack_name(MEMBERS))
    if state is None or not state.outputs:
        sender = find_stack(clients, deployment.stack_name(SENDER))
        if sender is None:
            raise StackError(not_deployed(deployment))
        raise StackError(
            f"Beside stack {sender.name} there is no members area; "
            f"`{deployment.command('deploy')} --with members` adds one."
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


@dataclass(frozen=True)
class Missing:
    """A resource that a stack made and that is there no more; `name` is its physical id."""

    stack_name: str
    logical_id: str
    type: str
    name: str

    def __str__(self) -> str:
        what = f"{self.type} {self.name}".strip()
        return f"{self.logical_id} ({what}) of stack {self.stack_name}"


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


def _state(stack: StackTypeDef) -> StackState:
    return StackState(
        name=stack["StackName"],
        stack_id=stack["StackId"],
        status=stack["StackStatus"],
        reason=stack.get("StackStatusReason", ""),
        parameters={
            parameter["ParameterKey"]: parameter["ParameterValue"]
            for parameter in stack.get("Parameters", [])
        },
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        tags={
            tag["Key"]: tag["Value"]
            for tag in stack.get("Tags", [])
            if not tag["Key"].startswith("aws:")  # AWS's own, which nobody else may set
        },
        is_protected=stack.get("EnableTerminationProtection", False),
        role_arn=stack.get("RoleARN"),
    )

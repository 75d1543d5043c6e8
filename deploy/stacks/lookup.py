"""What is known of a stack, and what its status allows. Reads stacks and deletes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import is_missing_stack

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackTypeDef

    from deploy.aws.clients import Clients

# A change set was made for a stack that does not exist yet, and never executed.
REVIEW = "REVIEW_IN_PROGRESS"

# Statuses from which a stack can only be deleted and created again.
DEAD = frozenset({REVIEW, "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"})
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

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on it now."""
        return self.status.endswith("_IN_PROGRESS") and self.status != REVIEW

    @property
    def is_dead(self) -> bool:
        return self.status in DEAD


def find(clients: Clients, name_or_id: str) -> StackState | None:
    """The stack, or None when there is none; a deleted stack is found by its id only."""
    try:
        answer = clients.cloudformation.describe_stacks(StackName=name_or_id)
    except ClientError as exc:
        if is_missing_stack(exc):
            return None
        raise
    return _state(answer["Stacks"][0])


def is_gone(clients: Clients, stack_id: str) -> bool:
    """Whether the stack with this id has been deleted."""
    state = find(clients, stack_id)
    return state is None or state.status == "DELETE_COMPLETE"


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
    )

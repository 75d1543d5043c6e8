"""Which resources of a stack are gone, because somebody deleted them elsewhere.

That is all of drift that is seen here: settings that were changed by hand are not. AWS says of
types that it cannot read that they are UNSUPPORTED; here these are moto's own.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from deploy.aws.presence import is_there
from deploy.local.cloudformation.stack import AccountState, Resource, Stack

REVERT_DRIFT = "REVERT_DRIFT"
IN_SYNC, DELETED, UNSUPPORTED = "IN_SYNC", "DELETED", "UNSUPPORTED"


def drift_of(stack: Stack, state: AccountState) -> dict[str, str]:
    """The drift status of each resource of the stack, by its logical id."""
    return {name: _status(resource, state) for name, resource in stack.resources.items()}


def exists(resource: Resource, state: AccountState) -> bool:
    """Whether it is still there, as far as one can see."""
    return _status(resource, state) != DELETED


def _status(resource: Resource, state: AccountState) -> str:
    name = resource.physical.physical_id
    try:
        there = is_there(state.clients, resource.type_name, name, resource.properties)
    except ClientError:
        there = None
    return {None: UNSUPPORTED, True: IN_SYNC, False: DELETED}[there]

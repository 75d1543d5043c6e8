"""CloudFormation's registry: which types of resources it can make in this region. It only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code

if TYPE_CHECKING:
    from deploy.aws.clients import Clients


def is_registered(clients: Clients, type_name: str) -> bool:
    """Whether CloudFormation has the type here; a service may be there without it."""
    try:
        clients.cloudformation.describe_type(Type="RESOURCE", TypeName=type_name)
    except ClientError as exc:
        if error_code(exc) == "TypeNotFoundException":
            return False
        raise
    return True

"""What a role may do: the policies that it has in IAM at this moment, asked about one request.

For sessions of the role and for what Lambda itself does in the role's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import SECURE, Policy, Request, Verdict, read_policy, verdict

_PARTITION = "aws"


def role_verdict(role_arn: str, request: Request) -> Verdict:
    """What the role's own policies say, within its boundary. Raises UnreadablePolicyError."""
    role = _role(role_arn)
    if role is not None and role.permissions_boundary_arn:
        bounded = verdict(_boundary(role.permissions_boundary_arn), request)
        if bounded is not Verdict.ALLOWED:
            return bounded
    return verdict(_policies(role), request)


def session_verdict(session: Any, request: Request) -> Verdict:
    """The same for moto's `session` of a role, which a policy of its own can narrow."""
    if session.policy:
        narrowed = verdict([read_policy(session.policy)], request)
        if narrowed is not Verdict.ALLOWED:
            return narrowed
    return role_verdict(session.role_arn, request)


def check_role(role_arn: str, action: str, resource: str) -> None:
    """Raises PermissionError unless Lambda, with the function's role, may do it."""
    if role_verdict(role_arn, Request(action, resource, SECURE)) is not Verdict.ALLOWED:
        raise PermissionError(f"{role_arn} may not do {action} on {resource}.")


def _role(role_arn: str) -> Any | None:
    """moto's role; None when it is gone."""
    try:
        return iam_backends[LOCAL_ACCOUNT][_PARTITION].get_role_by_arn(role_arn)
    except NotFoundException:
        return None


def _policies(role: Any | None) -> Iterator[Policy]:
    """Inline and attached ones; of a role that is gone, none."""
    if role is None:
        return
    for text in list(role.policies.values()):
        yield read_policy(text)
    for managed in list(role.managed_policies.values()):
        yield _in_force(managed)


def _boundary(policy_arn: str) -> Iterator[Policy]:
    """The policy that bounds a role; one that is gone allows nothing."""
    managed = iam_backends[LOCAL_ACCOUNT][_PARTITION].managed_policies.get(policy_arn)
    if managed is not None:
        yield _in_force(managed)


def _in_force(managed: Any) -> Policy:
    """The default version of moto's managed policy."""
    [document] = [
        version.document
        for version in managed.versions
        if version.version_id == managed.default_version_id
    ]
    return read_policy(document)

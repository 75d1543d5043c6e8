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
    """What the role's own policies say. Raises UnreadablePolicyError."""
    return verdict(_policies(role_arn), request)


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


def _policies(role_arn: str) -> Iterator[Policy]:
    """Inline and attached ones; of a role that is gone, none."""
    try:
        role = iam_backends[LOCAL_ACCOUNT][_PARTITION].get_role_by_arn(role_arn)
    except NotFoundException:
        return
    for text in list(role.policies.values()):
        yield read_policy(text)
    for managed in list(role.managed_policies.values()):
        for version in managed.versions:
            if version.version_id == managed.default_version_id:
                yield read_policy(version.document)

"""Reads policies, of identities and of resources alike: the one place that says what they mean.

Pure. moto lets everybody do everything; AWS lets them do what policies say.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from deploy.local.iam.conditions import (
    Context,
    UnreadablePolicyError,
    holds,
    like,
    listed,
    readable,
)

Policy = Mapping[str, Any]

# AWS would see every request come over TLS: here they come over plain HTTP, but never leave
# this machine.
SECURE: Context = {"aws:securetransport": "true"}


class Verdict(Enum):
    """What policies say to a request."""

    ALLOWED = "allowed"
    DENIED = "denied"  # by a statement: no other policy can allow it any more
    SILENT = "silent"


@dataclass(frozen=True)
class Request:
    """One action on one resource.

    `principals` are the names by which a resource's policy knows who asks.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict)
    principals: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def read_policy(text: str) -> Policy:
    """The policy, which nobody may change: it is kept."""
    policy: Policy = json.loads(text)
    return policy


def verdict(policies: Iterable[Policy], request: Request) -> Verdict:
    """A denial counts first. Raises UnreadablePolicyError."""
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in listed(policy["Statement"])
        if _applies(statement, request)
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if effects else Verdict.SILENT


def lets_service(
    policy: Policy, service: str, action: str, resource: str, source_arn: str, account: str
) -> bool:
    """Whether a resource's policy lets an AWS service do it on behalf of `source_arn`."""
    context = {
        **SECURE,
        "aws:sourcearn": source_arn,
        "aws:sourceaccount": account,
        "aws:sourceowner": account,
    }
    request = Request(action, resource, context, frozenset({service}))
    return verdict([policy], request) is Verdict.ALLOWED


def _applies(statement: Policy, request: Request) -> bool:
    return (
        _concerns_principal(statement, request.principals)
        and _concerns(statement, "Action", request.action.lower(), str.lower)
        and _concerns(statement, "Resource", request.resource, str)
        and holds(statement.get("Condition", {}), request.context)
    )


def _concerns(statement: Policy, element: str, actual: str, spelling: Callable[[str], str]) -> bool:
    name = element if element in statement else f"Not{element}"
    patterns = [spelling(readable(pattern)) for pattern in listed(statement[name])]
    return any(like(actual, pattern) for pattern in patterns) == (name == element)


def _concerns_principal(statement: Policy, principals: frozenset[str]) -> bool:
    if "NotPrincipal" in statement:
        raise UnreadablePolicyError("The embedded AWS does not know NotPrincipal.")
    # The policy of an identity does not say whom it is about.
    principal = statement.get("Principal", "*")
    if principal == "*":
        return True
    # A service in the account's name is let in by the default policies of topics.
    named = {*listed(principal.get("AWS", [])), *listed(principal.get("Service", []))}
    return not named.isdisjoint({"*", *principals})

"""Reads resource policies, as far as an AWS service must be let in by one. Pure.

moto lets every service do everything; AWS lets it do what the resource's policy says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_PATTERNS = frozenset({"StringLike", "ArnLike", "ArnEquals"})


@dataclass(frozen=True)
class ServiceRequest:
    """A service that wants to do something to a resource, on behalf of `source_arn`."""

    service: str
    action: str
    resource: str
    source_arn: str
    account: str

    def context(self) -> dict[str, str]:
        return {
            "aws:sourcearn": self.source_arn,
            "aws:sourceaccount": self.account,
            "aws:sourceowner": self.account,
            "aws:securetransport": "true",
        }


def allows(policy: Mapping[str, Any], request: ServiceRequest) -> bool:
    """Whether a statement allows the request and none denies it."""
    effects = {
        statement["Effect"]
        for statement in _listed(policy["Statement"])
        if _applies(statement, request)
    }
    return effects == {"Allow"}


def _applies(statement: Mapping[str, Any], request: ServiceRequest) -> bool:
    return (
        _concerns_principal(statement["Principal"], request.service)
        and any(_matches(request.action, action) for action in _listed(statement["Action"]))
        and any(_matches(request.resource, one) for one in _listed(statement["Resource"]))
        and all(
            _holds(operator, keys, request.context())
            for operator, keys in statement.get("Condition", {}).items()
        )
    )


def _concerns_principal(principal: Any, service: str) -> bool:
    if principal == "*":
        return True
    # A service in the account's name is let in by the default policies of topics.
    return service in _listed(principal.get("Service", [])) or "*" in _listed(
        principal.get("AWS", [])
    )


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    for key, wanted in keys.items():
        actual = context.get(key.lower())
        values = [
            str(value).lower() if value in (True, False) else value for value in _listed(wanted)
        ]
        if actual is None:
            return False
        if operator in _PATTERNS and not any(fnmatchcase(actual, value) for value in values):
            return False
        if operator in ("StringEquals", "Bool") and actual not in values:
            return False
        if operator not in _PATTERNS | {"StringEquals", "Bool"}:
            raise ValueError(f"The embedded AWS does not know the condition {operator}.")
    return True


def _matches(actual: str, pattern: str) -> bool:
    return fnmatchcase(actual.lower(), pattern.lower())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

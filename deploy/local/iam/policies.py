"""Reads policies, of identities and of resources alike: the one place that says what they mean.

Pure. moto lets everybody do everything; AWS lets them do what policies say. What cannot be read is
an error: neither true nor false would be AWS's answer.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Any

# What is known of a request, by condition keys in small letters; some keys have several values.
Context = Mapping[str, str | tuple[str, ...]]
_Test = Callable[[str, str], bool]  # of the request's value and of one that the policy names

_WITHOUT_NOT = ("Bool", "NumericNotGreater", "NumericNotLess")
Policy = Mapping[str, Any]
# AWS would see every request come over TLS: here they come over plain HTTP, but never leave
# this machine.
SECURE: Context = {"aws:securetransport": "true"}


class UnreadablePolicyError(ValueError):
    """The policy has something that AWS reads and the embedded AWS does not."""


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether every condition holds. Raises UnreadablePolicyError."""
    return all(
        _holds(operator, context.get(key.lower()), [_text(value) for value in listed(wanted)])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def listed(value: Any) -> list[Any]:
    """Wherever a policy may have a list, it may have its only element alone."""
    return value if isinstance(value, list) else [value]


def like(actual: str, pattern: str) -> bool:
    """`*` stands for any characters, `?` for one, and everything else for itself."""
    return bool(_compiled(pattern).fullmatch(actual))


def readable(text: str) -> str:
    """The text itself. Raises UnreadablePolicyError when it has variables."""
    if "${" in text:
        raise UnreadablePolicyError(f"The embedded AWS does not know the variable in {text}.")
    return text


def _holds(operator: str, actual: str | tuple[str, ...] | None, wanted: list[str]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise _unknown(operator)
    if name == "Null":
        return any((value == "true") == (actual is None) for value in wanted)
    base = name.removesuffix("IfExists")
    negated = "Not" in base
    test = _TESTS.get(base.replace("Not", ""))
    if test is None or (negated and base.startswith(_WITHOUT_NOT)):
        raise _unknown(operator)
    if actual is None:
        return negated or name.endswith("IfExists") or quantifier == "ForAllValues"
    values = [actual] if isinstance(actual, str) else list(actual)
    each = [any(test(value, one) for one in wanted) != negated for value in values]
    # A value that is not wanted must be none of several, a wanted one is any of them.
    is_all = quantifier == "ForAllValues" or (not quantifier and negated)
    return all(each) if is_all else any(each)


def _unknown(operator: str) -> UnreadablePolicyError:
    return UnreadablePolicyError(f"The embedded AWS does not know the condition {operator}.")


def _text(value: Any) -> str:
    """A policy may have true and 5 for "true" and "5"."""
    return readable(str(value).lower() if isinstance(value, bool) else str(value))


def _number(compare: Callable[[Decimal, Decimal], bool]) -> _Test:
    def test(actual: str, wanted: str) -> bool:
        try:
            return compare(Decimal(actual), Decimal(wanted))
        except InvalidOperation:
            return False

    return test


def _like_arn(actual: str, pattern: str) -> bool:
    """Each of an ARN's six parts by itself."""
    parts, patterns = actual.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(like, parts, patterns))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)


_TESTS: dict[str, _Test] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": like,
    "ArnEquals": _like_arn,
    "ArnLike": _like_arn,
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
    "NumericEquals": _number(lambda actual, wanted: actual == wanted),
    "NumericGreaterThan": _number(lambda actual, wanted: actual > wanted),
    "NumericGreaterThanEquals": _number(lambda actual, wanted: actual >= wanted),
    "NumericLessThan": _number(lambda actual, wanted: actual < wanted),
    "NumericLessThanEquals": _number(lambda actual, wanted: actual <= wanted),
}


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
        "aws:principalisawsservice": "true",
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

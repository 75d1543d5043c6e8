"""Reads what a resource permits from its properties: one entry a statement. Pure.

IAM's own resources are read, policies of buckets, topics and queues, and who may invoke a function.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# The parts of a statement by AWS's own names, such as Effect, Action, Condition/Bool/aws:…
Parts = Mapping[str, tuple[str, ...]]
# The policy and the statement in it; either may be empty where there is but one.
Place = tuple[str, str]

# Whoever may change these grants nothing with it.
NO_PERMISSIONS = frozenset({"Description", "Tags"})

_RESOURCE_POLICIES = frozenset(
    {"AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}
)
_INVOCATION = "AWS::Lambda::Permission"
_TRUST = "trust policy"


def permits(type_name: str) -> bool:
    """Whether resources of this type say who may do what."""
    return (
        type_name.startswith("AWS::IAM::")
        or type_name in _RESOURCE_POLICIES
        or type_name == _INVOCATION
    )


def statements_of(type_name: str, properties: Mapping[str, Any]) -> dict[Place, Parts]:
    """Every statement, and every other property that matters as an entry of its own."""
    if type_name == _INVOCATION:
        return {("", ""): _invocation(properties)}
    return dict(_entries(properties))


def _entries(properties: Mapping[str, Any]) -> Iterator[tuple[Place, Parts]]:
    for name, value in properties.items():
        if name == "AssumeRolePolicyDocument":
            yield from _policy(_TRUST, value)
        elif name == "PolicyDocument":
            yield from _policy("", value)
        elif name == "Policies" and isinstance(value, list):
            for policy in value:
                yield from _inline_policy(policy)
        elif name not in NO_PERMISSIONS:
            yield ("", name), {name: _texts(value)}


def _inline_policy(policy: Any) -> Iterator[tuple[Place, Parts]]:
    if isinstance(policy, Mapping):
        yield from _policy(str(policy.get("PolicyName", "")), policy.get("PolicyDocument"))
    else:  # not known before it is done
        yield ("Policies", ""), {"Policies": _texts(policy)}


def _policy(name: str, document: Any) -> Iterator[tuple[Place, Parts]]:
    statements = document.get("Statement") if isinstance(document, Mapping) else document
    for number, statement in enumerate(
        statements if isinstance(statements, list) else [statements], 1
    ):
        if isinstance(statement, Mapping):
            yield (name, statement.get("Sid") or f"statement {number}"), _parts(statement)
        else:
            yield (name, f"statement {number}"), {"Statement": _texts(statement)}


def _parts(statement: Mapping[str, Any]) -> Parts:
    parts = {
        name: _texts(value) for name, value in statement.items() if name not in ("Sid", "Condition")
    }
    for operator, keys in statement.get("Condition", {}).items():
        parts |= {f"Condition/{operator}/{key}": _texts(value) for key, value in keys.items()}
    return parts


def _invocation(properties: Mapping[str, Any]) -> Parts:
    """As the statement that Lambda makes of it in the function's own policy."""
    own = {"Action", "FunctionName", "Principal"}
    conditions = {
        f"Condition/{name}": _texts(value) for name, value in properties.items() if name not in own
    }
    return {
        "Effect": ("Allow",),
        "Action": _texts(properties.get("Action")),
        "Resource": _texts(properties.get("FunctionName")),
        "Principal": _texts(properties.get("Principal")),
        **conditions,
    }


def _texts(value: Any) -> tuple[str, ...]:
    """A value or a list of them as texts; of principals each with its kind."""
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case list():
            return tuple(text for each in value for text in _texts(each))
        case Mapping():
            return tuple(f"{kind} {text}" for kind, of in value.items() for text in _texts(of))
    return (json.dumps(value),)

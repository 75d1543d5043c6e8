"""Lets moto read a bucket policy's conditions: it refuses everybody where one does not hold.

On AWS a statement whose condition does not hold says nothing at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from deploy.local.replacement import replaced

# What is known of a request to S3. It comes over plain HTTP, but never leaves this machine, and
# AWS would see it come over TLS.
_REQUEST = {"aws:SecureTransport": "true"}


@contextmanager
def conditions_read() -> Iterator[None]:
    """Bucket policies apply as on AWS inside the block."""
    with replaced(FakeBucket, "get_permission", _get_permission):
        yield


def _get_permission(bucket: Any, action: str, resource: str) -> Any:
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    applying = [
        {name: value for name, value in statement.items() if name != "Condition"}
        for statement in listed
        if _holds(statement.get("Condition", {}))
    ]
    return IAMPolicy(json.dumps({**policy, "Statement": applying})).is_action_permitted(
        action, resource
    )


def _holds(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether it holds for a request of which nothing else is known; negations are not read."""
    return all(
        _REQUEST.get(key) == str(wanted).lower()
        for keys in condition.values()
        for key, wanted in keys.items()
    )

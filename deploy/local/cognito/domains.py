"""Prefix domains of pools and the look of their login pages. Raises Cognito's own errors.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError

from deploy.local.cognito.pools import UserPool

MANAGED_LOGIN = 2  # ManagedLoginVersion; 1 is the classic hosted UI
_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = ("aws", "amazon", "cognito")


def check_domain(prefix: str, pool: UserPool, domains: Mapping[str, Any]) -> None:
    """Raises InvalidParameterException unless the pool may have the domain. `domains`: all."""
    if not _PREFIX.fullmatch(prefix):
        raise InvalidParameterException(f"Domain {prefix} does not have a valid form.")
    for word in _RESERVED:
        if word in prefix:
            raise InvalidParameterException(f"Domain cannot contain reserved word: {word}")
    if prefix in domains:
        raise InvalidParameterException("Domain already associated with another user pool.")
    if pool.domain:
        raise InvalidParameterException("User pool already has a domain configured.")


def login_is_broken(pool: UserPool, client_id: str) -> bool:
    """Managed login without a branding for the client shows an error instead of its pages."""
    version = getattr(pool.domain, "managed_login_version", 1)
    return version == MANAGED_LOGIN and client_id not in pool.brandings


def create_branding(pool: UserPool, given: Mapping[str, Any]) -> dict[str, Any]:
    client_id = given["ClientId"]
    if pool.client(client_id) is None:
        raise ResourceNotFoundError(f"User pool client {client_id} does not exist.")
    if client_id in pool.brandings:
        raise InvalidParameterException("Managed login branding already exists for this client.")
    now = datetime.now(UTC)
    branding = {
        "ManagedLoginBrandingId": str(uuid4()),
        "UserPoolId": pool.id,
        "UseCognitoProvidedValues": given.get("UseCognitoProvidedValues", False),
        "CreationDate": now,
        "LastModifiedDate": now,
    }
    pool.brandings[client_id] = branding
    return branding


def find_branding(pool: UserPool, branding_id: str) -> tuple[str, dict[str, Any]]:
    """The client that a branding is for, and the branding. Raises ResourceNotFoundError."""
    for client_id, branding in pool.brandings.items():
        if branding["ManagedLoginBrandingId"] == branding_id:
            return client_id, branding
    raise ResourceNotFoundError(f"Managed login branding {branding_id} does not exist.")

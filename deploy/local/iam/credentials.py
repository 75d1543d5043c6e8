"""The access keys that the embedded AWS knows: the operator's, IAM users' and role sessions'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT, LOCAL_SECRET_KEY

# What users observe of a function's role credentials; AWS documents nothing (boto3 issue 2392).
ROLE_SESSION_DURATION = timedelta(hours=12)

_PARTITION = "aws"


@dataclass(frozen=True)
class Keys:
    """One pair of keys; with a session token when they belong to a session, which ends."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires: datetime | None = None


def find_keys(access_key_id: str) -> Keys | None:
    """The keys with this id; None when nobody has them, or IAM has switched them off."""
    if access_key_id == LOCAL_ACCESS_KEY:
        return Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)
    session = find_session(access_key_id)
    if session:
        return _session_keys(session)
    user_key = iam_backends[LOCAL_ACCOUNT][_PARTITION].access_keys.get(access_key_id)
    if user_key and user_key.status == "Active":
        return Keys(access_key_id, user_key.secret_access_key)
    return None


def find_session(access_key_id: str) -> Any | None:
    """moto's role session with these keys; None when they are no session's."""
    return sts_backends[LOCAL_ACCOUNT][_PARTITION].get_assumed_role_from_access_key(access_key_id)


def assume(role: str, session_name: str, region: str) -> Keys:
    """Open a session of the function's role, as Lambda does for each of its processes."""
    session = sts_backends[LOCAL_ACCOUNT][_PARTITION].assume_role(
        region_name=region,
        role_session_name=session_name,
        role_arn=role,
        policy=None,
        duration=int(ROLE_SESSION_DURATION.total_seconds()),
        external_id=None,
    )
    return _session_keys(session)


def _session_keys(session: Any) -> Keys:
    """moto keeps the moment of the end without a time zone; it is UTC."""
    return Keys(
        session.access_key_id,
        session.secret_access_key,
        session.session_token,
        session.expiration.replace(tzinfo=UTC),
    )

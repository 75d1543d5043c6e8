"""Sign-in by API calls (InitiateAuth and its like): moto's, without the ways in that AWS has not.

moto obeys no ExplicitAuthFlows, takes any password by SRP and any code for an authenticator app's,
gives tokens to who has not set such an app up yet, and lets a challenge be answered for others.
"""

from __future__ import annotations

from typing import Any, Protocol

from moto.cognitoidp.exceptions import (
    CodeMismatchException,
    InvalidParameterException,
    NotAuthorizedError,
)

from deploy.local.cognito.pools import UserPool
from deploy.local.cognito.totp import Totp

_TOTP = "SOFTWARE_TOKEN_MFA"


class Sessions(Protocol):
    """moto's backend, as far as it is needed here."""

    sessions: dict[str, tuple[str, Any]]
    user_pools: dict[str, Any]


def check_flow(pool: UserPool | None, client_id: str, flow: str) -> None:
    """Raises what Cognito answers when the client may not have this AuthFlow."""
    client = pool.client(client_id) if pool else None
    if client and not client.has_flow(flow):
        raise InvalidParameterException(f"{flow} flow not enabled for this client")
    if flow == "USER_SRP_AUTH":
        raise NotAuthorizedError("The embedded AWS has no SRP; sign in at the login page.")


def check_answer(backend: Sessions, session: str, name: str, answers: dict[str, str]) -> None:
    """Raises what Cognito answers to a challenge that is not met."""
    if session not in backend.sessions or name == "PASSWORD_VERIFIER":
        raise NotAuthorizedError("Invalid session for the user.")
    signed_in, pool = backend.sessions[session]
    user = pool.user(signed_in)
    answers_for = pool.user(answers.get("USERNAME") or signed_in)
    if user is None or answers_for is not user:
        raise NotAuthorizedError("Invalid session for the user.")
    if name == "MFA_SETUP" and not user.token_verified:
        raise NotAuthorizedError("Invalid session for the user.")
    if name == _TOTP:
        _check_code(pool, user, answers.get(f"{_TOTP}_CODE", ""))


def associate(backend: Sessions, access_token: str | None, session: str | None) -> str:
    """A new secret for an authenticator app."""
    pool, user = _person(backend, access_token, session)
    totp = pool.totp[user.id] = Totp()
    return totp.secret


def verify(backend: Sessions, access_token: str | None, session: str | None, code: str) -> None:
    """From now on the app counts, if this is its code."""
    pool, user = _person(backend, access_token, session)
    _check_code(pool, user, code)
    user.token_verified = True


def _person(
    backend: Sessions, access_token: str | None, session: str | None
) -> tuple[UserPool, Any]:
    if session and session in backend.sessions:
        name, pool = backend.sessions[session]
        return pool, pool.user(name)
    for pool in backend.user_pools.values():
        if access_token and access_token in pool.access_tokens:
            return pool, pool.user(pool.access_tokens[access_token][1])
    raise NotAuthorizedError("Invalid Access Token")


def _check_code(pool: UserPool, user: Any, code: str) -> None:
    totp = pool.totp.get(user.id)
    if totp is None or not totp.accepts(code, pool.now):
        raise CodeMismatchException("Invalid code received for user")

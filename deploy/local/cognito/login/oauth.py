"""The endpoints that clients call: tokens for codes and refresh tokens, revocation, discovery.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from moto.cognitoidp.models import UserStatus

from deploy.local.cognito.clients import Client
from deploy.local.cognito.grants import Grant, Session
from deploy.local.cognito.pools import UserPool


class OAuthError(Exception):
    """The message is OAuth's word for what is wrong (RFC 6749, 5.2)."""


def discovery(pool: UserPool) -> dict[str, Any]:
    """The openid-configuration."""
    oauth2 = f"{pool.issuer}/oauth2"
    return {
        "authorization_endpoint": f"{oauth2}/authorize",
        "end_session_endpoint": f"{pool.issuer}/logout",
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": pool.issuer,
        "jwks_uri": f"{pool.issuer}/.well-known/jwks.json",
        "response_types_supported": ["code"],
        "revocation_endpoint": f"{oauth2}/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{oauth2}/token",
        "token_endpoint_auth_methods_supported": ["none"],
    }


def tokens(pool: UserPool, form: Mapping[str, str]) -> dict[str, Any]:
    """The token endpoint's answer. Raises OAuthError."""
    client = _public_client(pool, form.get("client_id", ""))
    match form.get("grant_type"):
        case "authorization_code":
            return _tokens_for_code(pool, client, form)
        case "refresh_token":
            return _tokens_for_refresh(pool, client, form.get("refresh_token", ""))
    raise OAuthError("unsupported_grant_type")


def revoke(pool: UserPool, form: Mapping[str, str]) -> None:
    """End the whole session of a refresh token. Raises OAuthError."""
    client, token = _public_client(pool, form.get("client_id", "")), form.get("token")
    if not token:
        raise OAuthError("invalid_request")
    if token.count(".") == 2:  # an access or ID token; a refresh token has no dots
        raise OAuthError("unsupported_token_type")
    pool.revoke(token, client.id)


def may_have_tokens(pool: UserPool, sub: str) -> bool:
    user = pool.user(sub)
    return bool(user and user.enabled and user.status is UserStatus.CONFIRMED)


def _tokens_for_code(pool: UserPool, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
    grant = pool.grants.redeem_code(form.get("code", ""), pool.now)
    if grant is None or not _is_for(grant, client, form):
        raise OAuthError("invalid_grant")
    if not may_have_tokens(pool, grant.login.sub):
        raise OAuthError("invalid_grant")
    lifetime = client.lifetime("Refresh")
    session, refresh_token = pool.grants.open_session(grant, lifetime, pool.now)
    return {**_answer(pool, session), "refresh_token": refresh_token}


def _is_for(grant: Grant, client: Client, form: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=")
    same_place = (grant.client_id, grant.redirect_uri) == (client.id, form.get("redirect_uri"))
    return same_place and hmac.compare_digest(challenge, grant.challenge.encode())


def _tokens_for_refresh(pool: UserPool, client: Client, token: str) -> dict[str, Any]:
    session = pool.grants.session(token, client.id, pool.now)
    if session is None or not may_have_tokens(pool, session.grant.login.sub):
        raise OAuthError("invalid_grant")
    answer = _answer(pool, session)
    if client.rotates:
        answer["refresh_token"] = pool.grants.rotate(token, client.grace, pool.now)
    return answer


def _answer(pool: UserPool, session: Session) -> dict[str, Any]:
    access_token, seconds = pool.access_token(session)
    answer = {"access_token": access_token, "expires_in": seconds, "token_type": "Bearer"}
    if "openid" in session.grant.scopes:
        answer["id_token"] = pool.id_token(session)
    return answer


def _public_client(pool: UserPool, client_id: str) -> Client:
    """Of clients with a secret the embedded AWS knows nothing."""
    client = pool.client(client_id)
    if client is None or pool.clients[client_id].generate_secret:
        raise OAuthError("invalid_client")
    return client

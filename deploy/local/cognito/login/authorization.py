"""What a client asks of the authorization endpoint, checked; and where its answer goes. Pure.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from deploy.local.cognito.clients import Client
from deploy.local.cognito.pools import UserPool

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 in base64url


class UntrustedRequestError(Exception):
    """Nobody knows that the answer would reach the client: the message is for the person."""


class RefusedRequestError(Exception):
    """The client may not have what it asks for; `location` tells it why."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


@dataclass(frozen=True)
class AuthorizationRequest:
    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str | None
    state: str | None

    @property
    def origin(self) -> str:
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def location(self, **answer: str) -> str:
        return _location(self.redirect_uri, self.state, answer)


def read_authorization_request(pool: UserPool, query: Mapping[str, str]) -> AuthorizationRequest:
    """Raises UntrustedRequestError and RefusedRequestError."""
    client = _client(pool, query.get("client_id", ""))
    redirect_uri, state = query.get("redirect_uri", ""), query.get("state")
    if redirect_uri not in client.callback_urls:
        raise UntrustedRequestError("This address is none that the application comes back to.")

    def refuse(error: str, description: str) -> RefusedRequestError:
        answer = {"error": error, "error_description": description}
        return RefusedRequestError(_location(redirect_uri, state, answer))

    if query.get("response_type") != "code" or not client.has_code_flow:
        raise refuse("unauthorized_client", "unauthorized_client")
    scopes = tuple(query.get("scope", "").split()) or tuple(client.scopes)
    if not set(scopes) <= set(client.scopes):
        raise refuse("invalid_scope", "invalid_scope")
    challenge = query.get("code_challenge", "")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise refuse("invalid_request", "code_challenge with code_challenge_method S256 needed")
    return AuthorizationRequest(client, redirect_uri, scopes, challenge, query.get("nonce"), state)


def check_logout(pool: UserPool, query: Mapping[str, str]) -> str:
    """Where to go after signing out. Raises UntrustedRequestError."""
    client = _client(pool, query.get("client_id", ""))
    logout_uri = query.get("logout_uri", "")
    if logout_uri not in client.logout_urls:
        raise UntrustedRequestError("This address is none that the application signs out to.")
    return logout_uri


def _client(pool: UserPool, client_id: str) -> Client:
    client = pool.client(client_id)
    if client is None:
        raise UntrustedRequestError("There is no such application here.")
    return client


def _location(redirect_uri: str, state: str | None, answer: Mapping[str, str]) -> str:
    given = {**answer, **({} if state is None else {"state": state})}
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(given)}"

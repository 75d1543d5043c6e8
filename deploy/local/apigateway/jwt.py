"""JWT authorizers: who comes with a token of the issuer. joserfc checks it with the issuer's keys.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from deploy.local import LOCAL_HOST
from deploy.local.apigateway.answers import forbidden, unauthorized
from deploy.local.apigateway.requests import ApiRequest

_ALGORITHMS = ["RS256", "RS384", "RS512"]  # API Gateway takes RSA only
_DISCOVERY = "/.well-known/openid-configuration"
_PATIENCE = 3.0  # seconds


class IssuerError(Exception):
    """The issuer's keys cannot be had; the message says why."""


class Issuers:
    """The keys of issuers, kept until a token comes with one that is not among them."""

    def __init__(self) -> None:
        self._keys: dict[str, KeySet] = {}
        self._lock = Lock()

    def keys(self, issuer: str, afresh: bool = False) -> KeySet:
        """Raises IssuerError."""
        with self._lock:
            if afresh or issuer not in self._keys:
                self._keys[issuer] = fetch_keys(issuer)
            return self._keys[issuer]


def fetch_keys(issuer: str) -> KeySet:
    """As API Gateway finds them. Raises IssuerError."""
    try:
        discovered = _fetch(f"{issuer}{_DISCOVERY}")
        if discovered["issuer"] != issuer:
            raise IssuerError(f"Invalid issuer: {issuer} calls itself {discovered['issuer']}.")
        return KeySet.import_key_set(_fetch(discovered["jwks_uri"]))
    except (OSError, ValueError, KeyError, TypeError, JoseError) as exc:
        raise IssuerError(
            f"Invalid issuer: {issuer}. Issuer must have a valid discovery endpoint ended with "
            f"'{_DISCOVERY}'"
        ) from exc


def _fetch(url: str) -> Any:
    if urlsplit(url).scheme != "http" or urlsplit(url).hostname != LOCAL_HOST:
        raise ValueError("the embedded AWS knows no issuer but its own")
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - checked above
        return json.load(answer)


def authorize_by_jwt(
    token: str,
    configuration: Mapping[str, Any],
    scopes: Sequence[str],
    request: ApiRequest,
    issuers: Issuers,
) -> dict[str, Any]:
    """What the event says of who has the token. `scopes`: of the route. Raises ApiError."""
    claims = _signed_claims(token.removeprefix("Bearer "), configuration["issuer"], issuers)
    now = int(request.at.timestamp())
    try:
        jwt.JWTClaimsRegistry(
            now=now,
            iss={"essential": True, "value": configuration["issuer"]},
            exp={"essential": True},
        ).validate(claims)
    except JoseError as exc:
        raise unauthorized(str(exc)) from exc
    audience = claims["aud"] if "aud" in claims else claims.get("client_id")
    named = set(audience if isinstance(audience, list) else [audience])
    if not named & set(configuration.get("audience", [])):
        raise unauthorized("The token is for somebody else.")
    if scopes and not set(scopes) & _scopes(claims):
        raise forbidden("The token has none of the route's scopes.")
    told = {name: _text(value) for name, value in claims.items()}
    return {"jwt": {"claims": told, "scopes": list(scopes) or None}}


def _signed_claims(token: str, issuer: str, issuers: Issuers) -> dict[str, Any]:
    try:
        try:
            return jwt.decode(token, issuers.keys(issuer), _ALGORITHMS).claims
        except InvalidKeyIdError:
            return jwt.decode(token, issuers.keys(issuer, afresh=True), _ALGORITHMS).claims
    except (JoseError, ValueError, IssuerError) as exc:
        raise unauthorized(str(exc)) from exc


def _scopes(claims: Mapping[str, Any]) -> set[str]:
    given = claims.get("scope", claims.get("scp")) or ""
    return set(given.split() if isinstance(given, str) else given)


def _text(value: Any) -> str:
    """Functions get every claim as a text, lists in brackets without commas."""
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)

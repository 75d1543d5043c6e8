"""Tokens that nobody has been given: what an attacker, or a mistake, might come with."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]


def signed(key: RSAKey, claims: Claims, **header: Any) -> str:
    """By whoever has the key."""
    return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key)


def unsigned(claims: Claims) -> str:
    return f"{_joined({'alg': 'none', 'typ': 'JWT'}, claims)}."


def signed_with_the_public_key(key: RSAKey, claims: Claims) -> str:
    """As with a shared secret; by hand, because joserfc refuses to do it."""
    text = _joined({"alg": "HS256", "kid": key.kid}, claims)
    return f"{text}.{_encoded(hmac.digest(key.as_pem(private=False), text.encode(), 'sha256'))}"


def tampered(token: str, claims: Claims) -> str:
    """With other claims between the token's own header and signature."""
    header, _, signature = token.split(".")
    return f"{header}.{_encoded(json.dumps(claims).encode())}.{signature}"


def _joined(*parts: Claims) -> str:
    return ".".join(_encoded(json.dumps(part).encode()) for part in parts)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

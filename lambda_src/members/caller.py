"""Who asks: from the claims of the access token, whose signature, issuer, audience and end API
Gateway has checked. It takes ID tokens as well, so what makes an access token is checked here.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from members.errors import NotAllowed, NotSignedIn

SCOPE = "s3link-members/use"
MEMBERS, ADMINS = "members", "admins"

_NO_MEMBER = "You are signed in, but not a member here; ask whoever invited you."

# Cognito's own are UUIDs; a key of DynamoDB holds 2,048 bytes.
_LONGEST_CLAIM = 256  # characters


@dataclass(frozen=True)
class Caller:
    """`session` is what all tokens of one sign-in share, `signed_in_at` its time (epoch s)."""

    member_id: str
    session: str
    signed_in_at: int
    is_admin: bool


def caller_of(claims: Mapping[str, object], client_id: str) -> Caller:
    """Raises NotSignedIn for another token than ours, NotAllowed for somebody without a group."""
    if claims.get("token_use") != "access":
        raise NotSignedIn("the token is no access token")
    if claims.get("client_id") != client_id:
        raise NotSignedIn("the token is of another client")
    if SCOPE not in _text(claims, "scope").split(" "):
        raise NotSignedIn("the token has not the scope")
    groups = _groups(claims.get("cognito:groups"))
    caller = Caller(
        member_id=_text(claims, "sub"),
        session=_text(claims, "origin_jti"),
        signed_in_at=_seconds(claims, "auth_time"),
        is_admin=ADMINS in groups,
    )
    if not groups & {MEMBERS, ADMINS}:
        raise NotAllowed(_NO_MEMBER, "they are in no group")
    return caller


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or len(value) > _LONGEST_CLAIM:
        raise NotSignedIn(f"the token has no {name}")
    return value


def _seconds(claims: Mapping[str, object], name: str) -> int:
    """API Gateway passes all claims on as text."""
    text = str(claims.get(name))
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise NotSignedIn(f"the token has no {name}")
    return int(text)


def _groups(claim: object) -> frozenset[str]:
    """API Gateway writes the list as "[admins members]"; no group's name has a space in it."""
    if isinstance(claim, str) and claim[:1] == "[" and claim[-1:] == "]":
        return frozenset(claim[1:-1].split(" "))
    if isinstance(claim, list):
        return frozenset(one for one in claim if isinstance(one, str))
    return frozenset()

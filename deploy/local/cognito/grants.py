"""What a pool has granted: sign-ins at its pages, authorization codes, sessions of clients. Pure.

Times are seconds since the epoch. Whether somebody still exists is for the caller to ask.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

LOGIN_SECONDS = 3600  # Cognito's: a sign-in at the pages needs no password for so long
_CODE_SECONDS = 300  # Cognito's


@dataclass(frozen=True)
class Login:
    """Somebody has signed in at the pages. `sub` is who, `auth_time` when."""

    sub: str
    auth_time: int


@dataclass(frozen=True)
class Grant:
    """What an authorization code stands for."""

    login: Login
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    nonce: str | None


@dataclass
class Session:
    """What one code has opened; every token of it has the same `origin_jti`."""

    grant: Grant
    ends: int
    origin_jti: str = field(default_factory=lambda: str(uuid4()))
    event_id: str = field(default_factory=lambda: str(uuid4()))
    is_revoked: bool = False


@dataclass
class _RefreshToken:
    session: Session
    ends: int  # earlier than the session when another token has taken its place


class Grants:
    """Everything of one pool. Safe to use from several threads."""

    def __init__(self) -> None:
        self._logins: dict[str, Login] = {}
        self._codes: dict[str, tuple[Grant, int]] = {}
        self._refresh_tokens: dict[str, _RefreshToken] = {}
        self._lock = Lock()

    def sign_in(self, sub: str, now: int) -> tuple[str, Login]:
        """The cookie's value of a new sign-in, and the sign-in."""
        token, login = _token(), Login(sub, now)
        self._logins[token] = login
        return token, login

    def login(self, token: str, now: int) -> Login | None:
        login = self._logins.get(token)
        return login if login and now < login.auth_time + LOGIN_SECONDS else None

    def sign_out(self, token: str) -> None:
        self._logins.pop(token, None)

    def issue_code(self, grant: Grant, now: int) -> str:
        code = _token()
        self._codes[code] = (grant, now + _CODE_SECONDS)
        return code

    def redeem_code(self, code: str, now: int) -> Grant | None:
        """What the code stands for: once, and not for long."""
        grant, ends = self._codes.pop(code, (None, 0))
        return grant if now < ends else None

    def open_session(self, grant: Grant, lifetime: int, now: int) -> tuple[Session, str]:
        """A new session, and its refresh token."""
        session = Session(grant, now + lifetime)
        return session, self._refresh_token(session)

    def session(self, token: str, client_id: str, now: int) -> Session | None:
        """The session of a refresh token that this client may use now."""
        known = self._refresh_tokens.get(token)
        if known is None or known.session.grant.client_id != client_id:
            return None
        is_over = known.session.is_revoked or now >= known.ends
        return None if is_over else known.session

    def rotate(self, token: str, grace: int, now: int) -> str:
        """A new refresh token in the place of one that `session` has found."""
        with self._lock:
            known = self._refresh_tokens[token]
            known.ends = min(known.ends, now + grace)
        return self._refresh_token(known.session)

    def revoke(self, token: str, client_id: str) -> bool:
        """End the whole session of a refresh token; whether the client had one."""
        known = self._refresh_tokens.get(token)
        if known is None or known.session.grant.client_id != client_id:
            return False
        known.session.is_revoked = True
        return True

    def revoke_all(self, sub: str) -> None:
        """End all of somebody's sessions; as on AWS they stay signed in at the pages."""
        for known in list(self._refresh_tokens.values()):
            if known.session.grant.login.sub == sub:
                known.session.is_revoked = True

    def _refresh_token(self, session: Session) -> str:
        token = _token()
        self._refresh_tokens[token] = _RefreshToken(session, session.ends)
        return token


def _token() -> str:
    return secrets.token_urlsafe(32)

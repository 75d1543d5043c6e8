"""Signing in at the pages, step by step: password, a new one, an authenticator app.

An attempt lives on the server; the pages carry only its random name.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from moto.cognitoidp.models import UserStatus

from deploy.local.cognito import people
from deploy.local.cognito.pools import UserPool
from deploy.local.cognito.totp import Totp

# One sentence, whoever the user is (PreventUserExistenceErrors).
WRONG = "Incorrect username or password."
WAIT = "Password attempts exceeded. Wait a while, then try again."
OVER = "Temporary password has expired and must be reset by an administrator."
BEGIN_AGAIN = "This took too long. Sign in again."
WRONG_CODE = "This code is not right. Type the one that your authenticator app shows now."


class Page(Enum):
    """What comes next; DONE is no page."""

    SIGN_IN = "sign-in"
    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a step
    CODE = "code"
    SET_UP = "set-up"
    RESET = "reset"
    DONE = "done"


@dataclass(frozen=True)
class Step:
    """The next page, the attempt that it goes on with, and what it has to say first."""

    page: Page
    attempt: str = ""
    sentence: str = ""
    sub: str = ""


@dataclass
class _Attempt:
    pool: UserPool
    user: Any
    ends: int
    has_code: bool = False
    new_app: Totp = field(default_factory=Totp)


class SignIns:
    """Who is just signing in."""

    def __init__(self) -> None:
        self._attempts: dict[str, _Attempt] = {}

    def password(self, pool: UserPool, name: str, password: str, seconds: int) -> Step:
        """`seconds`: how long the steps after this one may take."""
        user = pool.user(name)
        who = user.id if user else name.casefold()
        if pool.lockouts.holds(who, pool.now):
            return Step(Page.SIGN_IN, sentence=WAIT)
        if user and user.enabled and user.status is UserStatus.RESET_REQUIRED:
            return Step(Page.RESET)  # the old password is worth nothing any more
        if not (user and user.enabled and _is_password(user, password)):
            pool.lockouts.failed(who, pool.now)
            return Step(Page.SIGN_IN, sentence=WRONG)
        if _is_new(user) and people.invitation_is_over(pool, user):
            return Step(Page.SIGN_IN, sentence=OVER)
        token = secrets.token_urlsafe(32)
        self._attempts[token] = _Attempt(pool, user, pool.now + seconds)
        return self._next(token)

    def new_password(self, pool: UserPool, token: str, password: str) -> Step:
        attempt = self._attempt(pool, token)
        if attempt is None or not _is_new(attempt.user):
            return Step(Page.SIGN_IN, sentence=BEGIN_AGAIN)
        try:
            people.check_password(pool, password)
        except people.InvalidPasswordError as exc:
            return Step(Page.NEW_PASSWORD, token, str(exc.message))
        attempt.user.password, attempt.user.status = password, UserStatus.CONFIRMED
        return self._next(token)

    def code(self, pool: UserPool, token: str, code: str) -> Step:
        """Of the app that somebody has, or is just setting up."""
        attempt = self._attempt(pool, token)
        if attempt is None or _is_new(attempt.user):
            return Step(Page.SIGN_IN, sentence=BEGIN_AGAIN)
        user = attempt.user
        if pool.lockouts.holds(user.id, pool.now):
            return Step(self._next(token).page, token, WAIT)
        app = pool.totp.get(user.id) if user.software_token_mfa_enabled else attempt.new_app
        if app is None or not app.accepts(code.replace(" ", ""), pool.now):
            pool.lockouts.failed(user.id, pool.now)
            return Step(self._next(token).page, token, WRONG_CODE)
        attempt.has_code = True
        if not user.software_token_mfa_enabled:
            pool.totp[user.id] = app
            user.token_verified = user.software_token_mfa_enabled = True
            user.preferred_mfa_setting = "SOFTWARE_TOKEN_MFA"
        return self._next(token)

    def new_app(self, token: str) -> tuple[str, str]:
        """The secret for an authenticator app, to type and as a link."""
        attempt = self._attempts[token]
        address = attempt.user.attribute_lookup.get("email", attempt.user.username)
        return attempt.new_app.secret, attempt.new_app.address(attempt.pool.name, address)

    def _next(self, token: str) -> Step:
        attempt = self._attempts[token]
        user, mode = attempt.user, attempt.pool.mfa_config
        if _is_new(user):
            return Step(Page.NEW_PASSWORD, token)
        if mode != "OFF" and user.software_token_mfa_enabled and not attempt.has_code:
            return Step(Page.CODE, token)
        if mode == "ON" and not user.software_token_mfa_enabled:
            return Step(Page.SET_UP, token)
        del self._attempts[token]
        attempt.pool.lockouts.succeeded(user.id)
        return Step(Page.DONE, sub=user.id)

    def _attempt(self, pool: UserPool, token: str) -> _Attempt | None:
        """An attempt that still holds; its user may be gone meanwhile."""
        attempt = self._attempts.get(token)
        if attempt is None or attempt.pool is not pool or pool.now >= attempt.ends:
            return None
        is_there = pool.user(attempt.user.id) is not None
        return attempt if is_there and attempt.user.enabled else None


def _is_password(user: Any, password: str) -> bool:
    return hmac.compare_digest((user.password or "").encode(), password.encode())


def _is_new(user: Any) -> bool:
    return user.status is UserStatus.FORCE_CHANGE_PASSWORD

"""People of a pool: invited, their passwords set anew by mail. Raises Cognito's own errors.

https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from moto.cognitoidp.exceptions import (
    CodeMismatchException,
    ExpiredCodeException,
    InvalidParameterException,
)
from moto.cognitoidp.models import UserStatus
from moto.core.exceptions import JsonRESTError

from deploy.local.cognito import passwords
from deploy.local.cognito.mails import send_code, send_invitation
from deploy.local.cognito.pools import MailedCode, UserPool

_CODE_SECONDS = 3600  # Cognito's
_CODE_TRIES = 5
_DAY = 86400  # seconds


class InvalidPasswordError(JsonRESTError):
    """The pool's policy does not let it be a password; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidPasswordException", message)


class UnsupportedUserStateError(JsonRESTError):
    """Only who has not come yet can be invited again."""

    def __init__(self, message: str) -> None:
        super().__init__("UnsupportedUserStateException", message)


def check_password(pool: UserPool, password: str) -> None:
    """Raises InvalidPasswordError."""
    if problem := passwords.problem(pool.password_policy, password):
        raise InvalidPasswordError(problem)


def invite(pool: UserPool, user: Any, typed_name: str, password: str | None, by_mail: bool) -> None:
    """Give a temporary password. Raises CodeDeliveryFailureError; the user stays, as on AWS."""
    user.password = password or passwords.temporary(pool.password_policy)
    pool.invited[user.id] = pool.now
    user.last_modified_date = datetime.fromtimestamp(pool.now, UTC)
    if by_mail:
        send_invitation(pool, _address(user), typed_name, user.password)


def check_invited(user: Any) -> None:
    """Raises UnsupportedUserStateError."""
    if user.status is not UserStatus.FORCE_CHANGE_PASSWORD:
        raise UnsupportedUserStateError(f"User cannot be invited again: {user.status.value}.")


def invitation_is_over(pool: UserPool, user: Any) -> bool:
    days = int(pool.password_policy.get("TemporaryPasswordValidityDays", 7))
    return pool.now >= pool.invited.get(user.id, pool.now) + days * _DAY


def may_reset(user: Any) -> bool:
    """Whether somebody who has forgotten the password can have a code."""
    is_known = user.status in (UserStatus.CONFIRMED, UserStatus.RESET_REQUIRED)
    return user.enabled and is_known and user.attribute_lookup.get("email_verified") == "true"


def mail_code(pool: UserPool, user: Any) -> None:
    """Raises CodeDeliveryFailureError."""
    code = f"{secrets.randbelow(10**6):06}"
    pool.mailed_codes[user.id] = MailedCode(code, pool.now + _CODE_SECONDS)
    send_code(pool, _address(user), code)


def set_password(pool: UserPool, user: Any | None, code: str, password: str) -> None:
    """Set the password of who has the mailed code. One sentence, whoever the user is."""
    mailed = pool.mailed_codes.get(user.id) if user else None
    if user is None or mailed is None or pool.now >= mailed.ends:
        raise ExpiredCodeException("Invalid code provided, please request a code again.")
    if not secrets.compare_digest(code.encode(), mailed.code.encode()):
        mailed.wrong_tries += 1
        if mailed.wrong_tries >= _CODE_TRIES:
            del pool.mailed_codes[user.id]
        raise CodeMismatchException("Invalid verification code provided, please try again.")
    check_password(pool, password)
    del pool.mailed_codes[user.id]
    user.password, user.status = password, UserStatus.CONFIRMED
    pool.lockouts.succeeded(user.id)


def _address(user: Any) -> str:
    address = user.attribute_lookup.get("email")
    if not address:
        raise InvalidParameterException("User has no email address to send to.")
    return str(address)

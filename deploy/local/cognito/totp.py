"""Codes of an authenticator app (TOTP, RFC 6238), checked by the library cryptography. Pure.

moto has one secret for everybody, and checks no code unless a variable of the environment says so.
"""

from __future__ import annotations

import base64
import secrets
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

_STEP = 30  # seconds
_DIGITS = 6
_SECRET_BYTES = 20  # RFC 4226's recommendation, and SHA-1's length


class Totp:
    """One person's secret, and the last code that was used; a code counts once."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(_SECRET_BYTES)
        self._last_step = -1

    @property
    def secret(self) -> str:
        """As one types it into an app."""
        return base64.b32encode(self._key).decode()

    def address(self, issuer: str, person: str) -> str:
        """The otpauth link that an app on the same device opens."""
        label = quote(f"{issuer}:{person}")
        return f"otpauth://totp/{label}?{urlencode({'secret': self.secret, 'issuer': issuer})}"

    def accepts(self, code: str, now: float) -> bool:
        """Whether it is a code of this moment, or of the step before or after it."""
        totp = TOTP(self._key, _DIGITS, SHA1(), _STEP)  # noqa: S303 - the standard's algorithm
        step = int(now) // _STEP
        for each in (step, step - 1, step + 1):
            if each > self._last_step and _is(totp, code, each * _STEP):
                self._last_step = each
                return True
        return False


def _is(totp: TOTP, code: str, moment: int) -> bool:
    try:
        totp.verify(code.encode(), moment)
    except InvalidToken:
        return False
    return True

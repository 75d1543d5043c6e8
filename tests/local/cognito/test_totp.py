"""Codes of an authenticator app: they hold for a moment, and once."""

from __future__ import annotations

import pytest

from deploy.local.cognito.totp import Totp
from tests.local.cognito.area import app_code

NOW = 1_800_000_015


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_the_moment(seconds: int, accepted: bool) -> None:
    """A clock may be one step off."""
    totp = Totp()

    assert totp.accepts(app_code(totp.secret, NOW + seconds), NOW) is accepted


def test_once() -> None:
    """Who has looked over a shoulder comes too late."""
    totp = Totp()
    code = app_code(totp.secret, NOW)

    assert totp.accepts(code, NOW)
    assert not totp.accepts(code, NOW)
    assert totp.accepts(app_code(totp.secret, NOW + 30), NOW + 30)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_no_code(code: str) -> None:
    """Anything else is wrong, and no error."""
    assert not Totp().accepts(code, NOW)


def test_rfc_6238() -> None:
    """The code that the standard gives for its own secret, cut to six digits."""
    assert app_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1111111109) == "081804"

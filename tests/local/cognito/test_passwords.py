"""What a pool's policy asks of passwords, and the wait after wrong ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.cognito.passwords import Lockouts, problem, rule, temporary

PLAIN: dict[str, Any] = {"MinimumLength": 12}
STRICT: dict[str, Any] = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
}
CONFORMS = "Password did not conform with policy: "


@pytest.mark.parametrize(
    ("policy", "password", "expected"),
    [
        (PLAIN, "twelve chars", None),
        (PLAIN, "eleven char", "Password not long enough"),
        (PLAIN, "x" * 256, None),
        (PLAIN, "x" * 257, "Password too long"),
        (PLAIN, " twelve chars", "Password must not begin or end with a space"),
        (PLAIN, "twelve chars ", "Password must not begin or end with a space"),
        (STRICT, "Aa1!aaaa", None),
        (STRICT, "aa1!aaaa", "Password must have uppercase characters"),
        (STRICT, "AA1!AAAA", "Password must have lowercase characters"),
        (STRICT, "Aaa!aaaa", "Password must have numeric characters"),
        (STRICT, "Aa1aaaaa", "Password must have symbol characters"),
    ],
)
def test_policies(policy: dict[str, Any], password: str, expected: str | None) -> None:
    """The first thing that is wrong, in Cognito's words."""
    assert problem(policy, password) == (expected and CONFORMS + expected)


@given(st.integers(6, 99), st.booleans())
def test_temporary_passwords(length: int, strict: bool) -> None:
    """They do what the policy asks, and need no escaping in a mail."""
    policy = {**(STRICT if strict else {}), "MinimumLength": length}

    password = temporary(policy)

    assert problem(policy, password) is None
    assert not set(password) & set("<>&\"'")


def test_the_rule_in_words() -> None:
    """A page says it before anybody has to fail."""
    assert rule(PLAIN) == "At least 12 characters"
    assert rule({"MinimumLength": 8, "RequireNumbers": True}) == (
        "At least 8 characters, with numeric characters"
    )


def test_the_wait_doubles() -> None:
    """2^(n-5) seconds after n wrong ones, a quarter of an hour at most."""
    lockouts, now, waits = Lockouts(), 1000.0, []
    for _ in range(18):
        lockouts.failed("ann", now)
        wait = 0
        while lockouts.holds("ann", now + wait):
            wait += 1
        waits.append(wait)
        now += wait

    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, *([900] * 4)]
    assert not lockouts.holds("bob", now)


def test_the_wait_is_forgotten() -> None:
    """By a success, or by a quarter of an hour without a try after it."""
    lockouts = Lockouts()
    for who in ("ann", "bob"):
        for _ in range(9):
            lockouts.failed(who, 0)

    lockouts.succeeded("ann")
    lockouts.failed("ann", 1)
    lockouts.failed("bob", 16 + 900)

    assert not lockouts.holds("ann", 1)
    assert not lockouts.holds("bob", 16 + 900)

"""Passwords: what a pool's policy asks, temporary ones, the wait after wrong ones. Pure.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SYMBOLS = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "
_MOST = 256  # characters
# What the policy may require: its name, the characters, the end of Cognito's sentence.
_REQUIREMENTS = (
    ("RequireUppercase", string.ascii_uppercase, "uppercase characters"),
    ("RequireLowercase", string.ascii_lowercase, "lowercase characters"),
    ("RequireNumbers", string.digits, "numeric characters"),
    ("RequireSymbols", _SYMBOLS, "symbol characters"),
)
# Symbols of a temporary password that need no escaping in HTML, because Cognito's mails are HTML.
_PLAIN_SYMBOLS = "!#%*+-=?@_"
_LEAST_TEMPORARY = 8  # characters

_FREE_TRIES = 5
_LONGEST_WAIT = 15 * 60  # seconds; as long without a try and all is forgotten


def problem(policy: Mapping[str, Any], password: str) -> str | None:
    """Why the policy does not let this be a password, in Cognito's words."""
    if len(password) < _least(policy):
        return "Password did not conform with policy: Password not long enough"
    if len(password) > _MOST:
        return "Password did not conform with policy: Password too long"
    for requirement, characters, words in _REQUIREMENTS:
        if policy.get(requirement, False) and not set(password) & set(characters):
            return f"Password did not conform with policy: Password must have {words}"
    if re.match(r"\s|.*\s$", password):
        return "Password did not conform with policy: Password must not begin or end with a space"
    return None


def rule(policy: Mapping[str, Any]) -> str:
    """What a page says of the policy, before anybody has to fail."""
    words = [words for requirement, _, words in _REQUIREMENTS if policy.get(requirement, False)]
    return f"At least {_least(policy)} characters" + "".join(f", with {each}" for each in words)


def temporary(policy: Mapping[str, Any]) -> str:
    """A password that holds until the first sign-in."""
    kinds = [string.ascii_uppercase, string.ascii_lowercase, string.digits, _PLAIN_SYMBOLS]
    length = max(_least(policy), _LEAST_TEMPORARY)
    characters = [secrets.choice(kinds[number % len(kinds)]) for number in range(length)]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _least(policy: Mapping[str, Any]) -> int:
    return int(policy.get("MinimumLength", 8))


@dataclass(frozen=True)
class _Failures:
    count: int
    last: float
    until: float


class Lockouts:
    """Who has to wait before the next try: 2^(n-5) seconds after n wrong ones.

    Tries while one has to wait do not count. Times are seconds since the epoch.
    """

    def __init__(self) -> None:
        self._failures: dict[str, _Failures] = {}

    def holds(self, who: str, now: float) -> bool:
        failures = self._failures.get(who)
        return failures is not None and now < failures.until

    def failed(self, who: str, now: float) -> None:
        before = self._failures.get(who)
        forgotten = before is None or now >= max(before.until, before.last) + _LONGEST_WAIT
        count = 1 if before is None or forgotten else before.count + 1
        exponent = min(count - _FREE_TRIES, 10)  # beyond it the longest wait holds
        wait = min(2**exponent, _LONGEST_WAIT) if exponent >= 0 else 0
        self._failures[who] = _Failures(count, now, now + wait)

    def succeeded(self, who: str) -> None:
        self._failures.pop(who, None)

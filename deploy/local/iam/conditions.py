"""Reads the conditions of policies: whether they hold for what is known of a request. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
What cannot be read is an error: neither true nor false would be AWS's answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

# What is known of a request, by condition keys in small letters; some keys have several values.
Context = Mapping[str, str | tuple[str, ...]]
_Test = Callable[[str, str], bool]  # of the request's value and of one that the policy names


class UnreadablePolicyError(ValueError):
    """The policy has something that AWS reads and the embedded AWS does not."""


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether every condition holds. Raises UnreadablePolicyError."""
    return all(
        _holds(operator, context.get(key.lower()), [_text(value) for value in listed(wanted)])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def listed(value: Any) -> list[Any]:
    """Wherever a policy may have a list, it may have its only element alone."""
    return value if isinstance(value, list) else [value]


def like(actual: str, pattern: str) -> bool:
    """`*` stands for any characters, `?` for one, and everything else for itself."""
    return bool(_compiled(pattern).fullmatch(actual))


def readable(text: str) -> str:
    """The text itself. Raises UnreadablePolicyError when it has variables."""
    if "${" in text:
        raise UnreadablePolicyError(f"The embedded AWS does not know the variable in {text}.")
    return text


def _holds(operator: str, actual: str | tuple[str, ...] | None, wanted: list[str]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise _unknown(operator)
    if name == "Null":
        return any((value == "true") == (actual is None) for value in wanted)
    base = name.removesuffix("IfExists")
    negated = "Not" in base
    test = _TESTS.get(base.replace("Not", ""))
    if test is None or (negated and base.startswith(_WITHOUT_NOT)):
        raise _unknown(operator)
    if actual is None:
        return negated or name.endswith("IfExists") or quantifier == "ForAllValues"
    values = [actual] if isinstance(actual, str) else list(actual)
    each = [any(test(value, one) for one in wanted) != negated for value in values]
    # A value that is not wanted must be none of several, a wanted one is any of them.
    is_all = quantifier == "ForAllValues" or (not quantifier and negated)
    return all(each) if is_all else any(each)


def _unknown(operator: str) -> UnreadablePolicyError:
    return UnreadablePolicyError(f"The embedded AWS does not know the condition {operator}.")


def _text(value: Any) -> str:
    """A policy may have true and 5 for "true" and "5"."""
    return readable(str(value).lower() if isinstance(value, bool) else str(value))


def _number(compare: Callable[[Decimal, Decimal], bool]) -> _Test:
    def test(actual: str, wanted: str) -> bool:
        try:
            return compare(Decimal(actual), Decimal(wanted))
        except InvalidOperation:
            return False

    return test


def _like_arn(actual: str, pattern: str) -> bool:
    """Each of an ARN's six parts by itself."""
    parts, patterns = actual.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(like, parts, patterns))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)


_WITHOUT_NOT = ("Bool", "NumericNotGreater", "NumericNotLess")
_TESTS: dict[str, _Test] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": like,
    "ArnEquals": _like_arn,
    "ArnLike": _like_arn,
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
    "NumericEquals": _number(lambda actual, wanted: actual == wanted),
    "NumericGreaterThan": _number(lambda actual, wanted: actual > wanted),
    "NumericGreaterThanEquals": _number(lambda actual, wanted: actual >= wanted),
    "NumericLessThan": _number(lambda actual, wanted: actual < wanted),
    "NumericLessThanEquals": _number(lambda actual, wanted: actual <= wanted),
}

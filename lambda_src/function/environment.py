"""Reads a function's environment: each value as it must be, or SettingsError names it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from function.errors import SettingsError
from function.text import quoted

# Far beyond what the templates take; with more the calendar of Python ends.
MOST_DAYS = 999_999
MOST_SECONDS = 999_999_999


def required(environment: Mapping[str, str], name: str, otherwise: str = "") -> str:
    """Raises SettingsError that names the parameter, or says `otherwise`."""
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(
            otherwise or f"The function's environment has no {name}; deploy the stack again."
        )
    return value


def account_of(environment: Mapping[str, str]) -> str:
    """The id of the function's own account. Raises SettingsError."""
    return required(environment, "AccountId")


def positive(environment: Mapping[str, str], name: str, most: int) -> int:
    """A number above 0. Raises SettingsError that names the parameter and the value."""
    value = required(environment, name)
    digits = value.lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        raise SettingsError(f"{name} is {quoted(value)}, but must be a whole number above 0.")
    # By length first: Python does not read numbers of thousands of digits.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise SettingsError(f"{name} is {quoted(value)}, but must be at most {most}.")
    return int(digits)


def whole_number(environment: Mapping[str, str], name: str, stack: str) -> int:
    """0 or more. Raises SettingsError that names the parameter, and the stack to deploy again."""
    value = required(environment, name)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise SettingsError(f"{name} is not a whole number; deploy the {stack} stack again.")
    return int(value)

"""A template's parameter, and whether a value can be used for it.

The bounds of a parameter and the sentence for a wrong value stand in the template alone; they are
applied here, before AWS is called. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deploy.aws.machine.named import Named

VALUE_LIMIT_BYTES = 4_096  # CloudFormation's quota

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a template, with its bounds; `default` is None when a value is required."""

    name: str
    type: str
    default: str | None = None
    description: str = ""
    allowed_pattern: str | None = None
    allowed_values: tuple[str, ...] = ()
    min_value: float | None = None
    max_value: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    constraint_description: str = ""
    no_echo: bool = False

    def problem(self, value: str) -> str | None:
        """What is wrong with `value`, as the template says it; None when it can be used."""
        if len(value.encode()) > VALUE_LIMIT_BYTES:
            return f"it is longer than the {VALUE_LIMIT_BYTES} bytes CloudFormation takes"
        if self._fits(value):
            return None
        return (self.constraint_description or self._bounds()).strip().rstrip(".")

    def check(self, given: Named) -> None:
        """Raise ConfigurationError unless the value can be used; a typed one is wrong usage."""
        problem = self.problem(given.value)
        if problem:
            shown = "the value" if self.no_echo else f'"{given.value}"'
            raise given.error(f"{self.name}: {shown} ({given.source}) cannot be used: {problem}.")

    def _fits(self, value: str) -> bool:
        if self.type == "Number":
            return self._fits_number(value)
        if self.allowed_values and value not in self.allowed_values:
            return False
        items = value.split(",") if self.type == "CommaDelimitedList" else [value]
        if self.allowed_pattern is not None and not all(
            re.fullmatch(self.allowed_pattern, item.strip()) for item in items
        ):
            return False
        return _within(len(value), self.min_length, self.max_length)

    def _fits_number(self, value: str) -> bool:
        if not _NUMBER.fullmatch(value):
            return False
        if self.allowed_values and value not in self.allowed_values:
            return False
        return _within(float(value), self.min_value, self.max_value)

    def _bounds(self) -> str:
        if self.allowed_values:
            return "use one of " + ", ".join(self.allowed_values)
        if self.type == "Number" and self.min_value is not None and self.max_value is not None:
            return f"use a number from {self.min_value:g} to {self.max_value:g}"
        if self.type == "Number":
            return "use a number"
        return f"it does not match {self.allowed_pattern or 'the allowed length'}"


def _within(size: float, least: float | None, most: float | None) -> bool:
    return (least is None or size >= least) and (most is None or size <= most)

"""A value of the operator's, with the place where it was written, for sentences to name both."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.errors import ConfigurationError, OptionError


@dataclass(frozen=True)
class Named:
    """A value and the words for the place where the operator wrote it.

    `is_typed` tells an option, or the variable for it, from a line of a file.
    """

    value: str
    source: str
    is_typed: bool = False

    @property
    def error(self) -> type[ConfigurationError]:
        """What is raised when it cannot be used: wrong usage, where it was typed."""
        return OptionError if self.is_typed else ConfigurationError

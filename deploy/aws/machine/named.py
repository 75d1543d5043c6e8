"""A value of the operator's, with the place where it was written, for sentences to name both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A value and the words for the place where the operator wrote it."""

    value: str
    source: str

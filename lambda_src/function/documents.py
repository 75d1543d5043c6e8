"""Reads JSON strictly: one object, and no name twice in it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from function.text import shown


def json_object(text: str) -> Mapping[str, Any] | None:
    """The object; None for JSON that is another value.

    Raises JSONDecodeError for what is no JSON, ValueError with the reason for what is not clear.
    """
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except RecursionError as exc:
        raise ValueError("it is nested too deeply") from exc
    return document if isinstance(document, Mapping) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is there twice, Python would quietly take the last value."""
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise ValueError(f"{shown(name)} is twice in one object")
        document[name] = value
    return document

"""Reads JSON strictly: one object, and no name twice in it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def json_object(text: str) -> Mapping[str, Any] | None:
    """The object; None for JSON that is another value. Raises ValueError for what is no JSON."""
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except RecursionError as exc:
        raise ValueError("deeper than Python reads") from exc
    return document if isinstance(document, Mapping) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is there twice, Python would quietly take the last value."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is there twice")
    return dict(pairs)

"""Values of a request, by their names: each as it must be, or BadRequest names it. Pure."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from typing import Any

from function.text import shown

from http_api.requests import BadRequest

# As long as a key of S3, and no longer than DynamoDB takes any.
_LONGEST_PART = 1024  # bytes

_WHOLE_NUMBER = re.compile("[0-9]{1,15}")


def check_names(given: Mapping[str, Any], known: Collection[str], what: str) -> None:
    """Refuses what is not known: a name with a slip in it would be passed over in silence.

    `what` is the kind of name, such as "query parameter".
    """
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise BadRequest(f"There is no {what} {shown(name)} here; known: {listed}.")


def text(given: Mapping[str, Any], name: str) -> str:
    """A text that must be there and say something, in characters that S3 and UTF-8 have."""
    value = given.get(name)
    if value is None:
        raise BadRequest(f"{name} is missing.")
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be text.")
    if not value:
        raise BadRequest(f"{name} is empty.")
    if "\0" in value:  # S3's lists are XML, which cannot have it
        raise BadRequest(f"{name} has a character in it that no text has (NUL).")
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise BadRequest(f"{name} has half of a character in it.") from exc
    return value


def optional_text(given: Mapping[str, Any], name: str) -> str | None:
    return text(given, name) if name in given else None


def number_in_text(
    given: Mapping[str, Any], name: str, least: int, most: int | None = None
) -> int | None:
    """A whole number of a query; None when it is not there."""
    if name not in given:
        return None
    value = text(given, name)
    if not _WHOLE_NUMBER.fullmatch(value):
        raise BadRequest(f"{name} is {shown(value)}, but must be {_range(least, most)}.")
    return _within(name, int(value), least, most)


def number(given: Mapping[str, Any], name: str, least: int, most: int | None = None) -> int:
    """A whole number of a JSON object, that must be there."""
    value = given.get(name)
    # To Python true is a number, to JSON it is none.
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{name} must be {_range(least, most)}.")
    return _within(name, value, least, most)


def page_token(*parts: str) -> str:
    """Where a list goes on, as one text for the caller, which `page_parts` reads again."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def page_parts(given: Mapping[str, Any], name: str, count: int) -> tuple[str, ...] | None:
    """So many parts of a `page_token`; None when it is not there."""
    token = optional_text(given, name)
    if token is None:
        return None
    try:
        parts = json.loads(urlsafe_b64decode(token.encode() + b"==="))
        "".join(parts).encode()
    except (ValueError, TypeError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) != count or not all(map(_is_part, parts)):
        raise BadRequest(f"{name} is {shown(token)}, which this API has not given; ask without it.")
    return tuple(parts)


def _is_part(part: str) -> bool:
    return 0 < len(part.encode()) <= _LONGEST_PART


def _within(name: str, value: int, least: int, most: int | None) -> int:
    if value < least or (most is not None and value > most):
        raise BadRequest(f"{name} must be {_range(least, most)}.")
    return value


def _range(least: int, most: int | None) -> str:
    if most is None:
        return f"a whole number, at least {least}"
    return f"a whole number from {least} to {most}"

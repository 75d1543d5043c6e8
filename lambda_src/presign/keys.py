"""Which keys programs may use. Pure."""

from __future__ import annotations

import unicodedata

from http_api.requests import BadRequest, shown
from signing.links import is_openable

from presign.settings import Settings

_LONGEST_KEY = 1024  # bytes of UTF-8 (S3, "Naming objects")


def check_key(name: str, key: str, settings: Settings) -> None:
    """Raises BadRequest for a key that programs may not use; `name` is how the caller gave it."""
    if len(key.encode()) > _LONGEST_KEY:
        raise BadRequest(f"{name} is longer than {_LONGEST_KEY} bytes in UTF-8.")
    if not key.startswith(settings.keys):
        raise BadRequest(
            f"{name} is {shown(key)}, but keys of programs begin with {shown(settings.keys)} here."
        )
    if not is_openable(key):
        raise BadRequest(
            f'{name} is {shown(key)}, but no folder or file may be called "." or "..": browsers '
            "cannot open it."
        )


def check_new_key(name: str, key: str, settings: Settings) -> None:
    """As check_key, for a file that is to be uploaded."""
    check_key(name, key, settings)
    if key.endswith("/"):
        raise BadRequest(f"{name} is {shown(key)}, a folder; name a file in it.")
    # S3's own answers could not name the file, for XML has no control characters.
    if any(unicodedata.category(c) == "Cc" or c in "\ufffe\uffff" for c in key):
        raise BadRequest(f"{name} is {shown(key)}, with a control character; use another name.")

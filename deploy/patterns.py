"""What files and shares are called, with patterns in which * stands for any characters. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from deploy.lambda_packages import ManifestError, is_manifest, one_spelling, share_id_of


def key_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a whole key fits, in whichever spelling its characters and the pattern's are."""
    parts = one_spelling(pattern).split("*")
    compiled = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
    return lambda key: compiled.fullmatch(one_spelling(key)) is not None


def share_of(key: str) -> str:
    """The id of the share whose manifest lies there; empty for an ordinary file."""
    if not is_manifest(key):
        return ""
    try:
        return share_id_of(key)
    except ManifestError:
        return ""


def file_pattern(pattern: str) -> Callable[[str, str], bool]:
    """Whether a file is meant, by its key or by its name in the mail; a share also by its id."""
    fits = key_pattern(pattern)
    return lambda key, name: any(fits(one) for one in (key, name, share_of(key)) if one)

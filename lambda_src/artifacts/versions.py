"""The versions in ArtifactsBucket: the first folder of a key is its version, the rest a file's
name. `NOTES.md` or `NOTES.txt` in that folder are the version's notes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# In the bucket's root, beside the versions.
SURVEY_KEY = "survey.json"
NOTES = ("NOTES.md", "NOTES.txt")  # the first that is there and says something
LONGEST_NOTES = 16 * 1024  # bytes; the rest is not shown
VERSIONS_PER_PAGE = 20
# An answer of Lambda has 6,291,556 bytes at most. A byte of notes, or of a version's name, takes
# up to seven (`\\u0001`); those of a page are 2.5 million, which leaves this for its files.
MOST_LISTED = 3_700_000  # bytes, as `listed_bytes` counts them
# A URL cannot have them as a folder: browsers take them for this folder and the one above.
_WITHOUT_ADDRESS = (".", "..")


@dataclass(frozen=True)
class Stored:
    """One object of a version; `name` is what follows the version in its key."""

    name: str
    size: int
    modified_at: datetime

    @property
    def is_file(self) -> bool:
        return self.name not in NOTES


@dataclass(frozen=True)
class Version:
    name: str
    objects: tuple[Stored, ...]

    @property
    def has_address(self) -> bool:
        """Whether it can be asked for; members see no other."""
        return self.name not in _WITHOUT_ADDRESS

    @property
    def files(self) -> list[Stored]:
        return [one for one in self.objects if one.is_file]

    @property
    def notes(self) -> str | None:
        """The key of the notes."""
        names = {one.name for one in self.objects if one.size}
        return next((f"{self.name}/{notes}" for notes in NOTES if notes in names), None)

    @property
    def published_at(self) -> str:
        """When its newest object came, in UTC, as text that sorts by time."""
        newest = max(one.modified_at for one in self.objects)
        return f"{newest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands among all, the newest last."""
        return self.published_at, self.name


def listed_bytes(name: str, size: int) -> int:
    """What a file takes of a list: JSON, which stands as a text in the JSON of Lambda's answer."""
    return len(json.dumps(json.dumps({"name": name, "size": size}))) + 2


def versions_of(objects: Iterable[Mapping[str, Any]]) -> list[Version]:
    """The versions, in no order, from S3's list; pure."""
    contents: dict[str, list[Stored]] = {}
    for one in objects:
        version, slash, name = one["Key"].partition("/")
        # Not survey.json, nor what only makes a folder appear in the S3 console.
        is_file = slash and name and not (name.endswith("/") and one["Size"] == 0)
        if is_file and version:
            stored = Stored(name, one["Size"], one["LastModified"])
            contents.setdefault(version, []).append(stored)
    return [Version(name, tuple(stored)) for name, stored in contents.items()]

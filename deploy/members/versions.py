"""Lists the versions in ArtifactsBucket, and withdraws one.

A version is the first folder of a key; its notes are an object of a fixed name in it. What is
withdrawn or replaced is hidden by delete markers; the bucket's lifecycle removes it later.
"""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy.aws.objects import delete_objects
from deploy.errors import MembersError
from deploy.lambda_packages import file_size, quoted
from deploy.members.area import MembersArea, explained_errors
from deploy.wording import counted

# In the bucket's root, beside the versions.
SURVEY_KEY = "survey.json"
NOTES = ("NOTES.md", "NOTES.txt")
_LONGEST_NAME = 64  # characters


@dataclass(frozen=True)
class StoredFile:
    """A file of a version, by its name below the version's folder."""

    name: str
    size: int


@dataclass(frozen=True)
class Version:
    """What members see as one release; published when its newest object arrived."""

    name: str
    published_at: datetime
    files: tuple[StoredFile, ...]
    has_notes: bool

    def line(self) -> str:
        """The version for reading; harmless on a terminal."""
        total = sum(file.size for file in self.files)
        notes = "with notes" if self.has_notes else "without notes"
        return (
            f"{quoted(self.name)[1:-1]}  {self.published_at:%Y-%m-%d %H:%M}Z  "
            f"{counted(len(self.files), 'file')}, {file_size(total)}, {notes}"
        )

    def document(self) -> dict[str, Any]:
        return {
            "version": self.name,
            "published_at": self.published_at.isoformat(),
            "files": [{"name": file.name, "size": file.size} for file in self.files],
            "notes": self.has_notes,
        }


def normalized(name: str) -> str:
    """One spelling of each character, as for the names of files."""
    return unicodedata.normalize("NFC", name)


def problem_of_name(name: str) -> str | None:
    """Why a version cannot have this name; None when it can."""
    if not name or name != name.strip():
        return "it is empty, or begins or ends with a space"
    if "/" in name or name in (".", ".."):
        return "it would be another folder"
    if not name.isprintable():
        return "it has characters that nobody can see"
    if name == SURVEY_KEY:
        return "that is where the survey's questions are"
    if len(name) > _LONGEST_NAME:
        return f"it is longer than {_LONGEST_NAME} characters"
    return None


def read_versions(area: MembersArea) -> list[Version]:
    """All versions, newest first."""
    with explained_errors("The versions could not be listed"):
        return list_versions(area)


def list_versions(area: MembersArea) -> list[Version]:
    """As read_versions, with AWS's errors as they are."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for stored in _objects(area, ""):
        name, slash, _ = stored["Key"].partition("/")
        if name and slash:
            by_name.setdefault(name, []).append(stored)
    found = (_version(name, objects) for name, objects in by_name.items())
    versions = [version for version in found if version.files or version.has_notes]
    return sorted(versions, key=lambda one: (one.published_at, one.name), reverse=True)


def keys_of(area: MembersArea, name: str) -> list[str]:
    """Every key of a version, its notes and markers of folders included."""
    with explained_errors(f"Version {quoted(name)} could not be looked up"):
        return [stored["Key"] for stored in _objects(area, f"{name}/")]


def withdraw(area: MembersArea, name: str, keys: Sequence[str]) -> None:
    """Hide these objects of a version. Raises MembersError when some stay."""
    again = f"run `{area.deployment.command(f'members withdraw {shlex.quote(name)}')}` again"
    with explained_errors(f"Version {quoted(name)} was not withdrawn", again):
        failures = delete_objects(area.clients, area.bucket, [{"Key": key} for key in keys])
    if failures:
        raise MembersError(f"Version {quoted(name)} was not withdrawn: {failures[0]}; {again}.")


def _objects(area: MembersArea, prefix: str) -> Iterator[Mapping[str, Any]]:
    pages = area.clients.s3.get_paginator("list_objects_v2").paginate(
        Bucket=area.bucket, Prefix=prefix, ExpectedBucketOwner=area.clients.account
    )
    for page in pages:
        yield from page.get("Contents", [])


def _version(name: str, objects: Sequence[Mapping[str, Any]]) -> Version:
    named = {stored["Key"].removeprefix(f"{name}/"): stored for stored in objects}
    files = [
        StoredFile(file, stored["Size"])
        for file, stored in named.items()
        if file not in NOTES and not file.endswith("/") and file
    ]
    newest: datetime = max(stored["LastModified"] for stored in objects)
    return Version(name, newest.astimezone(UTC), tuple(files), any(file in NOTES for file in named))

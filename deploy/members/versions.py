"""Lists the versions in ArtifactsBucket, and withdraws one.

What is a version is the function's own rule. What is withdrawn or replaced is hidden by delete
markers; the bucket's lifecycle removes it later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.aws.objects import delete_objects
from deploy.errors import MembersError
from deploy.lambda_packages import SURVEY_KEY, Version, file_size, quoted, spellings, versions_of
from deploy.members.area import MembersArea, explained_errors
from deploy.table import Row, columns
from deploy.wording import meant, moment, shell_word

COLUMNS = columns("VERSION", "PUBLISHED", "FILES", "SIZE", "NOTES", "REMARK")

_LONGEST_NAME = 64  # characters


def row(version: Version) -> Row:
    """The version for reading, as COLUMNS have it; red when members do not see it."""
    return Row(
        (
            version.name,
            moment(version.published_at),
            f"{len(version.files):,}",
            file_size(sum(file.size for file in version.files)),
            "yes" if version.notes else "no",
            "" if version.has_address else "members do not see it, for no URL can name it",
        ),
        None if version.has_address else "red",
    )


def document(version: Version) -> dict[str, Any]:
    return {
        "version": version.name,
        "published_at": version.published_at,
        "files": [{"name": file.name, "size": file.size} for file in version.files],
        "notes": version.notes is not None,
        "shown": version.has_address,
    }


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
    """All versions, newest first, those included that members do not see."""
    with explained_errors("The versions could not be listed"):
        return list_versions(area)


def list_versions(area: MembersArea) -> list[Version]:
    """As read_versions, with AWS's errors as they are."""
    return sorted(versions_of(_objects(area, "")), key=lambda one: one.place, reverse=True)


def keys_of(area: MembersArea, name: str) -> list[str]:
    """Every key of a version, in whichever spelling its name is; its notes and markers of folders
    included."""
    with explained_errors(f"Version {quoted(name)} could not be looked up"):
        for spelling in spellings(name):
            if keys := [stored["Key"] for stored in _objects(area, f"{spelling}/")]:
                return keys
    return []


def require_version(area: MembersArea, name: str) -> list[str]:
    """The keys of a version, as `keys_of`. Raises MembersError when there is no such version."""
    keys = keys_of(area, name)
    if not keys:
        known = [version.name for version in read_versions(area)]
        listing = area.deployment.command("members versions")
        raise MembersError(
            f"There is no version {quoted(name)}; see `{listing}`.{meant(name, known)}"
        )
    return keys


def withdraw(area: MembersArea, name: str, keys: Sequence[str]) -> None:
    """Hide these objects of a version. Raises MembersError when some stay."""
    again = f"run `{area.deployment.command(f'members withdraw {shell_word(name)}')}` again"
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

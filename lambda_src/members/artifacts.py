"""Lists the versions in ArtifactsBucket with their notes, and finds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from artifacts.versions import (
    LONGEST_NOTES,
    MOST_LISTED,
    Stored,
    Version,
    listed_bytes,
    versions_of,
)
from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.text import paragraphs
from http_api.fields import check_names, page_parts, page_token
from http_api.requests import Request, parameters_of

from members import log
from members.errors import storage_fault
from members.settings import Services, Settings

LONGEST_KEY = 1024  # bytes of UTF-8 (S3, "Naming objects")

# A page ends when one of these is reached, or MOST_LISTED.
_VERSIONS_PER_PAGE = 20
_FILES_PER_PAGE = 2_000

_NOTES_AT_ONCE = 10  # as many connections as botocore keeps to one host


def list_versions(request: Request, settings: Settings, services: Services) -> dict[str, Any]:
    """One page, newest first. Raises BadRequest or Unavailable."""
    parameters = parameters_of(request.query)
    check_names(parameters, ("next",), "query parameter")
    after = page_parts(parameters, "next", 2)
    found = versions_of(_objects("", settings, services))
    waiting = sorted(
        (one for one in found if after is None or one.place < after),
        key=lambda one: one.place,
        reverse=True,
    )
    shown = waiting[: _fitting(waiting)]
    with ThreadPoolExecutor(_NOTES_AT_ONCE) as pool:
        notes = list(pool.map(lambda one: _notes_of(one, settings, services), shown))
    return {
        "versions": [_as_json(*pair) for pair in zip(shown, notes, strict=True)],
        "next": page_token(*shown[-1].place) if len(shown) < len(waiting) else None,
    }


def find_version(name: str, settings: Settings, services: Services) -> Version | None:
    """None when it is not there, or not any more. Raises Unavailable."""
    if len(f"{name}/".encode()) > LONGEST_KEY:
        return None
    found = versions_of(_objects(f"{name}/", settings, services))
    return next((one for one in found if one.name == name), None)


def _objects(prefix: str, settings: Settings, services: Services) -> Iterator[Mapping[str, Any]]:
    """All objects, 1,000 a call."""
    more: dict[str, str] = {}
    while True:
        try:
            answer = services.store.list_objects_v2(Bucket=settings.bucket, Prefix=prefix, **more)
        except (ClientError, BotoCoreError) as exc:
            raise storage_fault("Which versions there are is not known", exc) from exc
        yield from answer.get("Contents", ())
        if not answer.get("IsTruncated"):
            return
        more = {"ContinuationToken": answer["NextContinuationToken"]}


def _fitting(versions: list[Version]) -> int:
    """How many of them fit on a page: one at least."""
    files, room = 0, MOST_LISTED
    for number, version in enumerate(versions[:_VERSIONS_PER_PAGE]):
        files += len(version.files)
        room -= sum(listed_bytes(one.name, one.size) for one in version.files)
        if number and (files > _FILES_PER_PAGE or room < 0):
            return number
    return _VERSIONS_PER_PAGE


def _listed(files: list[Stored]) -> list[Stored]:
    """Those of one version's files that a page can have."""
    room = MOST_LISTED
    for number, one in enumerate(files):
        room -= listed_bytes(one.name, one.size)
        if room < 0:
            return files[:number]
    return files


def _notes_of(version: Version, settings: Settings, services: Services) -> str:
    """Their beginning; empty where there are none, or none any more.

    Members see the list without the notes rather than no list.
    """
    if version.notes is None:
        return ""
    try:
        answer = services.store.get_object(
            Bucket=settings.bucket, Key=version.notes, Range=f"bytes=0-{LONGEST_NOTES - 1}"
        )
        content = answer["Body"].read()
    except (ClientError, BotoCoreError) as exc:
        if code_of(exc) != "NoSuchKey":
            log.notes_not_read(version.name, code_of(exc))
        return ""
    return paragraphs(content.decode("utf-8", errors="replace"))


def _as_json(version: Version, notes: str) -> dict[str, Any]:
    files = version.files
    listed = _listed(files)
    return {
        "version": version.name,
        "publishedAt": version.published_at,
        "files": [{"name": one.name, "size": one.size} for one in listed],
        "filesNotListed": len(files) - len(listed),
        "notes": notes,
    }

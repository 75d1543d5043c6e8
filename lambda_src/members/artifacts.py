"""Lists the versions in ArtifactsBucket with their notes, and finds one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from typing import Any

from artifacts.versions import (
    LONGEST_NOTES,
    MOST_LISTED,
    VERSIONS_PER_PAGE,
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

# A page ends when this is reached, VERSIONS_PER_PAGE, or MOST_LISTED.
_FILES_PER_PAGE = 2_000

_NOTES_AT_ONCE = 10  # as many connections as botocore keeps to one host


def list_versions(request: Request, settings: Settings, services: Services) -> dict[str, Any]:
    """One page, newest first. Raises BadRequest or Unavailable."""
    parameters = parameters_of(request.query)
    check_names(parameters, ("next",), "query parameter")
    after = page_parts(parameters, "next", 2)
    found = [one for one in versions_of(_objects("", settings, services)) if one.has_address]
    waiting = sorted(
        (one for one in found if after is None or one.place < after),
        key=lambda one: one.place,
        reverse=True,
    )
    listed = _files_listed(waiting)
    shown = waiting[: len(listed)]
    with ThreadPoolExecutor(_NOTES_AT_ONCE) as pool:
        notes = list(pool.map(lambda one: _notes_of(one, settings, services), shown))
    return {
        "versions": [_as_json(*one) for one in zip(shown, listed, notes, strict=True)],
        "next": page_token(*shown[-1].place) if len(shown) < len(waiting) else None,
    }


def find_version(name: str, settings: Settings, services: Services) -> Version | None:
    """None when it is not there, or not any more. Raises Unavailable."""
    if len(f"{name}/".encode()) > LONGEST_KEY:
        return None
    found = versions_of(_objects(f"{name}/", settings, services))
    return next((one for one in found if one.name == name and one.has_address), None)


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


def _files_listed(versions: Sequence[Version]) -> list[int]:
    """How many files of each version a page lists, as far as the page goes.

    All of them, but for the first version, which is there however many it has.
    """
    listed: list[int] = []
    room = MOST_LISTED
    for version in versions[:VERSIONS_PER_PAGE]:
        sums = list(accumulate(listed_bytes(one.name, one.size) for one in version.files))
        fitting = bisect_right(sums, room)
        is_whole = fitting == len(sums) and sum(listed) + fitting <= _FILES_PER_PAGE
        if listed and not is_whole:
            break
        listed.append(fitting)
        room -= sums[fitting - 1] if fitting else 0
    return listed


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


def _as_json(version: Version, listed: int, notes: str) -> dict[str, Any]:
    files = version.files
    return {
        "version": version.name,
        "publishedAt": version.published_at,
        "files": [{"name": one.name, "size": one.size} for one in files[:listed]],
        "filesNotListed": len(files) - listed,
        "notes": notes,
    }

"""Publishes a version: uploads its files, then its notes, and takes all back if that fails.

It writes to ArtifactsBucket only. Everything is checked before the first byte leaves. The bucket
is versioned: what is taken back uncovers what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.objects import delete_objects
from deploy.errors import MembersError, PublishStoppedError
from deploy.interruption import deferring_interrupts
from deploy.lambda_packages import LONGEST_NOTES, MOST_LISTED, NOTES, listed_bytes, quoted
from deploy.members.area import MembersArea, explained_errors
from deploy.members.versions import keys_of
from deploy.uploading.files import LocalFile, local_file, select_files
from deploy.uploading.put import put_with_bar
from deploy.uploading.upload import ENDS, UploadState, is_not_new, why_ended
from deploy.wording import counted, shell_word

if TYPE_CHECKING:
    from deploy.console import Console


_MARK = "publication"


@dataclass(frozen=True)
class Arrived:
    """A file as it is in the bucket."""

    file: LocalFile
    version_id: str


@dataclass(frozen=True)
class Published:
    """What members see now as this version; `removed` keys of before are hidden."""

    version: str
    files: tuple[Arrived, ...]
    has_notes: bool
    removed: tuple[str, ...]


def publish(
    area: MembersArea,
    version: str,
    paths: Sequence[Path],
    notes: Path | None,
    replace: bool,
    console: Console,
) -> Published:
    """Publish files and folders as a version. Raises MembersError, UploadError or
    PublishStoppedError; then everything is as it was, or the sentence says what is not."""
    selection = select_files(paths, below=f"{version}/")
    _check_no_notes(version, selection.files)
    _check_can_be_listed(version, selection.files)
    files = [*selection.files, *([_notes(version, notes)] if notes else [])]
    before = keys_of(area, version)
    if before and not replace:
        raise MembersError(
            f"Version {quoted(version)} is there already, with {counted(len(before), 'object')}; "
            "publish under another version, or add --replace."
        )
    for left_out in selection.left_out:
        console.progress(left_out.sentence)
    arrived = _put_all(area, version, files, bool(before), console)
    try:
        with deferring_interrupts():
            removed = _remove_others(area, version, before, {file.key for file in files})
    except KeyboardInterrupt as exc:
        raise PublishStoppedError(
            f"Stopped too late: version {quoted(version)} is published, with everything that was "
            f"to be done; `{_withdraw_command(area, version)}` takes it back."
        ) from exc
    return Published(version, tuple(arrived), notes is not None, removed)


def _check_no_notes(version: str, files: Iterable[LocalFile]) -> None:
    for file in files:
        if file.key.removeprefix(f"{version}/") in NOTES:
            raise MembersError(
                f'"{file.path}" has the name of a version\'s notes; name it with --notes instead.'
            )


def _check_can_be_listed(version: str, files: Sequence[LocalFile]) -> None:
    names = ((file.key.removeprefix(f"{version}/"), file.size) for file in files)
    if sum(listed_bytes(*one) for one in names) > MOST_LISTED:
        raise MembersError(
            f"Version {quoted(version)} would have {counted(len(files), 'file')}, whose names are "
            "more than the members' page can list; pack them into one file, such as a zip."
        )


def _notes(version: str, path: Path) -> LocalFile:
    """The notes as an object; raises MembersError for what the page could not show."""
    in_markdown, plain = NOTES
    name = in_markdown if path.suffix.lower() == ".md" else plain
    notes = local_file(path, f"{version}/{name}")
    if not notes.size:
        raise MembersError(f'"{path}" is empty; leave --notes out where there are none.')
    if notes.size > LONGEST_NOTES:
        raise MembersError(
            f'"{path}" has {notes.size:,} bytes and the page shows {LONGEST_NOTES:,} of a '
            "version's notes; shorten it."
        )
    try:
        path.read_bytes().decode()
    except UnicodeDecodeError as exc:
        raise MembersError(f'"{path}" is not UTF-8 text; save it as UTF-8.') from exc
    except OSError as exc:
        raise MembersError(f'"{path}" cannot be read: {exc.strerror}.') from exc
    return notes


def _put_all(
    area: MembersArea, version: str, files: Sequence[LocalFile], replaces: bool, console: Console
) -> list[Arrived]:
    """Put the files in their order, the notes last; or take back those that arrived."""
    arrived: dict[str, Arrived] = {}
    current, state = files[0], UploadState()
    try:
        for file in files:
            current, state = file, UploadState()
            _put(area, file, state, console, only_new=not replaces)
            arrived[file.key] = _arrived(file, state)
    except ENDS as exc:
        if state.version_id is not None:
            arrived[current.key] = _arrived(current, state)
        with deferring_interrupts():
            left = _take_back(area, arrived.values())
        if is_not_new(exc) and not left:
            raise MembersError(
                f"Somebody else is publishing version {quoted(version)}, with "
                f"{quoted(current.key)}; nothing of yours is in it. Publish under another "
                "version, or add --replace."
            ) from exc
        cause = why_ended(exc, current, "published")
        kind = PublishStoppedError if isinstance(exc, KeyboardInterrupt) else MembersError
        raise kind(_ended(area, version, cause, left, state.has_parts, replaces)) from exc
    return list(arrived.values())


def _put(
    area: MembersArea, file: LocalFile, state: UploadState, console: Console, only_new: bool
) -> None:
    """Put one file. It is marked, for botocore repeats a call whose answer was lost, and then S3
    refuses as not new what is ours."""
    mark = {_MARK: uuid4().hex}
    try:
        put_with_bar(area.clients, area.bucket, file, mark, state, console, "Publishing", only_new)
    except ClientError as exc:
        if not is_not_new(exc):
            raise
        there = area.clients.s3.head_object(
            Bucket=area.bucket, Key=file.key, ExpectedBucketOwner=area.clients.account
        )
        if there["Metadata"].get(_MARK) != mark[_MARK]:
            raise
        state.version_id = there["VersionId"]


def _arrived(file: LocalFile, state: UploadState) -> Arrived:
    return Arrived(file, state.version_id or "")  # the bucket's template switches versioning on


def _take_back(area: MembersArea, arrived: Iterable[Arrived]) -> bool:
    """Remove for good what was put; whether something stays."""
    try:
        return bool(
            delete_objects(
                area.clients,
                area.bucket,
                [{"Key": one.file.key, "VersionId": one.version_id} for one in arrived],
            )
        )
    except (ClientError, BotoCoreError):
        return True


def _ended(
    area: MembersArea, version: str, cause: str, left: bool, has_parts: bool, replaces: bool
) -> str:
    """The sentence for an end before the end: what members see now, and what to do."""
    name = quoted(version)
    if left:
        withdraw = _withdraw_command(area, version)
        return (
            f"{cause}: what had arrived of version {name} could not be taken back; publish it "
            f"again with --replace, or run `{withdraw}`."
        )
    now = f"version {name} is as it was" if replaces else f"there is no version {name}"
    parts = (
        "parts of the file lie in the bucket until its lifecycle removes them"
        if has_parts
        else "nothing is left half done"
    )
    return f"{cause}: {now} and {parts}; run the command again."


def _withdraw_command(area: MembersArea, version: str) -> str:
    return area.deployment.command(f"members withdraw {shell_word(version)}")


def _remove_others(
    area: MembersArea, version: str, before: Iterable[str], kept: set[str]
) -> tuple[str, ...]:
    """Hide what the version had and has no more. Raises MembersError when some of it stays."""
    others = tuple(key for key in before if key not in kept)
    failed = f"Version {quoted(version)} is published, but files of before are still in it"
    with explained_errors(failed):
        failures = delete_objects(area.clients, area.bucket, [{"Key": key} for key in others])
    if failures:
        raise MembersError(f"{failed}: {failures[0]}; run the command again.")
    return others

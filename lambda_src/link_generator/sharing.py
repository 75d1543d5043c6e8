"""Shares: which files belong to one, and whether one is in the bucket as its manifest says.

A manifest is hostile input. It is announced only if S3 has every file that it names, in that
version and with the share's own mark: so nobody can have others' files announced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import FileArchived, FileNotReadable, InvalidShare
from files.manifest import MOST_DIRECT_FILES, SharedFile, manifest_key, share_id_of
from files.metadata import EXPIRES, MAX_DOWNLOADS, NOTE, RECIPIENTS, SENDER, SHARE, check_names
from files.names import content_disposition
from files.shares import refusal_of, share_of, with_manifest
from files.store import FileStore, StoredFile, check_decryptable, is_refused, look_up
from files.uploads import Upload
from function.errors import code_of
from function.invocation import Invocation
from function.text import shown
from mail.recipients import means_an_address
from signing.links import check_openable

from link_generator.gathering import check_gathered, is_gathered
from link_generator.settings import Services, Settings
from link_generator.side_by_side import side_by_side

# Whoever puts a manifest more often has the others looked at no more.
_MOST_VERSIONS = 100

_WISHES = (RECIPIENTS, SENDER, NOTE, EXPIRES, MAX_DOWNLOADS)


def is_part(file: StoredFile, store: FileStore) -> bool:
    """Whether a file is announced by its share, and so never alone.

    It has the mark of one, whose manifest names it or is yet to come. What a manifest does not name
    is a copy under another key, and a file as any. Raises InvalidShare for a mark that cannot be
    one, FileNotReadable.
    """
    share_id = share_of(file)
    if share_id is None:
        return False
    upload = file.upload
    try:
        manifest = look_up(Upload(upload.bucket, manifest_key(share_id), None), store)
        return (
            manifest is None
            or _names(manifest, upload.key, store)
            or any(_names(one, upload.key, store) for one in _before(manifest, store))
        )
    except (InvalidShare, FileArchived):
        return True  # what is wrong with the manifest, its own event says


def opened(file: StoredFile, store: FileStore) -> StoredFile:
    """A manifest's object as the share that it announces. Raises InvalidShare, FileNotReadable."""
    for name in (*_WISHES, SHARE):
        if name in file.metadata:
            raise refusal_of(file, f"the manifest has metadata {name}, but must itself say all")
    share = with_manifest(file, store)
    if RECIPIENTS not in share.metadata:
        for one in share.manifest.files if share.manifest else ():
            folder, slash, _ = one.key.lstrip("/").partition("/")
            # Alone it would be mailed to that address; EmailRecipient would be a guess.
            if slash and means_an_address(folder):
                raise refusal_of(
                    file,
                    f"it names no recipients, but {shown(one.key)}, whose first folder means one",
                )
    return share


def versions_repeated(share: StoredFile, store: FileStore) -> tuple[str, ...]:
    """The versions before it that say the same, the latest first: it is no news to whom these were
    mailed.

    Raises InvalidShare where one says something else, for what was announced once stays as it is.
    """
    repeated = []
    for before in _before(share, store):
        try:
            is_same = with_manifest(before, store).manifest == share.manifest
        except InvalidShare:
            is_same = False
        if not is_same:
            raise refusal_of(share, "another manifest was put there before")
        repeated.append(str(before.upload.version))
    return tuple(repeated)


def check_direct(share: StoredFile, settings: Settings) -> None:
    """Raises InvalidShare for more files than a mail has room for, each with a link of its own."""
    count = len(share.manifest.files) if share.manifest else 0
    if settings.portal is None and count > MOST_DIRECT_FILES:
        raise too_many(share, f"it has {count:,} files", settings)


def too_many(share: StoredFile, what: str, settings: Settings) -> InvalidShare:
    return InvalidShare(
        f"{share.upload} was not announced, nor any file of it: {what}, and a mail with links to "
        f"S3 itself has room for {MOST_DIRECT_FILES} with short keys; send fewer at once, or run "
        f"`{settings.command('deploy --with portal')}`."
    )


def looked_up(share: StoredFile, services: Services, invocation: Invocation) -> StoredFile:
    """The share with all of its files, as S3 has them.

    Raises InvalidShare, or another FileError, for one that is not as its manifest says.
    """
    if share.manifest is None:
        return share
    if is_gathered(share):
        check_gathered(share, services)
    look = partial(_part, share, services.store, invocation)
    parts = side_by_side(look, share.manifest.files, services.readers)
    return replace(share, parts=parts, oldest=min(one.last_modified for one in parts))


def _part(
    share: StoredFile, store: FileStore, invocation: Invocation, named: SharedFile
) -> StoredFile:
    if not invocation.has_time:
        raise FileNotReadable(
            f"{share.upload} was not announced, nor any file of it: S3 was too slow to tell about "
            "them all. Lambda tries again."
        )
    upload = Upload(share.upload.bucket, named.key, named.version)
    check_openable(upload)
    part = _found(share, upload, store)
    if not is_gathered(share) and part.metadata.get(SHARE) != share_id_of(share.upload.key):
        raise refusal_of(share, f"{upload} does not have the share's id as metadata {SHARE}")
    if part.size != named.size:
        raise refusal_of(
            share, f"{upload} has {part.size:,} bytes, and the manifest says {named.size:,}"
        )
    if part.is_folder_marker:
        raise refusal_of(share, f"{upload} is a folder")
    check_names(part)
    for name in () if is_gathered(share) else _WISHES:
        if name in part.metadata:
            raise refusal_of(share, f"{upload} has metadata {name}, which its manifest must say")
    check_decryptable(part, store)
    # It is downloaded under the name by which the share lists it.
    return replace(part, content_disposition=content_disposition(named.name))


def _found(share: StoredFile, upload: Upload, store: FileStore) -> StoredFile:
    try:
        part = look_up(upload, store)
    except FileNotReadable as exc:
        # What was never a version, S3 refuses as it does files under their sender's own key.
        if isinstance(exc, FileArchived) or not is_refused(exc):
            raise
        part = None
    if part is None or part.upload.version != upload.version:
        raise refusal_of(share, f"{upload} is not there, or not in that version, or not readable")
    return part


def _names(manifest: StoredFile, key: str, store: FileStore) -> bool:
    named = with_manifest(manifest, store).manifest
    return named is not None and key in {one.key for one in named.files}


def _before(manifest: StoredFile, store: FileStore) -> Iterator[StoredFile]:
    """The versions of a manifest before this one, the last first.

    Not the empty ones, which programs make that show a bucket as a drive. It does not matter
    whether one was deleted: links may lead to it.
    """
    upload = manifest.upload
    if not upload.version:
        return
    try:
        listed = store.list_object_versions(
            Bucket=upload.bucket,
            Prefix=upload.key,
            KeyMarker=upload.key,
            VersionIdMarker=upload.version,
            MaxKeys=_MOST_VERSIONS,
        )
    except (ClientError, BotoCoreError) as exc:
        raise FileNotReadable(
            f"{upload} was not announced: S3 does not say which versions it has had "
            f"({code_of(exc)}). Lambda tries again."
        ) from exc
    for one in listed.get("Versions", ()):
        if one["Key"] == upload.key and one["Size"]:
            yield replace(
                manifest,
                upload=replace(upload, version=one["VersionId"]),
                size=one["Size"],
                last_modified=one["LastModified"],
            )

"""Whether a file is what lay under its key before, copied onto itself.

So the S3 console edits metadata and the storage class: S3 stores a new version with the old bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of

from files.errors import FileNotReadable
from files.store import FileStore, StoredFile

# Whoever edits a file more often has it mailed again.
_MOST_EDITS = 100


def versions_copied(file: StoredFile, store: FileStore) -> tuple[str, ...]:
    """The versions before it that have its bytes, the latest first; none of what is no copy.

    What cannot be told for sure is another file. Raises FileNotReadable.
    """
    upload = file.upload
    if not (upload.is_copy and upload.version):
        return ()
    copied: list[str] = []
    try:
        last = _Bytes(upload.key, upload.version, file.etag, file.size)
        for before in _versions_before(file, store):
            if not _are_same(last, before, upload.bucket, store):
                break
            copied.append(before.version)
            last = before
    except (ClientError, BotoCoreError) as exc:
        raise FileNotReadable(
            f"{upload} was not announced: S3 does not say which versions it has had "
            f"({code_of(exc)}). Lambda tries again."
        ) from exc
    return tuple(copied)


@dataclass(frozen=True)
class _Bytes:
    """What tells the content of one version from that of another."""

    key: str
    version: str
    etag: str
    size: int


def _versions_before(file: StoredFile, store: FileStore) -> Iterator[_Bytes]:
    """The last first, as far as the key was not deleted in between."""
    listed = store.list_object_versions(
        Bucket=file.upload.bucket,
        Prefix=file.upload.key,
        KeyMarker=file.upload.key,
        VersionIdMarker=file.upload.version,
        MaxKeys=_MOST_EDITS,
    )
    deleted = [
        one["LastModified"]
        for one in listed.get("DeleteMarkers", ())
        if one["Key"] == file.upload.key
    ]
    for one in listed.get("Versions", ()):
        if one["Key"] != file.upload.key or (deleted and one["LastModified"] <= max(deleted)):
            return
        yield _Bytes(one["Key"], one["VersionId"], one["ETag"], one["Size"])


def _are_same(one: _Bytes, other: _Bytes, bucket: str, store: FileStore) -> bool:
    if one.size != other.size:
        return False
    # ETags of equal bytes differ where one came in parts, or S3 has them under a KMS key.
    return one.etag == other.etag or bool(
        _checksums(one, bucket, store) & _checksums(other, bucket, store)
    )


def _checksums(one: _Bytes, bucket: str, store: FileStore) -> set[tuple[str, str]]:
    """Those of all its bytes, by their algorithm."""
    try:
        head: Mapping[str, Any] = store.head_object(
            Bucket=bucket, Key=one.key, VersionId=one.version, ChecksumMode="ENABLED"
        )
    except ClientError as exc:
        # It is gone, or under a key that this role may not use: nobody can tell.
        if exc.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403, 404}:
            return set()
        raise
    if head.get("ChecksumType") != "FULL_OBJECT":
        return set()
    return {
        (name, value)
        for name, value in head.items()
        if name.startswith("Checksum") and name != "ChecksumType"
    }

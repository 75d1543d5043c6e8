"""Whether a file is what lay under its key before, copied onto itself.

So the S3 console edits metadata and the storage class: S3 stores a new version with the old bytes.
So `s3link links extend` prolongs a file, which is nobody's news; in its metadata it says of which
version it is the copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of

from files.errors import FileNotReadable
from files.store import FileStore, StoredFile
from files.uploads import Upload

# The metadata of what was prolonged: the version that was copied, when, the family's root, and when
# that arrived.
COPY_OF = "s3link-copy-of"
_WORDS = 4

# Whoever edits a file more often has it mailed again.
_MOST_EDITS = 100


@dataclass(frozen=True)
class Family:
    """A file and the copies that prolonged it: the version that it first was, and since when."""

    root: str
    arrived_at: datetime


def copy_mark(version: str, now: datetime, family: Family) -> str:
    """What COPY_OF says of a copy; no other copy has the same, but for one that is made of it."""
    return f"{version} {now.isoformat()} {family.root} {family.arrived_at.isoformat()}"


def family_of(file: StoredFile, store: FileStore) -> Family:
    """What a file was before it was ever prolonged. Raises FileNotReadable.

    A root may be gone before its copies. An edited file has the mark of what was edited, and
    begins a family.
    """
    begun = Family(str(file.upload.version), file.last_modified)
    family = _family(file.metadata.get(COPY_OF, ""))
    if not family or family.arrived_at > file.last_modified:
        return begun
    mark = file.metadata[COPY_OF]
    with _versions_asked_of(file.upload):
        is_edited = any(mark == _mark(head) for _, head in _heads_before(file, store))
    return begun if is_edited else family


def _family(mark: str) -> Family | None:
    """None for what no copy has: metadata is as hostile as whoever uploads."""
    words = mark.split(" ")
    if len(words) != _WORDS:
        return None
    with suppress(ValueError):
        arrived_at = datetime.fromisoformat(words[2 + 1])
        if arrived_at.tzinfo:
            return Family(words[2], arrived_at)
    return None


def is_prolonged(file: StoredFile, store: FileStore) -> bool:
    """Whether a file was made by prolonging a version before it, and not edited since.

    A file of a new key carries the mark of the one that it was copied from, and so does an edited
    one: these are told apart by what lay under the key before. Raises FileNotReadable.
    """
    upload, mark = file.upload, file.metadata.get(COPY_OF, "")
    if not (mark and upload.version):
        return False
    is_copy = False
    with _versions_asked_of(upload):
        head = _head(_Bytes(upload.key, upload.version, file.etag, file.size), upload.bucket, store)
        for before, its in _heads_before(file, store):
            if mark == _mark(its):
                return False
            if _are_relatives(mark, before, its):
                if _differ(head, its):
                    return False
                is_copy = True
    return is_copy


def _heads_before(file: StoredFile, store: FileStore) -> Iterator[tuple[_Bytes, Mapping[str, Any]]]:
    """The versions before it that may have its bytes, by their size."""
    for before in _versions_before(file, store):
        if before.size == file.size:
            yield before, _head(before, file.upload.bucket, store)


def _mark(head: Mapping[str, Any]) -> str:
    return _metadata(head).get(COPY_OF, "")


def _are_relatives(mark: str, before: _Bytes, head: Mapping[str, Any]) -> bool:
    """Whether a mark names a version, or its root."""
    family, its = _family(mark), _family(_mark(head))
    if not family:
        return False
    named = {mark.partition(" ")[0], family.root}
    return before.version in named or (its is not None and its.root == family.root)


def _differ(head: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether two versions certainly have other bytes.

    A copy in parts has neither the ETag nor, of a file that came with another kind of checksum, a
    checksum of its original: of what cannot be told, the mark is believed. If it were not, each
    large file would be mailed again.
    """
    ours, theirs = dict(_checksums(head)), dict(_checksums(before))
    if common := ours.keys() & theirs.keys():
        return any(ours[name] != theirs[name] for name in common)
    tags = (_md5(head), _md5(before))
    return all(tags) and tags[0] != tags[1]


def _md5(head: Mapping[str, Any]) -> str:
    """Which the ETag is of what came at once, under S3's own key; else empty."""
    tag: str = head.get("ETag", "")
    is_plain = head.get("ServerSideEncryption", "AES256") == "AES256" and "-" not in tag
    return tag if is_plain else ""


def versions_copied(file: StoredFile, store: FileStore) -> tuple[str, ...]:
    """The versions before it that have its bytes, the latest first; none of what is no copy.

    What cannot be told for sure is another file. Raises FileNotReadable.
    """
    upload = file.upload
    if not (upload.is_copy and upload.version):
        return ()
    copied: list[str] = []
    with _versions_asked_of(upload):
        last = _Bytes(upload.key, upload.version, file.etag, file.size)
        for before in _versions_before(file, store):
            if not _are_same(last, before, upload.bucket, store):
                break
            copied.append(before.version)
            last = before
    return tuple(copied)


@contextmanager
def _versions_asked_of(upload: Upload) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as exc:
        raise FileNotReadable(
            f"{upload} was not announced: S3 does not say which versions it has had "
            f"({code_of(exc)}). Lambda tries again."
        ) from exc


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
    if one.etag == other.etag:
        return True
    # ETags of equal bytes differ where one came in parts, or S3 has them under a KMS key.
    head, before = _head(one, bucket, store), _head(other, bucket, store)
    if _are_relatives(_mark(head), other, before):
        return not _differ(head, before)
    return bool(_checksums(head) & _checksums(before))


def _head(one: _Bytes, bucket: str, store: FileStore) -> Mapping[str, Any]:
    """What S3 says of a version; nothing where it is gone, or under a key that this role may not
    use: then nobody can tell."""
    try:
        head: Mapping[str, Any] = store.head_object(
            Bucket=bucket, Key=one.key, VersionId=one.version, ChecksumMode="ENABLED"
        )
    except ClientError as exc:
        if exc.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403, 404}:
            return {}
        raise
    return head


def _metadata(head: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in head.get("Metadata", {}).items()}


def _checksums(head: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Those of all its bytes, by their algorithm."""
    if head.get("ChecksumType") != "FULL_OBJECT":
        return set()
    return {
        (name, value)
        for name, value in head.items()
        if name.startswith("Checksum") and name != "ChecksumType"
    }

"""What the bucket says about an uploaded file. The one place that reads from S3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of

from files.errors import FileArchived, FileEncrypted, FileNotReadable
from files.manifest import Manifest
from files.names import file_name
from files.uploads import Upload

# Not there, that version not there, and a version that is a delete marker (S3 HeadObject).
_GONE = {"404", "NoSuchKey", "NoSuchVersion", "NotFound", "405", "MethodNotAllowed"}
# Not allowed, or not as it was asked for, as with a file under its sender's own key (SSE-C).
_DENIED = {"403", "AccessDenied", "Forbidden"}
_REFUSED = {"400", "BadRequest", *_DENIED}
# Objects in these classes answer a download with InvalidObjectState until they are restored.
_ARCHIVE_CLASSES = {"GLACIER", "DEEP_ARCHIVE"}


class FileStore(Protocol):
    """The part of an S3 client that functions use."""

    def head_object(self, *args: Any, **parameters: Any) -> Any: ...

    def get_object(self, *args: Any, **parameters: Any) -> Any: ...

    def list_object_versions(self, *args: Any, **parameters: Any) -> Any: ...

    def head_bucket(self, *args: Any, **parameters: Any) -> Any: ...

    def list_objects_v2(self, *args: Any, **parameters: Any) -> Any: ...

    def generate_presigned_url(self, *args: Any, **parameters: Any) -> str: ...


@dataclass(frozen=True)
class StoredFile:
    """What functions need to know; the names of `metadata` are lower case, as S3 has them.

    `hidden_metadata` are so many more, which no header can carry: S3 does not give them. What
    stands for the files of a share has their `manifest`; where these were looked up it has them as
    `parts`, and knows of when the `oldest` of them is.
    """

    upload: Upload
    size: int
    last_modified: datetime
    metadata: Mapping[str, str]
    content_disposition: str = ""
    content_encoding: str = ""
    etag: str = ""
    hidden_metadata: int = 0
    kms_key: str = ""
    manifest: Manifest | None = None
    oldest: datetime | None = None
    parts: tuple[StoredFile, ...] = ()

    @property
    def name(self) -> str:
        """Under which it is mailed and downloaded."""
        if self.manifest:
            return self.manifest.title
        return file_name(self.upload.key, self.content_disposition)

    @property
    def own_name(self) -> str:
        """The name, where the key does not tell it; else empty."""
        return self.name if self.name != file_name(self.upload.key) else ""

    @property
    def total_size(self) -> int:
        """Bytes of all that its recipients get."""
        return self.manifest.total_size if self.manifest else self.size

    @property
    def is_folder_marker(self) -> bool:
        """Whether it only makes a folder appear in the S3 console."""
        return self.size == 0 and self.upload.key.endswith("/")


def look_up(upload: Upload, store: FileStore) -> StoredFile | None:
    """The file with the version that it has; None when it is gone.

    Raises FileNotReadable when S3 refuses or its answer means that no link could download it.
    """
    # The key first: a deleted file keeps its version, behind a delete marker that only the key
    # shows. A file that a newer one has replaced is still there.
    head = _newest(upload, store)
    if head is not None and upload.version and upload.version != head.get("VersionId"):
        head = _head(upload, store)
    if head is None:
        return None
    if archive := _archive_of(head):
        raise FileArchived(
            f"{upload} was not announced: it lies in {archive}, which cannot be "
            "downloaded from; upload it again in class STANDARD."
        )
    return StoredFile(
        upload=upload.with_version(head.get("VersionId") or upload.version),
        size=head["ContentLength"],
        last_modified=head["LastModified"],
        metadata={name.lower(): value for name, value in head.get("Metadata", {}).items()},
        content_disposition=head.get("ContentDisposition", ""),
        content_encoding=head.get("ContentEncoding", ""),
        etag=head.get("ETag", ""),
        hidden_metadata=head.get("MissingMeta", 0),
        kms_key=head.get("SSEKMSKeyId", ""),
    )


def check_decryptable(file: StoredFile, store: FileStore) -> None:
    """Raises FileEncrypted for a file under a KMS key that this function's role may not use.

    S3 tells about such a file, but gives none of it, to whom the function signs a link either.
    """
    if not file.kms_key:
        return
    upload = file.upload
    version = {"VersionId": upload.version} if upload.version else {}
    # There is no first byte of an empty file to ask for.
    first_byte = {"Range": "bytes=0-0"} if file.size else {}
    try:
        store.get_object(Bucket=upload.bucket, Key=upload.key, **version, **first_byte)
    except ClientError as exc:
        code = code_of(exc)
        if code not in _REFUSED and not code.startswith("KMS."):
            raise FileNotReadable(_refusal(upload, code)) from exc
        raise FileEncrypted(
            f"{upload} was not announced: no link may use its KMS key {file.kms_key} ({code}); "
            "add the key to FileKeyArns and deploy, or upload the file again without it."
        ) from exc
    except BotoCoreError as exc:
        raise FileNotReadable(_silence(upload, exc)) from exc


def is_replaced(file: StoredFile, store: FileStore) -> bool:
    """Whether its key has another file by now, or none. Raises FileNotReadable."""
    now = look_up(file.upload.with_version(None), store)
    return now is None or now != file


def look_up_as_it_was(
    upload: Upload, modified_at: datetime | None, store: FileStore
) -> StoredFile | None:
    """The file of that time; None when it is gone. Raises FileNotReadable.

    Where the bucket has no versions, a later file under the same key is another one.
    """
    file = look_up(upload, store)
    if file is None or modified_at is None:
        return file
    return file if file.last_modified.replace(microsecond=0) == modified_at else None


def bucket_is_there(bucket: str, store: FileStore) -> bool:
    """Of a bucket that is gone, S3 says of every file that it is gone. Raises ClientError."""
    try:
        store.head_bucket(Bucket=bucket)
    except ClientError as exc:
        if code_of(exc) in {"404", "NoSuchBucket"}:
            return False
        raise
    return True


def is_refused(error: FileNotReadable) -> bool:
    """Whether S3 refuses just this file as it is, so that asking again does not help."""
    cause = error.__cause__
    if isinstance(cause, ClientError):
        return code_of(cause) in _REFUSED
    return cause is None


def _newest(upload: Upload, store: FileStore) -> Mapping[str, Any] | None:
    """What S3 says about the key; nothing, where only the version that is asked for can be read."""
    try:
        return _head(upload.with_version(None), store)
    except FileNotReadable as exc:
        if upload.version is None or not is_refused(exc):
            raise
        return {}


def _head(upload: Upload, store: FileStore) -> Mapping[str, Any] | None:
    """What S3 says about the version, or without one about the key; None when it is gone."""
    version = {"VersionId": upload.version} if upload.version else {}
    try:
        head: Mapping[str, Any] = store.head_object(Bucket=upload.bucket, Key=upload.key, **version)
    except ClientError as exc:
        code = code_of(exc)
        if code in _GONE or (code in _DENIED and not _may_be_there(upload, store)):
            return None
        raise FileNotReadable(_refusal(upload, code)) from exc
    except BotoCoreError as exc:
        raise FileNotReadable(_silence(upload, exc)) from exc
    return head


def _archive_of(head: Mapping[str, Any]) -> str:
    """What the file has to be restored from first, if anything."""
    if 'ongoing-request="false"' in head.get("Restore", ""):
        return ""
    storage_class: str = head.get("StorageClass", "")
    if storage_class in _ARCHIVE_CLASSES:
        return f"storage class {storage_class}"
    # Intelligent-Tiering says so beside its class, once it has moved the file into an archive tier.
    return f"{storage_class}'s {tier}" if (tier := head.get("ArchiveStatus")) else ""


def _silence(upload: Upload, error: BotoCoreError) -> str:
    return (
        f"{upload} was not announced: S3 did not answer ({type(error).__name__}). "
        "Lambda tries again."
    )


def _may_be_there(upload: Upload, store: FileStore) -> bool:
    """Of a file that is gone, S3 says "denied" to a role that may list some keys only (Programs).

    Such a role may list what begins with this key.
    """
    whose = {"Bucket": upload.bucket, "Prefix": upload.key}
    try:
        if upload.version is None:
            # Keys come in order, so that this one would be the first.
            listed = store.list_objects_v2(**whose, MaxKeys=1).get("Contents", ())
            return any(one["Key"] == upload.key for one in listed)
        page = store.list_object_versions(**whose)
    except (ClientError, BotoCoreError):
        return True
    found = ((one["Key"], one["VersionId"]) for one in page.get("Versions", ()))
    return bool(page.get("IsTruncated")) or (upload.key, upload.version) in found


def _refusal(upload: Upload, code: str) -> str:
    if code in _DENIED:
        return (
            f"{upload} was not announced: S3 does not let LinkGenerator's role read it; "
            "allow s3:GetObject, s3:GetObjectVersion and s3:ListBucket."
        )
    if code in {"400", "BadRequest"}:
        return (
            f"{upload} was not announced: S3 refuses to read it (400), as it does with files under "
            "their sender's own key; upload it again without SSE-C."
        )
    return f"{upload} was not announced: S3 answered {code}. Lambda tries again."

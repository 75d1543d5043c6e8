"""Several files that one mail announces: a manifest's object as the file that stands for them all,
and the mark that each of them bears.

The mark, metadata `s3link-share` with the share's id, keeps a file from being announced alone, and
keeps a manifest from naming files of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.text import shown

from files.errors import FileNotReadable, InvalidShare
from files.manifest import (
    MOST_BYTES,
    Manifest,
    ManifestError,
    is_manifest,
    is_share_id,
    manifest_of,
    share_id_of,
)
from files.metadata import EXPIRES, MAX_DOWNLOADS, NOTE, RECIPIENTS, SENDER, SHARE, header_text
from files.store import FileStore, StoredFile


def with_manifest(file: StoredFile, store: FileStore) -> StoredFile:
    """The file as the share that it announces, if it is a manifest; else as it is.

    Its metadata is then what the manifest says, in the words of a single file's. Raises
    InvalidShare, FileNotReadable.
    """
    if not is_manifest(file.upload.key):
        return file
    try:
        share_id_of(file.upload.key)
        manifest = manifest_of(_content(file, store))
    except ManifestError as exc:
        raise refusal_of(file, str(exc)) from exc
    return replace(file, manifest=manifest, metadata=metadata_of(manifest))


def refusal_of(file: StoredFile, why: str) -> InvalidShare:
    """Of a manifest, and with it of each file that it names; `why` ends a sentence."""
    return InvalidShare(
        f"{file.upload} was not announced, nor any file of it: {why}; send the files again, as a "
        "new share."
    )


def share_of(file: StoredFile) -> str | None:
    """The id of the share that a file's mark names; None without one. Raises InvalidShare."""
    share_id = file.metadata.get(SHARE)
    if share_id is not None and not is_share_id(share_id):
        raise InvalidShare(
            f"{file.upload} was not announced: its metadata {SHARE} is {shown(share_id)}, which is "
            "no id of a share; upload it again with 8 to 64 letters, digits, hyphens and "
            "underscores, or without that metadata."
        )
    return share_id


def metadata_of(manifest: Manifest) -> Mapping[str, str]:
    """What a single file's metadata would say, of the same wishes."""
    metadata = {
        RECIPIENTS: header_text(",".join(manifest.recipients)),
        SENDER: header_text(manifest.sender),
        NOTE: header_text(manifest.note),
        EXPIRES: "" if manifest.expires is None else str(manifest.expires),
        MAX_DOWNLOADS: "" if manifest.max_downloads is None else str(manifest.max_downloads),
    }
    return {name: value for name, value in metadata.items() if value}


def _content(file: StoredFile, store: FileStore) -> bytes:
    if file.size > MOST_BYTES:
        raise ManifestError(f"it has {file.size:,} bytes, and a manifest at most {MOST_BYTES:,}")
    upload = file.upload
    version = {"VersionId": upload.version} if upload.version else {}
    try:
        answer: Mapping[str, Any] = store.get_object(
            Bucket=upload.bucket, Key=upload.key, **version
        )
        content: bytes = answer["Body"].read()
    except (ClientError, BotoCoreError) as exc:
        raise FileNotReadable(
            f"{upload} was not announced: S3 did not give its manifest ({code_of(exc)})."
        ) from exc
    return content

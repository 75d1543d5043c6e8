"""Writes what travels with an upload, such as recipients and note, as S3 object metadata. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.errors import UploadError
from deploy.lambda_packages import (
    ALWAYS,
    ANNOUNCE,
    EXPIRES,
    MAX_DOWNLOADS,
    METADATA_LIMIT,
    NOTE,
    NOW,
    RECIPIENTS,
    SENDER,
    header_text,
    is_leftover,
    metadata_size,
)


def upload_metadata(
    key: str,
    recipients: Sequence[str],
    note: str,
    expires: int | None,
    max_downloads: int | None = None,
    sender: str | None = None,
    gathers: bool = False,
) -> dict[str, str]:
    """The metadata that LinkGenerator reads; raises UploadError when S3 would not take it.

    What is sent was named, itself or its folder, so that it is announced whatever its name; and at
    once, where a deployment `gathers` files that come one by one.
    """
    metadata: dict[str, str] = {}
    if recipients:
        metadata[RECIPIENTS] = ",".join(recipients)
    if sender is not None:
        metadata[SENDER] = header_text(sender)
    if note.strip():
        metadata[NOTE] = header_text(note.strip())
    if expires is not None:
        metadata[EXPIRES] = str(expires)
    if max_downloads is not None:
        metadata[MAX_DOWNLOADS] = str(max_downloads)
    if gathers:
        metadata[ANNOUNCE] = NOW
    elif is_leftover(key):
        metadata[ANNOUNCE] = ALWAYS
    size = metadata_size(metadata)
    if size > METADATA_LIMIT:
        what = "Recipients, sender and note" if sender is not None else "Recipients and note"
        raise UploadError(
            f"{what} take {size:,} bytes and S3 stores {METADATA_LIMIT:,} with a "
            "file; shorten the note or send to fewer people at a time."
        )
    return metadata

"""What a program asks to upload, read from its query and checked. Pure.

What LinkGenerator would refuse to announce is refused here, before anything is uploaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from files.leftovers import is_leftover
from files.manifest import MOST_DOWNLOADS
from files.metadata import (
    ALWAYS,
    ANNOUNCE,
    EXPIRES,
    MAX_DOWNLOADS,
    METADATA_LIMIT,
    NOTE,
    RECIPIENTS,
    header_text,
    metadata_size,
)
from files.uploads import Upload
from function.text import shown
from http_api.fields import check_names, number_in_text, optional_text, text
from http_api.requests import BadRequest
from mail.addresses import Address, parse_address
from mail.recipients import RecipientError, recipients_of

from programs.objects import check_new_key
from programs.settings import Settings

# S3 user guide, "Amazon S3 multipart upload limits" and "Uploading objects".
SMALLEST_PART = 5 * 1024**2  # bytes, but for the last part
LARGEST_PUT = 5 * 1024**3  # bytes, of a part too
# S3 takes 10,000; but then the answer would be longer than Lambda's may be (6 MB).
MOST_PARTS = 1000

_NAMES = (
    *("operation", "fileKey", "contentLength", "contentType", "parts"),
    *("recipients", "note", "expires", "maxDownloads"),
)
# RFC 9110, 8.3.1, without quotes and spaces, which not everybody would sign alike.
_TOKEN = "[A-Za-z0-9!#$&^_.+-]+"  # noqa: S105
_CONTENT_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(;{_TOKEN}={_TOKEN})*")
_LONGEST_CONTENT_TYPE = 255  # characters


@dataclass(frozen=True)
class UploadAsked:
    """An upload that may be. `length` is the number of bytes it must have, if any."""

    key: str
    length: int | None
    content_type: str | None
    parts: int | None
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def part_size(self) -> int:
        """Bytes of every part but the last, which has the rest."""
        return -(-(self.length or 0) // (self.parts or 1))


def upload_asked(parameters: Mapping[str, str], settings: Settings) -> UploadAsked:
    """Raises BadRequest."""
    check_names(parameters, _NAMES, "query parameter")
    key = text(parameters, "fileKey")
    check_new_key("fileKey", key, settings)
    asked = UploadAsked(
        key=key,
        length=number_in_text(parameters, "contentLength", 0),
        content_type=_content_type(parameters),
        parts=number_in_text(parameters, "parts", 1, MOST_PARTS),
        metadata=_metadata(key, parameters, settings),
    )
    _check_recipients(asked, settings)
    if asked.parts is None:
        _check_length(asked)
    else:
        _check_parts(asked, asked.parts)
    return asked


def _check_recipients(asked: UploadAsked, settings: Settings) -> None:
    """What LinkGenerator would refuse later, by the same rule, is refused before it is uploaded."""
    try:
        recipients_of(Upload(settings.bucket, asked.key, None), asked.metadata, settings.recipients)
    except RecipientError as exc:
        raise BadRequest(f"Nothing was signed: {exc}") from exc


def _check_length(asked: UploadAsked) -> None:
    if asked.length is not None and asked.length > LARGEST_PUT:
        raise BadRequest(
            f"contentLength is {asked.length}, but one upload takes at most {LARGEST_PUT} bytes; "
            f"ask with at least parts={min(-(-asked.length // LARGEST_PUT), MOST_PARTS)}."
        )


def _check_parts(asked: UploadAsked, parts: int) -> None:
    if asked.length is None:
        raise BadRequest(
            "contentLength is missing; with parts it says how many bytes all of them have."
        )
    if asked.part_size > LARGEST_PUT:
        raise BadRequest(
            f"contentLength is {asked.length}, too much for parts={parts}: each part takes at "
            f"most {LARGEST_PUT} bytes, and there are at most {MOST_PARTS} parts."
        )
    if parts > 1 and asked.part_size < SMALLEST_PART:
        raise BadRequest(
            f"contentLength is {asked.length}, too little for parts={parts}: all parts but the "
            f"last have at least {SMALLEST_PART} bytes; ask with at most "
            f"parts={max(asked.length // SMALLEST_PART, 1)}."
        )


def _content_type(parameters: Mapping[str, str]) -> str | None:
    value = optional_text(parameters, "contentType")
    if value is None:
        return None
    if not _CONTENT_TYPE.fullmatch(value) or len(value) > _LONGEST_CONTENT_TYPE:
        raise BadRequest(
            f"contentType is {shown(value)}, but must be a type without spaces, such as "
            "application/pdf or text/plain;charset=utf-8 (in a query + is written %2B)."
        )
    return value


def _metadata(key: str, parameters: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The sender's wishes, as LinkGenerator reads them at the file."""
    metadata: dict[str, str] = {}
    if recipients := optional_text(parameters, "recipients"):
        metadata[RECIPIENTS] = ",".join(map(str, _recipients(recipients, settings)))
    if note := (optional_text(parameters, "note") or "").strip():
        metadata[NOTE] = header_text(note)
    if expires := number_in_text(parameters, "expires", 1):
        metadata[EXPIRES] = str(expires)
    downloads = number_in_text(parameters, "maxDownloads", 0, MOST_DOWNLOADS)
    if downloads is not None:
        if not settings.counts_downloads:
            raise BadRequest(
                "maxDownloads needs the portal, which this deployment lacks: nobody counts the "
                "downloads of a direct link. Leave it out."
            )
        metadata[MAX_DOWNLOADS] = str(downloads)
    if is_leftover(key):
        # A program names each file that it uploads.
        metadata[ANNOUNCE] = ALWAYS
    if metadata_size(metadata) > METADATA_LIMIT:
        raise BadRequest(
            f"recipients and note take {metadata_size(metadata)} bytes, and S3 keeps "
            f"{METADATA_LIMIT} with a file; shorten the note or upload for fewer people."
        )
    return metadata


def _recipients(given: str, settings: Settings) -> list[Address]:
    recipients = [_address(entry) for entry in given.split(",")]
    refused = [one for one in recipients if not settings.recipients.authorized.allows(one)]
    if refused:
        raise BadRequest(
            f"Nothing was signed, because {', '.join(map(str, refused))} may not get links from "
            "this deployment; upload for others, or have the address added to "
            "AuthorizedRecipients."
        )
    return recipients


def _address(entry: str) -> Address:
    try:
        return parse_address(entry.strip(" \t"))
    except ValueError as exc:
        raise BadRequest(
            f"recipients has {shown(entry)}, which is not an address, for {exc}; separate bare "
            "addresses by commas."
        ) from exc

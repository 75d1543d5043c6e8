"""URLs to upload with: one for the whole file, or one for each part of it.

What was asked with is checked and signed, so that S3 takes nothing else: so many bytes, of that
type, for those recipients; and only once, for S3 keeps what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from files.expiry import DIRECT_LINK_LIMIT
from files.metadata import (
    EXPIRES,
    MAX_DOWNLOADS,
    METADATA_LIMIT,
    MOST_DOWNLOADS,
    NOTE,
    RECIPIENTS,
    header_text,
    metadata_size,
)
from files.uploads import Upload
from function.text import shown
from http_api.fields import check_names, number_in_text, optional_text, text
from http_api.requests import BadRequest, Request
from mail.addresses import parse_address
from signing.links import address_of

from programs import log
from programs.errors import storage_fault
from programs.objects import check_new_key
from programs.settings import Services, Settings

UPLOAD_STARTS_WITHIN = timedelta(minutes=15)
# Parts of a large file may wait for each other; longer the role's session may not last.
PARTS_START_WITHIN = DIRECT_LINK_LIMIT

_METADATA_PREFIX = "x-amz-meta-"
# S3 stores what comes with it only where no file has the key, so a URL that is put twice is
# announced once (S3 user guide, "Conditional writes").
ONLY_NEW = "*"

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


def whole_upload(
    asked: UploadAsked, settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """The URL, and the headers that must be sent with the file."""
    headers = dict(sorted(_headers(asked)))
    [url] = _signed(asked, [({}, headers)], UPLOAD_STARTS_WITHIN, settings, services)
    log.done("Signed an upload of", asked.key, request, length=asked.length)
    return {"url": url, "headers": headers}


def upload_in_parts(
    asked: UploadAsked, parts: int, settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """Begin an upload; the URL of each part, and what to post when all are there."""
    upload_id = _begin(asked, settings, services)
    puts = (
        ({"partNumber": str(number), "uploadId": upload_id}, {"content-length": str(size)})
        for number, size in _sizes(asked, parts)
    )
    urls = _signed(asked, puts, PARTS_START_WITHIN, settings, services)
    log.done("Began an upload of", asked.key, request, length=asked.length, parts=parts)
    return {
        "uploadId": upload_id,
        "partSize": asked.part_size,
        "urls": urls,
        "complete": {
            "method": "POST",
            "url": f"{settings.api_url}/complete-upload",
            "body": {
                "fileKey": asked.key,
                "uploadId": upload_id,
                "parts": [{"partNumber": number + 1, "eTag": ""} for number in range(parts)],
            },
        },
    }


def _begin(asked: UploadAsked, settings: Settings, services: Services) -> str:
    optional = {"ContentType": asked.content_type} if asked.content_type else {}
    try:
        begun = services.store.create_multipart_upload(
            Bucket=settings.bucket, Key=asked.key, Metadata=dict(asked.metadata), **optional
        )
    except (ClientError, BotoCoreError) as exc:
        raise storage_fault(f"The upload of {shown(asked.key)} was not begun", exc) from exc
    return str(begun["UploadId"])


def _headers(asked: UploadAsked) -> Iterator[tuple[str, str]]:
    for name, value in asked.metadata.items():
        yield f"{_METADATA_PREFIX}{name}", value
    if asked.length is not None:
        yield "content-length", str(asked.length)
    if asked.content_type is not None:
        yield "content-type", asked.content_type
    yield "if-none-match", ONLY_NEW


def _sizes(asked: UploadAsked, parts: int) -> Iterator[tuple[int, int]]:
    """The number and the bytes of each part."""
    for number in range(1, parts):
        yield number, asked.part_size
    yield parts, (asked.length or 0) - (parts - 1) * asked.part_size


def _signed(
    asked: UploadAsked,
    puts: Iterable[tuple[Mapping[str, str], Mapping[str, str]]],
    starts_within: timedelta,
    settings: Settings,
    services: Services,
) -> list[str]:
    """The URL of each PUT, given its parameters and headers; all from the same moment."""
    address = address_of(Upload(settings.bucket, asked.key, None), services.store)
    signer, now = services.signer(), services.clock()
    seconds = int(starts_within.total_seconds())
    return [
        signer.signed_url(address, parameters, now, seconds, method="PUT", headers=headers)
        for parameters, headers in puts
    ]


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
        metadata=_metadata(parameters),
    )
    if asked.parts is None:
        _check_length(asked)
    else:
        _check_parts(asked, asked.parts)
    return asked


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


def _metadata(parameters: Mapping[str, str]) -> dict[str, str]:
    """The sender's wishes, as LinkGenerator reads them at the file."""
    metadata: dict[str, str] = {}
    if recipients := optional_text(parameters, "recipients"):
        metadata[RECIPIENTS] = ",".join(_address(entry) for entry in recipients.split(","))
    if note := (optional_text(parameters, "note") or "").strip():
        metadata[NOTE] = header_text(note)
    if expires := number_in_text(parameters, "expires", 1):
        metadata[EXPIRES] = str(expires)
    downloads = number_in_text(parameters, "maxDownloads", 0, MOST_DOWNLOADS)
    if downloads is not None:
        metadata[MAX_DOWNLOADS] = str(downloads)
    if metadata_size(metadata) > METADATA_LIMIT:
        raise BadRequest(
            f"recipients and note take {metadata_size(metadata)} bytes, and S3 keeps "
            f"{METADATA_LIMIT} with a file; shorten the note or upload for fewer people."
        )
    return metadata


def _address(entry: str) -> str:
    try:
        return str(parse_address(entry.strip(" \t")))
    except ValueError as exc:
        raise BadRequest(
            f"recipients has {shown(entry)}, which is not an address, for {exc}; separate bare "
            "addresses by commas."
        ) from exc

"""URLs to upload with: one for the whole file, or one for each part of it.

What was asked with is signed, so that S3 takes nothing else: so many bytes, of that
type, for those recipients; and only once, for S3 keeps what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from files.expiry import DIRECT_LINK_LIMIT
from files.uploads import Upload
from function.text import shown
from http_api.requests import Request
from signing.links import address_of

from programs import log
from programs.errors import storage_fault
from programs.settings import Services, Settings
from programs.upload_requests import UploadAsked

UPLOAD_STARTS_WITHIN = timedelta(minutes=15)
# Parts of a large file may wait for each other; longer the role's session may not last.
PARTS_START_WITHIN = DIRECT_LINK_LIMIT

_METADATA_PREFIX = "x-amz-meta-"
# S3 stores what comes with it only where no file has the key, so a URL that is put twice is
# announced once (S3 user guide, "Conditional writes").
ONLY_NEW = "*"


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

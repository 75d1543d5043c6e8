"""URLs to upload with: one for the whole file, or one for each part of it.

What was asked with is signed, so that S3 takes nothing else: so many bytes, of that type, for those
recipients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from files.expiry import DIRECT_LINK_LIMIT
from files.uploads import Upload
from http_api.requests import Request, shown
from signing.links import address_of
from signing.signer import Signer

from presign import log
from presign.asked import UploadAsked
from presign.faults import storage_fault
from presign.services import Services
from presign.settings import Settings

UPLOAD_STARTS_WITHIN = timedelta(minutes=15)
# Parts of a large file may wait for each other; longer the role's session may not last.
PARTS_START_WITHIN = DIRECT_LINK_LIMIT

_METADATA_PREFIX = "x-amz-meta-"


def whole_upload(
    asked: UploadAsked, settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """The URL, and the headers that must be sent with the file, if any."""
    headers = dict(sorted(_headers(asked)))
    url = _Signing.of(asked.key, settings, services).url({}, headers, UPLOAD_STARTS_WITHIN)
    log.done("Signed an upload of", asked.key, request, length=asked.length)
    return {"url": url, "headers": headers} if headers else {"url": url}


def upload_in_parts(
    asked: UploadAsked, parts: int, settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """Begin an upload; the URL of each part, and what to post when all are there."""
    upload_id = _begin(asked, settings, services)
    signing = _Signing.of(asked.key, settings, services)
    urls = [
        signing.url(
            {"partNumber": str(number), "uploadId": upload_id},
            {"content-length": str(size)},
            PARTS_START_WITHIN,
        )
        for number, size in _sizes(asked, parts)
    ]
    log.done("Began an upload of", asked.key, request, length=asked.length, parts=parts)
    return {
        "uploadId": upload_id,
        "partSize": asked.part_size,
        "urls": urls,
        "complete": {
            "method": "POST",
            "url": f"{settings.portal_url}/complete-upload",
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


def _sizes(asked: UploadAsked, parts: int) -> Iterator[tuple[int, int]]:
    """The number and the bytes of each part."""
    for number in range(1, parts):
        yield number, asked.part_size
    yield parts, (asked.length or 0) - (parts - 1) * asked.part_size


@dataclass(frozen=True)
class _Signing:
    """Signs what is put under one key, all from the same moment."""

    address: str
    signer: Signer
    moment: datetime

    @classmethod
    def of(cls, key: str, settings: Settings, services: Services) -> _Signing:
        address = address_of(Upload(settings.bucket, key, None), services.store)
        return cls(address, services.signer(), services.clock())

    def url(
        self, parameters: Mapping[str, str], headers: Mapping[str, str], works_for: timedelta
    ) -> str:
        seconds = int(works_for.total_seconds())
        return self.signer.signed_url(
            self.address, parameters, self.moment, seconds, method="PUT", headers=headers
        )

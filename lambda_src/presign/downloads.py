"""A URL to download with, of one version of a file that is there, under its real name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from files.expiry import Validity
from files.uploads import Upload
from http_api.fields import check_names, optional_text, text
from http_api.requests import Request
from signing.links import address_of, signed_link

from presign import log
from presign.files import find
from presign.keys import check_key
from presign.services import Services
from presign.settings import Settings

DOWNLOAD_STARTS_WITHIN = timedelta(minutes=15)

_NAMES = ("operation", "fileKey", "versionId")


def download(
    parameters: Mapping[str, str], settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """Raises BadRequest, NotThere or Unavailable."""
    check_names(parameters, _NAMES, "query parameter")
    key = text(parameters, "fileKey")
    check_key("fileKey", key, settings)
    version = optional_text(parameters, "versionId")
    upload = find(Upload(settings.bucket, key, version), services).upload
    now = services.clock().replace(microsecond=0)
    validity = Validity(now, now + DOWNLOAD_STARTS_WITHIN)
    address = address_of(upload, services.store)
    url = signed_link(upload, address, request.id, validity, services.signer())
    log.done("Signed a download of", key, request, version=upload.version)
    return {"url": url}

"""Puts the parts of an upload together, or gives them up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.text import shown
from http_api.errors import NotThere
from http_api.fields import check_names, number, text
from http_api.requests import BadRequest, Request

from programs import log
from programs.errors import storage_fault
from programs.objects import check_new_key
from programs.settings import Services, Settings
from programs.upload_requests import MOST_PARTS
from programs.uploads import ONLY_NEW

_UPLOAD_ID = re.compile("[!-~]{1,1024}")
# As S3 gives it, with its quotes or without.
_ETAG = re.compile('"?[!#-~]{1,128}"?')
# What S3 says of parts, or of a key, that are not as they must be.
_REFUSED = {
    "EntityTooSmall": "all parts but the last must have the size that was asked for",
    "InvalidArgument": "S3 does not know this uploadId or these parts",
    "InvalidPart": "a part was not uploaded, or its eTag is another",
    "InvalidPartOrder": "the parts are not in order",
    "InvalidRequest": "S3 does not take these parts together",
    "MalformedXML": "S3 does not take these parts together",
    # The first also where an earlier try completed it and only the answer was lost.
    "PreconditionFailed": "there is a file of this name, perhaps from this upload; use another key",
    "ConditionalRequestConflict": "the key was written meanwhile; begin the upload anew",
}


def complete_upload(
    body: Mapping[str, Any], settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """The file is there then, and is announced. With `abort` its parts are removed instead.

    Raises BadRequest, NotThere or Unavailable.
    """
    check_names(body, ("fileKey", "uploadId", "parts", "abort"), "field")
    key = text(body, "fileKey")
    check_new_key("fileKey", key, settings)
    upload_id = text(body, "uploadId")
    if not _UPLOAD_ID.fullmatch(upload_id):
        raise BadRequest("uploadId is none of S3's; give the one that was answered.")
    upload = {"Bucket": settings.bucket, "Key": key, "UploadId": upload_id}
    if _is_aborted(body):
        _abort(upload, services)
        log.done("Gave up an upload of", key, request)
        return {"fileKey": key, "aborted": True}
    version = _complete(upload, _parts_of(body), services)
    log.done("Completed an upload of", key, request, version=version)
    return {"fileKey": key, "versionId": version} if version else {"fileKey": key}


def _is_aborted(body: Mapping[str, Any]) -> bool:
    if "abort" not in body:
        return False
    if body["abort"] is not True:
        raise BadRequest("abort must be true; leave it out to complete the upload.")
    if "parts" in body:
        raise BadRequest("There are both parts and abort; give parts to complete the upload only.")
    return True


def _parts_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body.get("parts")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_PARTS:
        raise BadRequest(
            f"parts must be a list of 1 to {MOST_PARTS} parts, each as "
            '{"partNumber": 1, "eTag": "…"}.'
        )
    parts = {}
    for one in given:
        if not isinstance(one, Mapping):
            raise BadRequest('parts has something that is not a part, as {"partNumber": 1, …} is.')
        check_names(one, ("partNumber", "eTag"), "field of a part")
        parts[number(one, "partNumber", 1, MOST_PARTS)] = _etag(one)
    if len(parts) < len(given):
        raise BadRequest("parts has a partNumber twice.")
    return [{"PartNumber": number, "ETag": tag} for number, tag in sorted(parts.items())]


def _etag(part: Mapping[str, Any]) -> str:
    tag = text(part, "eTag")
    if not _ETAG.fullmatch(tag):
        raise BadRequest(
            f"eTag is {shown(tag)}, but must be the ETag that S3 answered the part's upload with."
        )
    return tag


def _complete(
    upload: Mapping[str, str], parts: list[dict[str, Any]], services: Services
) -> str | None:
    try:
        answer = services.store.complete_multipart_upload(
            **upload, MultipartUpload={"Parts": parts}, IfNoneMatch=ONLY_NEW
        )
    except (ClientError, BotoCoreError) as exc:
        code = code_of(exc)
        if code in _REFUSED:
            raise BadRequest(
                f"The upload of {shown(upload['Key'])} was not completed: {_REFUSED[code]}."
            ) from exc
        raise _not_done(upload, "completed", exc) from exc
    version: str | None = answer.get("VersionId")
    return version


def _abort(upload: Mapping[str, str], services: Services) -> None:
    try:
        services.store.abort_multipart_upload(**upload)
    except (ClientError, BotoCoreError) as exc:
        raise _not_done(upload, "given up", exc) from exc


def _not_done(
    upload: Mapping[str, str], done: str, error: ClientError | BotoCoreError
) -> Exception:
    if code_of(error) == "NoSuchUpload":
        return NotThere(
            f"There is no such upload of {shown(upload['Key'])}: it was completed or given up "
            "before, or was never begun."
        )
    return storage_fault(f"The upload of {shown(upload['Key'])} was not {done}", error)

"""Files of programs: which keys they may use, whether one is there, and a URL to download it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import FileEncrypted, FileNotReadable
from files.store import StoredFile, check_decryptable, look_up
from files.uploads import Upload
from function.errors import code_of
from function.text import shown
from http_api.errors import NotThere, Unavailable
from http_api.fields import check_names, optional_text, text
from http_api.requests import BadRequest, Request
from signing.links import is_openable

from programs import log
from programs.errors import storage_fault
from programs.settings import Services, Settings

DOWNLOAD_STARTS_WITHIN = timedelta(minutes=15)

_LONGEST_KEY = 1024  # bytes of UTF-8 (S3, "Naming objects")
_NAMES = ("operation", "fileKey", "versionId")


def download(
    parameters: Mapping[str, str], settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """Of one version of a file that is there. Raises BadRequest, NotThere or Unavailable."""
    check_names(parameters, _NAMES, "query parameter")
    key = text(parameters, "fileKey")
    check_key("fileKey", key, settings)
    version = optional_text(parameters, "versionId")
    file = find(Upload(settings.bucket, key, version), services)
    url = services.download_url(file, request.id, DOWNLOAD_STARTS_WITHIN)
    log.done("Signed a download of", key, request, version=file.upload.version)
    return {"url": url}


def find(upload: Upload, services: Services) -> StoredFile:
    """The file with the version that it has.

    Raises NotThere, Unavailable, or BadRequest for a file that no URL can download.
    """
    try:
        file = look_up(upload, services.store)
        if file is None:
            raise NotThere(_missing(upload))
        check_decryptable(file, services.store)
    except FileEncrypted as exc:
        raise BadRequest(
            f"{shown(upload.key)} is encrypted with a KMS key that this API may not use; upload it "
            "again without it, or ask whoever runs this API to add the key to FileKeyArns."
        ) from exc
    except FileNotReadable as exc:
        raise _refusal(upload, exc.__cause__) from exc
    return file


def check_key(name: str, key: str, settings: Settings) -> None:
    """Raises BadRequest for a key that programs may not use; `name` is how the caller gave it."""
    if len(key.encode()) > _LONGEST_KEY:
        raise BadRequest(f"{name} is longer than {_LONGEST_KEY} bytes in UTF-8.")
    if not key.startswith(settings.keys):
        raise BadRequest(
            f"{name} is {shown(key)}, but keys of programs begin with {shown(settings.keys)} here."
        )
    if not is_openable(key):
        raise BadRequest(
            f'{name} is {shown(key)}, but no folder or file may be called "." or "..": browsers '
            "cannot open it."
        )


def check_new_key(name: str, key: str, settings: Settings) -> None:
    """As check_key, for a file that is to be uploaded."""
    check_key(name, key, settings)
    if key.endswith("/"):
        raise BadRequest(f"{name} is {shown(key)}, a folder; name a file in it.")
    # S3's own answers could not name the file, for XML has no control characters.
    if any(unicodedata.category(c) == "Cc" or c in "\ufffe\uffff" for c in key):
        raise BadRequest(f"{name} is {shown(key)}, with a control character; use another name.")


def _missing(upload: Upload) -> str:
    if upload.version:
        return f"There is no such version of {shown(upload.key)}; ask without versionId."
    return f"There is no file {shown(upload.key)}; upload it first."


def _refusal(upload: Upload, cause: BaseException | None) -> BadRequest | Unavailable:
    if not isinstance(cause, (ClientError, BotoCoreError)):
        return BadRequest(
            f"{shown(upload.key)} is archived in S3 and cannot be downloaded; restore it first."
        )
    if isinstance(cause, ClientError) and code_of(cause) in {"400", "BadRequest"}:
        return BadRequest(
            f"S3 refuses to read {shown(upload.key)}: either it has no such version, or it is "
            "encrypted with its sender's own key (SSE-C)."
        )
    return storage_fault(f"Whether {shown(upload.key)} is there is not known", cause)

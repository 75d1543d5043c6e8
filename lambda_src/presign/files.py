"""Whether a file is there, and may be downloaded."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import FileNotReadable
from files.store import StoredFile, look_up
from files.uploads import Upload
from http_api.requests import BadRequest, shown

from presign.errors import NotThere, Unavailable
from presign.faults import storage_fault
from presign.services import Services


def find(upload: Upload, services: Services) -> StoredFile:
    """The file with the version that it has.

    Raises NotThere, Unavailable, or BadRequest for a file that no URL can download.
    """
    try:
        file = look_up(upload, services.store)
    except FileNotReadable as exc:
        raise _refusal(upload, exc.__cause__) from exc
    if file is None:
        raise NotThere(_missing(upload))
    return file


def _missing(upload: Upload) -> str:
    if upload.version:
        return f"There is no such version of {shown(upload.key)}; ask without versionId."
    return f"There is no file {shown(upload.key)}; upload it first."


def _refusal(upload: Upload, cause: BaseException | None) -> BadRequest | Unavailable:
    if not isinstance(cause, (ClientError, BotoCoreError)):
        return BadRequest(
            f"{shown(upload.key)} is archived in S3 and cannot be downloaded; restore it first."
        )
    if isinstance(cause, ClientError) and cause.response["Error"]["Code"] in {"400", "BadRequest"}:
        return BadRequest(
            f"S3 refuses to read {shown(upload.key)}: either it has no such version, or it is "
            "encrypted with its sender's own key (SSE-C)."
        )
    return storage_fault(f"Whether {shown(upload.key)} is there is not known", cause)

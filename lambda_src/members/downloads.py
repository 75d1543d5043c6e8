"""A URL to one file of a version: pinned to what is there now, under its own name, for a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import FileEncrypted, FileNotReadable
from files.names import spellings
from files.store import StoredFile, check_decryptable, look_up
from files.uploads import Upload
from function.errors import code_of
from function.text import shown
from http_api.errors import NotThere, Unavailable
from http_api.fields import check_names, optional_text, text
from http_api.requests import BadRequest, Request, parameters_of
from signing.links import download_url, is_openable

from members import log
from members.artifacts import LONGEST_KEY, find_version
from members.caller import Caller
from members.errors import no_version, storage_fault
from members.settings import Services, Settings

STARTS_WITHIN = timedelta(seconds=60)

_NAMES_SHOWN = 20


def download(
    request: Request, caller: Caller, settings: Settings, services: Services
) -> dict[str, Any]:
    """Raises BadRequest, NotThere or Unavailable."""
    parameters = parameters_of(request.query)
    check_names(parameters, ("file",), "query parameter")
    version = text(request.path_parameters, "version")
    name = optional_text(parameters, "file") or _only_file(version, settings, services)
    file = _find(version, name, settings, services)
    url = download_url(
        file, request.id, STARTS_WITHIN, services.clock(), services.store, services.signer()
    )
    log.done("Signed a download of", version, caller, request, file=name)
    return {"url": url}


def _only_file(version: str, settings: Settings, services: Services) -> str:
    """The version's file, where it has one only."""
    found = find_version(version, settings, services)
    files = found.files if found else []
    if not files:
        raise no_version(version)
    if len(files) > 1:
        names = ", ".join(shown(one.name) for one in files[:_NAMES_SHOWN])
        more = ", …" if len(files) > _NAMES_SHOWN else ""
        raise BadRequest(
            f"Version {shown(version)} has {len(files)} files; name one as file: {names}{more}."
        )
    return files[0].name


def _find(version: str, name: str, settings: Settings, services: Services) -> StoredFile:
    key = f"{version}/{name}"
    if "/" in version or len(key.encode()) > LONGEST_KEY:
        raise _no_file(version, name)
    if not is_openable(key):
        raise NotThere(
            f"{shown(key)} cannot be downloaded: browsers cannot open a folder or file called "
            '"." or "..".'
        )
    for spelling in spellings(key):
        try:
            file = look_up(Upload(settings.bucket, spelling, None), services.store)
            if file and not file.is_folder_marker:
                check_decryptable(file, services.store)
                return file
        except FileNotReadable as exc:
            raise _not_readable(key, exc) from exc
    raise _no_file(version, name)


def _not_readable(key: str, error: FileNotReadable) -> NotThere | Unavailable:
    """S3 answers 400 for a file that is encrypted with its publisher's own key (SSE-C)."""
    cause = None if isinstance(error, FileEncrypted) else error.__cause__
    if isinstance(cause, BotoCoreError) or (
        isinstance(cause, ClientError) and code_of(cause) not in {"400", "BadRequest"}
    ):
        return storage_fault(f"Whether {shown(key)} is there is not known", cause)
    return NotThere(f"{shown(key)} cannot be downloaded as it is stored; ask whoever published it.")


def _no_file(version: str, name: str) -> NotThere:
    return NotThere(
        f"There is no file {shown(name)} in version {shown(version)}, or not any more; load the "
        "list again."
    )

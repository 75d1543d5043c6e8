"""A link that works exactly once, to one version of a file: made, let in by the gate, followed.

The gate only reads: it keeps out whoever has no nonce that still works. The nonce is taken last,
when the answer is ready: until then nothing that fails, or takes too long, costs anything; and of
any number of requests at the same moment one takes it. There is no window for a second try.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from files.errors import FileArchived, FileEncrypted
from files.expiry import file_ends
from files.store import StoredFile, check_decryptable, look_up_as_it_was
from files.uploads import Upload
from function.errors import FunctionError, code_of
from function.text import shown
from http_api.answers import Answer, error_answer, see_other
from http_api.errors import NotThere
from http_api.fields import check_names, number, text
from http_api.requests import BadRequest, Request, parameters_of, request_of
from tables.service import TableError

from programs import log
from programs.errors import table_fault
from programs.nonces import Nonce, Nonces, OneTimeLink, Refused, link_id_of, new_nonce, parse_nonce
from programs.objects import check_key, find
from programs.settings import Services, Settings

# Long enough to follow a redirect; a download that has begun goes on.
_REDIRECT_WORKS_FOR = timedelta(seconds=60)
# Programs has 29 seconds; the nonce is taken in 6 and, should that fail, given back in 6.
_READY_WITHIN = timedelta(seconds=15)
# Beyond every ExchangableObjectsTTL (3,650 days): the file's end is what counts then.
_LONGEST_EXPIRES = 10**9  # seconds

# What has become of a file since its link was made; whoever undoes it finds the link as before.
_NOT_DOWNLOADABLE = {
    FileArchived: "The object is archived in S3 and cannot be downloaded until it is restored.",
    FileEncrypted: "The object is encrypted with a KMS key that this API may not use any more.",
}

# What the gate hands to the function behind it.
_NONCE_HASH = "nonceHash"


def one_time_link(
    body: Mapping[str, Any], settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """Make a link. Raises BadRequest, NotThere or Unavailable."""
    check_names(body, ("bucket_name", "object_name", "expires"), "field")
    # The same sentence for every other bucket: whose they are, and whether they are, is no
    # business of the caller's.
    if text(body, "bucket_name") != settings.bucket:
        raise BadRequest("bucket_name is not the bucket of this deployment; name that one.")
    key = text(body, "object_name")
    check_key("object_name", key, settings)
    expires = number(body, "expires", 1, _LONGEST_EXPIRES) if "expires" in body else None
    now = services.clock()
    file = find(Upload(settings.bucket, key, None), services)
    nonce = new_nonce(services.random_bytes)
    ends = _ends(file, expires, settings, now)
    link = OneTimeLink(nonce.hash, file.upload, file.last_modified, ends)
    try:
        services.nonces.make(link, now, services.pause)
    except TableError as exc:
        raise table_fault(f"No link to {shown(key)} was made", exc) from exc
    log.done("Made a one-time link to", key, request, version=file.upload.version, link=link.id)
    return {"url": f"{settings.api_url}/access-object?nonce={nonce.text}"}


def _ends(file: StoredFile, expires: int | None, settings: Settings, now: datetime) -> datetime:
    """The caller's wish, but never beyond the file's end."""
    ends = file_ends(file, settings)
    if ends <= now:
        raise NotThere(
            f"{shown(file.upload.key)} may be removed at any moment, for its time is over; "
            "upload it again."
        )
    return ends if expires is None else min(ends, now + timedelta(seconds=expires))


def authorize(event: object, nonces: Nonces, now: datetime) -> dict[str, Any]:
    """The simple answer of an authorizer, with the link for the function behind it.

    Raises TableError, and then API Gateway answers 500.
    """
    try:
        request = request_of(event)
        nonce = _nonce_of(request)
    except BadRequest:
        nonce = None
    if nonce is None:
        log.refused("there is no nonce, or not one")
        return {"isAuthorized": False}
    try:
        found = nonces.find(nonce.hash, now)
    except TableError as exc:
        log.gate_failed(exc.code, nonce.link_id)
        raise
    if isinstance(found, Refused):
        log.refused(found.why, nonce.link_id)
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": {_NONCE_HASH: nonce.hash}}


def _nonce_of(request: Request) -> Nonce | None:
    parameters = parameters_of(request.query)
    return parse_nonce(parameters.get("nonce", "")) if parameters.keys() == {"nonce"} else None


def follow(request: Request, services: Services) -> Answer:
    """Send the program to S3, if its request is the one that takes the nonce."""
    nonce_hash = request.authorized.get(_NONCE_HASH, "")
    if not nonce_hash:
        return _gone()
    began = services.clock()
    try:
        link = services.nonces.find(nonce_hash, began)
        url = None if isinstance(link, Refused) else _url_of(link, services)
    except (FileArchived, FileEncrypted) as exc:
        log.not_followed(link_id_of(nonce_hash), type(exc).__name__, request)
        return error_answer(404, _NOT_DOWNLOADABLE[type(exc)])
    except (FunctionError, BotoCoreError, ClientError, TableError) as exc:
        log.not_followed(link_id_of(nonce_hash), _code_of(exc), request)
        return _not_taken("The table of nonces" if isinstance(exc, TableError) else "S3")
    if isinstance(link, Refused):
        return _refused(link, nonce_hash)
    if url is None:
        return _gone()
    if services.clock() - began > _READY_WITHIN:
        log.not_followed(link.id, "TookTooLong", request)
        return _not_taken("S3")
    return _take(link, url, request, services)


def _take(link: OneTimeLink, url: str, request: Request, services: Services) -> Answer:
    """Nothing comes between this and the answer."""
    # Not the request's own id: whether a caller can choose that, AWS does not say of HTTP APIs.
    taker = uuid4().hex
    try:
        refused = services.nonces.take(link.nonce_hash, taker, services.clock())
    except TableError as exc:
        log.not_followed(link.id, exc.code, request)
        return _given_back(link, taker, services)
    if refused:
        return _refused(refused, link.nonce_hash)
    log.done("Let a one-time link be followed to", link.upload.key, request, link=link.id)
    return see_other(url)


def _url_of(link: OneTimeLink, services: Services) -> str | None:
    file = look_up_as_it_was(link.upload, link.modified_at, services.store)
    if file is None:
        return None
    check_decryptable(file, services.store)
    return services.download_url(file, link.id, _REDIRECT_WORKS_FOR)


def _given_back(link: OneTimeLink, taker: str, services: Services) -> Answer:
    """The table may have taken the nonce without saying so."""
    try:
        services.nonces.give_back(link.nonce_hash, taker)
    except TableError:
        return error_answer(
            503,
            "The table of nonces did not answer, and the link may be used up; try again, and ask "
            "for another one if it is.",
        )
    return _not_taken("The table of nonces")


def _not_taken(cause: str) -> Answer:
    return error_answer(503, f"{cause} did not answer; the link is as good as before, try again.")


def _refused(refused: Refused, nonce_hash: str) -> Answer:
    log.refused(refused.why, link_id_of(nonce_hash))
    return error_answer(403, "The link was used already, or its time is over; ask for another one.")


def _gone() -> Answer:
    return error_answer(404, "The object is not there any more.")


def _code_of(error: Exception) -> str:
    """A word that may be logged; an error's own text could quote a link."""
    if isinstance(error, (BotoCoreError, ClientError)):
        return code_of(error)
    return error.code if isinstance(error, TableError) else type(error).__name__

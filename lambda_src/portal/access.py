"""`/access-object`: the one download of a program's link, after NonceGate has taken the nonce."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError
from files.store import StoredFile
from function.errors import FunctionError
from http_api.requests import Request
from portal_links.files import file_of
from portal_links.links import Link
from portal_links.redeeming import give_back
from signing.links import download_url
from tables.service import TableError

from portal import log
from portal.pages import Response, see_other
from portal.settings import Services, Settings


def redirect(request: Request, settings: Settings, services: Services) -> Response:
    """Send the program to S3; the gate has let it in, and lets nobody in a second time.

    Where nothing can be given, the nonce is given back.
    """
    link_id = request.authorized.get("linkId")
    link = services.links.of_id(link_id) if link_id else None
    if link is None:
        return _refusal(404, "The object is not there any more.")
    try:
        file = file_of(link, services.store)
        url = _url(link, file, services) if file else None
    except (FunctionError, BotoCoreError, ClientError) as exc:
        log.failed("sign a program's download", type(exc).__name__)
        return _given_back(link, services)
    if url is None:
        return _refusal(404, "The object is not there any more.")
    log.logger.info("A program downloads", extra={"link": link.id, "file": link.key})
    return see_other(url)


def _url(link: Link, file: StoredFile, services: Services) -> str:
    return download_url(
        file.upload,
        link.id,
        timedelta(seconds=60),
        services.clock(),
        services.store,
        services.signer(),
    )


def _given_back(link: Link, services: Services) -> Response:
    with suppress(TableError):
        if give_back(services.links, link.id):
            return _refusal(503, "S3 did not answer; the link is as good as before, try again.")
    return _refusal(503, "S3 did not answer, and the link is used up; ask for another one.")


def _refusal(status: int, reason: str) -> Response:
    body = json.dumps({"error": reason})
    return Response(status, body, {"content-type": "application/json"})

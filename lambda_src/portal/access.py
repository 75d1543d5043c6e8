"""`/access-object`: the one download of a program's link, after NonceGate has taken the nonce."""

from __future__ import annotations

import json

from link_generator.store import look_up

from portal import log
from portal.requests import Request
from portal.responses import Response, see_other
from portal.services import Services
from portal.settings import Settings
from portal.signing import download_url, upload_of


def redirect(request: Request, settings: Settings, services: Services) -> Response:
    """Send the program to S3; the gate has let it in, and lets nobody in a second time."""
    link = services.links.of_id(request.link_id) if request.link_id else None
    file = look_up(upload_of(link), services.store) if link else None
    if link is None or file is None:
        return _refusal(404, "The object is not there any more.")
    log.logger.info("A program downloads", extra={"link": link.id, "file": link.key})
    return see_other(download_url(link, file, services.clock(), services))


def _refusal(status: int, reason: str) -> Response:
    body = json.dumps({"error": reason})
    return Response(status, body, {"content-type": "application/json"})

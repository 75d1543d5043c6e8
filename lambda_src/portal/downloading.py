"""A click that may download: its URL is signed, it is counted, and news of the first is handed on.

One way for a link's single file and for each file of a share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from files.store import StoredFile
from http_api.requests import Request
from portal_links.links import Link
from portal_links.redeeming import Redeemed, Refused, redeem
from signing.links import download_origin, download_url
from web_pages.response import Response, see_other

from portal import log, messages
from portal.mailer import hand_over
from portal.settings import Services, Settings

_ANSWERED_BY_A_PAGE = b"answer=page"
# Long enough to follow a redirect; a download that has begun goes on.
_STARTS_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Wanted:
    """What was clicked, and the pages that may follow: `started` is shown while the browser goes on
    to the URL, a credential. `position` is that of a file in a share."""

    file: StoredFile
    started: Callable[[Redeemed, str, datetime], Response]
    refused: Callable[[Refused, datetime], Response]
    position: int | None = None


def download(
    link: Link, wanted: Wanted, request: Request, settings: Settings, services: Services
) -> Response:
    """Decide and count, then send the browser to S3.

    A browser that is sent to a download stays on the page that it shows, with whatever that says
    by then. So the page's own form asks for a new page, which sends the browser on.
    """
    now = services.clock()
    # Signed first, for a download that is counted must be given.
    url = download_url(wanted.file, link.id, _STARTS_WITHIN, now, services.store, services.signer())
    result = redeem(services.links, link.id, now, settings.limits, wanted.position)
    if result is None:
        return messages.unknown_link()
    if isinstance(result, Refused):
        return wanted.refused(result, now)
    log.downloaded(result, wanted.file.upload, wanted.position)
    if result.is_first and settings.tells_of_downloads:
        _tell(result.link, wanted.position, settings, services)
    if _ANSWERED_BY_A_PAGE not in request.body.split(b"&"):
        return see_other(url)
    shown = wanted.started(result, url, now)
    return replace(shown, headers={**shown.headers, "refresh": f"0; url={url}"})


def _tell(link: Link, position: int | None, settings: Settings, services: Services) -> None:
    """The download does not wait for the news of it."""
    task = {"task": "first-download", "linkId": link.id}
    if position is not None:
        task["file"] = str(position)
    hand_over(task, "tell of a first download", settings, services)


def form_targets(link: Link, services: Services) -> str:
    """Where a form leads: here, and by redirect to the file, which browsers check as well."""
    return f"'self' {download_origin(link.upload, services.store)}"

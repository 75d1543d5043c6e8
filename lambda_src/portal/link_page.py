"""`/d/{token}`: the page of a link, and the click on its button.

Showing the page changes nothing, however often and by whomever it is opened. The click counts.
What is behind the link of a share is in `share_page`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from files.metadata import note_of
from function.text import file_size
from http_api.requests import Request
from portal_links.links import Link
from portal_links.redeeming import Redeemed, Refused
from web_pages.document import Markup
from web_pages.response import Response

from portal import log, share_page
from portal.confirming import confirmation, wrong_recipient
from portal.downloading import Wanted, download, form_targets
from portal.opening import Opened, not_working, with_link
from portal.pages import lines, page, part, sender_shown, time
from portal.settings import Services, Settings

_LONGEST_KIND = 4


def show(request: Request, settings: Settings, services: Services) -> Response:
    """What the link gives, with one button for each file; or why it gives nothing."""

    def shown(opened: Opened) -> Response:
        if settings.confirms_recipient:
            return confirmation(opened.link, settings, form_targets(opened.link, services))
        if opened.link.file_count:
            return share_page.page_of(opened, settings, services)
        return _page(opened, settings, services)

    return with_link(request, settings, services, shown)


def click(request: Request, settings: Settings, services: Services) -> Response:
    """Ask who is there, if that is to be asked; then give what was clicked."""

    def clicked(opened: Opened) -> Response:
        link = opened.link
        targets = form_targets(link, services)
        if problem := wrong_recipient(link, request, settings, services, targets):
            return problem
        if link.file_count:
            return share_page.click(opened, request, settings, services)
        return download(link, _wanted(opened, settings), request, settings, services)

    return with_link(request, settings, services, clicked)


def _page(opened: Opened, settings: Settings, services: Services) -> Response:
    link, file = opened.link, opened.file
    note = note_of(file)
    return page(
        "link",
        f"File for you: {file.name}",
        form_targets=form_targets(link, services),
        kind=PurePosixPath(file.name).suffix.lstrip(".").upper()[:_LONGEST_KIND],
        file_name=file.name,
        sender=sender_shown(file, settings),
        note=part("note", note=lines(note)) if note else "",
        file_size=file_size(file.size),
        expires_at=time(link.expires_at),
        downloads=_downloads_left(link, services.clock(), settings),
    )


def _downloads_left(link: Link, now: datetime, settings: Settings) -> Markup | str:
    left = link.downloads_left(settings.limits.usual_downloads)
    if left is None:
        return ""
    none = "0, but you can repeat the last one for now" if link.is_in_grace(now) else "0"
    return part("downloads_left", left=str(left or none))


def _wanted(opened: Opened, settings: Settings) -> Wanted:
    def started(result: Redeemed, url: str, now: datetime) -> Response:
        return page(
            "started",
            "Your download has started",
            file_name=opened.file.name,
            expires_at=time(result.link.expires_at),
            downloads=_downloads_left(result.link, now, settings),
            url=url,
        )

    def refused(result: Refused, now: datetime) -> Response:
        state = result.link.state(now, settings.limits.usual_downloads)
        log.refused(result.link, state)
        return not_working(result.link, state, settings, is_confirmed=True)

    return Wanted(opened.file, started, refused)

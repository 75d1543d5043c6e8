"""The link of a request, and its file; or the page that says why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from files.errors import FileArchived, FileEncrypted
from files.store import StoredFile, bucket_is_there, check_decryptable, look_up_as_it_was
from files.uploads import Upload
from http_api.requests import Request
from portal_links.file_counts import FileCounts
from portal_links.links import WORKING, Link
from portal_links.tokens import parse_token
from web_pages.document import Markup
from web_pages.response import Response

from portal import log, messages
from portal.settings import Services, Settings

PATH = "/d/"


@dataclass(frozen=True)
class Opened:
    """A link that works, and its file: that of a share is its manifest."""

    link: Link
    counts: FileCounts
    file: StoredFile


def with_link(
    request: Request,
    settings: Settings,
    services: Services,
    then: Callable[[Opened], Response],
) -> Response:
    """Go on with the link of the request and its file, if it works and the file is there."""
    token = parse_token(_token_text(request))
    found = services.links.find_with_counts(token) if token else None
    if found is None:
        return messages.unknown_link()
    link, counts = found
    state = counts.state_of_all(link, services.clock(), settings.limits.usual_downloads)
    if state not in WORKING:
        log.refused(link, state)
        return not_working(link, state, settings)
    about = about_link(link, settings)
    file = file_now(link, link.upload, link.modified_at, about, services)
    return file if isinstance(file, Response) else then(Opened(link, counts, file))


def file_now(
    link: Link,
    upload: Upload,
    modified_at: datetime | None,
    about: Markup,
    services: Services,
    back: Markup = messages.NOTHING,
) -> StoredFile | Response:
    """A file of a link as it is now, or why it cannot be downloaded, with a way `back`."""
    try:
        file = look_up_as_it_was(upload, modified_at, services.store)
        if file:
            check_decryptable(file, services.store)
            return file
    except FileArchived:
        log.archived(link, upload)
        return messages.file_archived(about, back)
    except FileEncrypted:
        log.encrypted(link, upload)
        return messages.file_encrypted(about, back)
    if not bucket_is_there(link.bucket, services.store):
        log.failed("find its bucket", "NoSuchBucket")
        return messages.unwell()
    log.gone(link, upload)
    is_whole_share = link.file_count and upload == link.upload
    return messages.share_gone(about) if is_whole_share else messages.file_gone(about, back)


def not_working(
    link: Link, state: str, settings: Settings, *, is_confirmed: bool = False
) -> Response:
    most = link.most_downloads(settings.limits.usual_downloads)
    about = about_link(link, settings, is_confirmed=is_confirmed)
    return messages.not_working(link, state, most, about)


def about_link(link: Link, settings: Settings, *, is_confirmed: bool = False) -> Markup:
    """Where ConfirmRecipient is on, the file is named to whoever has typed the address only."""
    may_know = is_confirmed or not settings.confirms_recipient
    return messages.about(settings.sender, link.name if may_know else "", link.file_count)


def _token_text(request: Request) -> str:
    """Decoded, whether or not API Gateway has done so; no token has a percent sign."""
    return unquote(request.path_parameters.get("token") or request.path.removeprefix(PATH))

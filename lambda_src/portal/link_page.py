"""`/d/{token}`: the page of a link, and the click on its button.

Showing the page changes nothing, however often and by whomever it is opened. The click counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote

from files.errors import FileArchived, FileEncrypted
from files.metadata import note_of
from files.store import (
    StoredFile,
    bucket_is_there,
    check_decryptable,
    look_up_as_it_was,
)
from function.text import file_size
from http_api.requests import Request, form_of
from mail.addresses import parse_address
from mail.named_senders import sender_now
from portal_links.guessing import Guess, give_back, take_guess
from portal_links.links import LOCKED, WORKING, Link
from portal_links.redeeming import Refused, redeem
from portal_links.tokens import parse_token
from signing.links import download_origin, download_url
from web_pages.document import Markup
from web_pages.response import Response, see_other

from portal import log, messages
from portal.mailer import hand_over
from portal.pages import isolated, lines, page, part, time
from portal.settings import Services, Settings

PATH = "/d/"
_ADDRESS = "address"
_ANSWERED_BY_A_PAGE = b"answer=page"
_LONGEST_KIND = 4
# Long enough to follow a redirect; a download that has begun goes on.
_STARTS_WITHIN = timedelta(seconds=60)


def show(request: Request, settings: Settings, services: Services) -> Response:
    """What the link gives, with one button; or why it gives nothing."""

    def shown(link: Link, file: StoredFile) -> Response:
        return _page(link, file, settings, services)

    return _with_file(request, settings, services, shown)


def click(request: Request, settings: Settings, services: Services) -> Response:
    """Decide and count, then send the browser to S3.

    A browser that is sent to a download stays on the page that it shows, with whatever that says
    by then. So the page's own form asks for a new page, which sends the browser on.
    """

    def download(link: Link, file: StoredFile) -> Response:
        problem = _wrong_recipient(link, request, settings, services)
        return problem or _redeemed(link, file, request, settings, services)

    return _with_file(request, settings, services, download)


def _with_file(
    request: Request,
    settings: Settings,
    services: Services,
    then: Callable[[Link, StoredFile], Response],
) -> Response:
    """Go on with the link of the request and its file, if it works and the file is there."""
    token = parse_token(_token_text(request))
    link = services.links.find(token) if token else None
    if link is None:
        return messages.unknown_link()
    state = link.state(services.clock(), settings.limits.usual_downloads)
    if state not in WORKING:
        log.refused(link, state)
        return _not_working(link, state, settings)
    about = _about(link, settings)
    try:
        file = look_up_as_it_was(link.upload, link.modified_at, services.store)
        if file:
            check_decryptable(file, services.store)
    except FileArchived:
        log.archived(link)
        return messages.file_archived(about)
    except FileEncrypted:
        log.encrypted(link)
        return messages.file_encrypted(about)
    if file:
        return then(link, file)
    if not bucket_is_there(link.bucket, services.store):
        log.failed("find its bucket", "NoSuchBucket")
        return messages.unwell()
    log.gone(link)
    return messages.file_gone(about)


def _not_working(
    link: Link, state: str, settings: Settings, *, is_confirmed: bool = False
) -> Response:
    most = link.most_downloads(settings.limits.usual_downloads)
    about = _about(link, settings, is_confirmed=is_confirmed)
    return messages.not_working(link, state, most, about)


def _about(link: Link, settings: Settings, *, is_confirmed: bool = False) -> Markup:
    """Where ConfirmRecipient is on, the file is named to whoever has typed the address only."""
    may_know = is_confirmed or not settings.confirms_recipient
    return messages.about(settings.sender, link.name if may_know else "")


def _token_text(request: Request) -> str:
    """Decoded, whether or not API Gateway has done so; no token has a percent sign."""
    return unquote(request.path_parameters.get("token") or request.path.removeprefix(PATH))


def _page(link: Link, file: StoredFile, settings: Settings, services: Services) -> Response:
    if settings.confirms_recipient:
        return _confirmation(link, settings, services)
    name = file.name
    note = note_of(file)
    return page(
        "link",
        f"File for you: {name}",
        form_targets=_form_targets(link, services),
        kind=PurePosixPath(name).suffix.lstrip(".").upper()[:_LONGEST_KIND],
        file_name=name,
        sender=_sender(file, settings),
        note=part("note", note=lines(note)) if note else "",
        file_size=file_size(file.size),
        expires_at=time(link.expires_at),
        downloads=_downloads_left(link, services.clock(), settings),
    )


def _sender(file: StoredFile, settings: Settings) -> Markup | str:
    sender = sender_now(file, settings.senders)
    return isolated(sender.shown) if sender else settings.sender


def _downloads_left(link: Link, now: datetime, settings: Settings) -> Markup | str:
    left = link.downloads_left(settings.limits.usual_downloads)
    if left is None:
        return ""
    none = "0, but you can repeat the last one for now" if link.is_in_grace(now) else "0"
    return part("downloads_left", left=str(left or none))


def _form_targets(link: Link, services: Services) -> str:
    """Where the form leads: here, and by redirect to the file, which browsers check as well."""
    return f"'self' {download_origin(link.upload, services.store)}"


def _confirmation(
    link: Link,
    settings: Settings,
    services: Services,
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> Response:
    """The page before any word about the file, where ConfirmRecipient is on."""
    return page(
        "confirm",
        "Is this link for you?",
        status,
        form_targets=_form_targets(link, services),
        sender=settings.sender,
        typed=typed,
        expires_at=time(link.expires_at),
        problem=part("problem", problem=problem) if problem else "",
        described=Markup(' aria-describedby="problem" aria-invalid="true"') if problem else "",
    )


def _wrong_recipient(
    link: Link, request: Request, settings: Settings, services: Services
) -> Response | None:
    """The answer to a wrong address, where one has to be typed; None when it is the right one."""
    if not settings.confirms_recipient:
        return None
    typed = form_of(request.body).get(_ADDRESS, "").strip()
    try:
        identity = parse_address(typed).identity
    except ValueError:
        problem = "Enter an email address, such as bob@example.com."
        return _confirmation(link, settings, services, problem, typed, 400)
    # Counted before it is compared: otherwise any number could be compared at the same moment.
    guess = take_guess(services.links, link.id, services.clock())
    if guess is None:
        return messages.unknown_link()
    if not isinstance(guess, Guess):
        log.refused(guess.link, LOCKED)
        return _not_working(guess.link, LOCKED, settings)
    if link.recipient and identity == link.recipient.lower():
        give_back(services.links, guess)
        return None
    log.wrong_answer(link)
    if guess.locked_until:
        return _not_working(guess.link, LOCKED, settings)
    problem = "The link was not sent to that address. Enter the one that got the email."
    return _confirmation(link, settings, services, problem, typed, 403)


def _redeemed(
    link: Link, file: StoredFile, request: Request, settings: Settings, services: Services
) -> Response:
    now = services.clock()
    # Signed first, for a download that is counted must be given.
    url = download_url(file, link.id, _STARTS_WITHIN, now, services.store, services.signer())
    result = redeem(services.links, link.id, now, settings.limits)
    if result is None:
        return messages.unknown_link()
    if isinstance(result, Refused):
        state = result.link.state(now, settings.limits.usual_downloads)
        log.refused(result.link, state)
        return _not_working(result.link, state, settings, is_confirmed=True)
    log.downloaded(result)
    if result.is_first and settings.tells_of_downloads:
        # The download does not wait for the news of it.
        task = {"task": "first-download", "linkId": result.link.id}
        hand_over(task, "tell of a first download", settings, services)
    if _ANSWERED_BY_A_PAGE in request.body.split(b"&"):
        return _started(result.link, file.name, url, now, settings)
    return see_other(url)


def _started(link: Link, name: str, url: str, now: datetime, settings: Settings) -> Response:
    """What is true after the click, while the browser goes on to `url`, a credential."""
    shown = page(
        "started",
        "Your download has started",
        file_name=name,
        expires_at=time(link.expires_at),
        downloads=_downloads_left(link, now, settings),
        url=url,
    )
    return replace(shown, headers={**shown.headers, "refresh": f"0; url={url}"})

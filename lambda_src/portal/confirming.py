"""ConfirmRecipient: before any word about a file, the page asks for the address of the mail."""

from __future__ import annotations

from http_api.requests import Request, form_of
from mail.addresses import parse_address
from portal_links.guessing import Guess, give_back, take_guess
from portal_links.links import LOCKED, Link
from web_pages.document import Markup
from web_pages.response import Response

from portal import log, messages
from portal.opening import not_working
from portal.pages import page, part, time
from portal.settings import Services, Settings

_ADDRESS = "address"


def confirmation(
    link: Link,
    settings: Settings,
    form_targets: str,
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> Response:
    """The page before any word about the file, where ConfirmRecipient is on."""
    is_share = bool(link.file_count)
    return page(
        "confirm",
        "Is this link for you?",
        status,
        form_targets=form_targets,
        sender=settings.sender,
        what="files" if is_share else "a file",
        then="the files are listed" if is_share else "the download starts",
        button="Show the files" if is_share else "Download the file",
        typed=typed,
        expires_at=time(link.expires_at),
        problem=part("problem", problem=problem) if problem else "",
        described=Markup(' aria-describedby="problem" aria-invalid="true"') if problem else "",
    )


def typed_address(request: Request) -> str:
    return form_of(request.body).get(_ADDRESS, "").strip()


def wrong_recipient(
    link: Link, request: Request, settings: Settings, services: Services, form_targets: str
) -> Response | None:
    """The answer to a wrong address, where one has to be typed; None when it is the right one."""
    if not settings.confirms_recipient:
        return None
    typed = typed_address(request)
    try:
        identity = parse_address(typed).identity
    except ValueError:
        problem = "Enter an email address, such as bob@example.com."
        return confirmation(link, settings, form_targets, problem, typed, 400)
    # Counted before it is compared: otherwise any number could be compared at the same moment.
    guess = take_guess(services.links, link.id, services.clock())
    if guess is None:
        return messages.unknown_link()
    if not isinstance(guess, Guess):
        log.refused(guess.link, LOCKED)
        return not_working(guess.link, LOCKED, settings)
    if link.recipient and identity == link.recipient.lower():
        give_back(services.links, guess)
        return None
    log.wrong_answer(link)
    if guess.locked_until:
        return not_working(guess.link, LOCKED, settings)
    problem = "The link was not sent to that address. Enter the one that got the email."
    return confirmation(link, settings, form_targets, problem, typed, 403)

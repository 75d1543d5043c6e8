"""`/` and `/request-link`: people ask for fresh links to what is shared with them.

Every answer is the same, for known and unknown addresses, and takes the same: one count and one
call of LinkMailer, which alone finds out whether there is anything to mail.
"""

from __future__ import annotations

from files.names import spellings
from http_api.requests import Request, first_values_of, form_of
from mail.addresses import parse_address
from web_pages.document import Markup
from web_pages.response import SAME_ORIGIN, Response

from portal import log, messages
from portal.mailer import hand_over
from portal.pages import page, part
from portal.settings import Services, Settings

_EMAIL = "email"
_FILE = "file"
_LONGEST_KEY = 1024  # bytes, S3's limit


def show(request: Request, settings: Settings, services: Services) -> Response:
    """One field and one button."""
    return _page(settings, first_values_of(request.query).get(_FILE, ""))


def preflight(request: Request, settings: Settings, services: Services) -> Response:
    """Browsers ask first whether another site may post; the API itself adds which sites may."""
    return Response(204)


def ask(request: Request, settings: Settings, services: Services) -> Response:
    """Let LinkMailer mail links to an address, if it may have any."""
    if request.origin not in settings.origins:
        log.foreign_origin()
        return messages.foreign_origin()
    form = form_of(request.body)
    file = form.get(_FILE) or first_values_of(request.query).get(_FILE) or ""
    if min(len(one.encode(errors="replace")) for one in spellings(file)) > _LONGEST_KEY:
        return messages.bad_request()
    typed = form.get(_EMAIL, "").strip()
    try:
        address = parse_address(typed)
    except ValueError:
        problem = "Enter an email address, such as bob@example.com."
        return _page(settings, file, problem, typed, 400)
    if not services.counts.allows_source(request.source, services.clock()):
        log.too_many_requests()
        return messages.too_many_requests()
    task = {"task": "request", "address": str(address), "file": file or None}
    if not hand_over(task, "hand a request for links over to LinkMailer", settings, services):
        return messages.unwell()
    return messages.on_its_way()


def _page(
    settings: Settings, file: str, problem: str = "", typed: str = "", status: int = 200
) -> Response:
    # Not the file's name: whoever made the address could write anything there.
    what = "a new link to one file, if it is" if file else "new links to all files"
    return page(
        "request",
        "Get your links by email",
        status,
        referrer=SAME_ORIGIN,
        sender=settings.sender,
        what=what,
        typed=typed,
        # From the page at / as from the answer to a wrong address.
        action="/request-link",
        hidden=part("hidden_file", file=file) if file else "",
        problem=part("problem", problem=problem) if problem else "",
        described=Markup(' aria-describedby="problem" aria-invalid="true"') if problem else "",
    )

"""Which route does what, and how its errors are answered.

All but the page are for members. Who asks is checked before anything else is, so that whoever is
refused gets the same answer whatever there is. A table that does not answer lets nobody through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from http_api.answering import answered
from http_api.answers import Answer, json_answer
from http_api.errors import Unavailable
from http_api.fields import check_names
from http_api.requests import BadRequest, Request, parameters_of
from tables.service import TableError

from members import artifacts, downloads, log, surveys
from members.caller import Caller, caller_of
from members.errors import Refused, table_fault
from members.page import page_of, unwell_page
from members.settings import Services, Settings

Route = Callable[[Request, Caller, Settings, Services], Answer]


def answer_to(event: object, settings: Settings, services: Services) -> Answer:
    """Raises nothing but UnexpectedFailure."""
    return answered(
        event, lambda request: _done(request, settings, services), log.failed, "Members"
    )


def _done(request: Request, settings: Settings, services: Services) -> Answer:
    if request.route == PAGE:
        return _page(request, services)
    caller: Caller | None = None
    try:
        caller = caller_of(request.claims, settings.client_id)
        services.signed_out.check(caller)
        route = ROUTES.get(request.route)
        if route is None:
            raise BadRequest("This function has no such route.")
        return route(request, caller, settings, services)
    except Refused as exc:
        log.refused(exc.why, request, caller)
        raise
    except TableError as exc:
        raise table_fault(exc) from exc


def _page(request: Request, services: Services) -> Answer:
    """For anybody; it tells where the login is, and nothing that a member may see."""
    try:
        page = page_of(services.login.config())
    except Unavailable as exc:
        log.failed(exc, request)
        page = unwell_page()
    return page.as_dict()


def _versions(request: Request, _: Caller, settings: Settings, services: Services) -> Answer:
    return json_answer(200, artifacts.list_versions(request, settings, services))


def _sign_out(request: Request, caller: Caller, _: Settings, services: Services) -> Answer:
    check_names(parameters_of(request.query), (), "query parameter")
    services.signed_out.sign_out(caller, services.clock())
    log.signed_out(caller, request)
    return json_answer(200, {"signedOut": True})


def _in_json(
    route: Callable[[Request, Caller, Settings, Services], dict[str, Any]],
) -> Route:
    return lambda *arguments: json_answer(200, route(*arguments))


PAGE = "GET /"
ROUTES: dict[str, Route] = {
    "GET /artifacts": _versions,
    "GET /artifacts/{version}": _in_json(downloads.download),
    "GET /survey": _in_json(surveys.show),
    "POST /survey": _in_json(surveys.answer),
    "GET /survey/answers": surveys.all_answers,
    "POST /sign-out": _sign_out,
}

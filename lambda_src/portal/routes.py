"""Which page answers which route; routes have the template's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import FunctionError, code_of
from function.log import place_of
from http_api.requests import BadRequest, Request, request_of
from tables.service import TableError
from web_pages.response import Response

from portal import link_page, log, messages, opening, request_page
from portal.settings import Services, Settings

Page = Callable[[Request, Settings, Services], Response]

LINK = "ANY /d/{token}"
DEFAULT = "$default"
_PAGES: Mapping[tuple[str, str], Page] = {
    ("GET /", "GET"): request_page.show,
    ("POST /request-link", "POST"): request_page.ask,
    (LINK, "GET"): link_page.show,
    (LINK, "HEAD"): link_page.show,
    (LINK, "POST"): link_page.click,
}
_PAGES_BY_PATH: Mapping[tuple[str, str], Page] = {
    ("/", "HEAD"): request_page.show,
    # Whoever reloads the answer, or comes back to it.
    ("/request-link", "GET"): request_page.show,
    ("/request-link", "OPTIONS"): request_page.preflight,
}


def answer(event: Mapping[str, Any], settings: Settings, services: Services) -> dict[str, Any]:
    """Answer one request of the HTTP API; whatever goes wrong ends as a page, and in the log."""
    method = event["requestContext"]["http"]["method"]
    return _response(event, settings, services).as_dict(with_body=method != "HEAD")


def _response(event: Mapping[str, Any], settings: Settings, services: Services) -> Response:
    try:
        request = request_of(event)
        page = _page_for(request)
        return page(request, settings, services) if page else messages.unknown_page()
    except BadRequest:
        return messages.bad_request()
    except TableError as exc:
        log.failed("use its tables", exc.code)
    except FunctionError as exc:  # S3 does not let it look at a file
        log.failed("read a file", type(exc).__name__)
    except (BotoCoreError, ClientError) as exc:
        log.failed("answer", code_of(exc))
    except Exception as exc:
        log.failed("answer, which is a defect", place_of(exc))
    return messages.unwell()


def _page_for(request: Request) -> Page | None:
    # The API has no route of its own for these, and sends them to its default route: so, too, a
    # link that a mail program has put a slash behind.
    default = _PAGES_BY_PATH.get((request.path, request.method))
    is_link = request.route == DEFAULT and request.path.startswith(opening.PATH)
    return _PAGES.get((LINK if is_link else request.route, request.method)) or default

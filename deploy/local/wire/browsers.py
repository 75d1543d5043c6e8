"""Keeps other web pages away from the embedded AWS.

Who can call it can create functions, and so run programs on this machine; its keys are no secret.
A page anywhere on the web could do that through the operator's browser, which sends along where
the page comes from (Origin), or under a name that it has made to point to this machine (Host).
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from deploy.local import LOCAL_HOST
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, service_of

_OWN_NAMES = frozenset({LOCAL_HOST, "localhost"})
# Buckets may be part of the name: S3's own names, as clients write them, and those of this machine.
_OWN_DOMAINS = (".localhost", ".amazonaws.com")

_FOREIGN = ServiceError(
    HTTPStatus.FORBIDDEN,
    "AccessDenied",
    f"The embedded AWS answers to {LOCAL_HOST} only, and to no web page but its own.",
)


class OwnPagesOnly:
    """WSGI: lets through what does not come from another web page."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if _is_own(environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN")):
            return self._app(environ, start_response)
        return reply(_FOREIGN, service_of(environ), environ, start_response)


def is_this_machine(host: str, *domains: str) -> bool:
    """Whether a Host is this machine's own name, or ends with one of `domains`.

    A name elsewhere that leads to this machine does not open it to that name's owner.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:  # such as an address in brackets that do not match
        return False
    return name in _OWN_NAMES or name.endswith(domains)


def is_from_own_page(host: str, origin: str | None) -> bool:
    """Whether a request's Origin, if it has one, is the very server that it goes to."""
    try:
        return origin is None or urlsplit(origin).netloc == host
    except ValueError:
        return False


def _is_own(host: str, origin: str | None) -> bool:
    return is_from_own_page(host, origin) and is_this_machine(host, *_OWN_DOMAINS)

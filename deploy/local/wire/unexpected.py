"""Turns calls that moto lacks, or breaks on, into errors that AWS's own clients can read."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, region_of, service_of

# How the web page begins that moto's server shows for an address that it does not know.
_WEB_PAGE = b"<!doctype html>"

_log = logging.getLogger(__name__)


class ExplainFailures:
    """WSGI: moto answers such calls with a web page, whatever the service's protocol is."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        service = service_of(environ)
        begun: list[Any] = []
        try:
            body = self._app(environ, lambda *arguments: begun.append(arguments))
        except NotImplementedError as exc:
            return reply(_lacking(service, str(exc)), service, environ, start_response)
        except Exception as exc:
            region = region_of(environ)
            if isinstance(exc, KeyError) and exc.args == (region,):
                return reply(_no_region(region), service, environ, start_response)
            _log.exception("The embedded AWS failed on %s", environ["PATH_INFO"])
            return reply(_failed(service, exc), service, environ, start_response)
        if service != "s3" and begun[0][0].startswith("404"):
            parts = list(body)
            if parts and parts[0].startswith(_WEB_PAGE):
                address = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
                return reply(_lacking(service, address), service, environ, start_response)
            body = parts
        start_response(*begun[0])
        return body


def _lacking(service: str, call: str) -> ServiceError:
    return ServiceError(
        HTTPStatus.NOT_IMPLEMENTED,
        "NotImplemented",
        f"The embedded AWS lacks this call of {service}: {call}",
    )


def _no_region(region: str | None) -> ServiceError:
    return ServiceError(
        HTTPStatus.NOT_IMPLEMENTED,
        "NotImplemented",
        f'The embedded AWS has no region "{region}"; correct --region or AWS_DEFAULT_REGION',
    )


def _failed(service: str, error: Exception) -> ServiceError:
    return ServiceError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "InternalFailure",
        f"The embedded AWS failed on this call of {service}: {error!r}",
    )

"""Services of the embedded AWS that are switched off, to see what s3link does without them."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, service_of

# Those that s3link uses, by the names that people know them by.
_SERVICES = (
    *(
        "apigateway",
        "cloudformation",
        "cloudwatch",
        "cognito-idp",
        "dynamodb",
        "execute-api",
        "iam",
    ),
    *("lambda", "logs", "s3", "scheduler", "ses", "sns", "sqs", "sts"),
)
# Names of services which sign under another one.
_SIGNING_NAMES = {
    "apigatewayv2": "apigateway",
    "cloudwatch": "monitoring",
    "email": "ses",
    "sesv2": "ses",
}


class UnknownServiceError(Exception):
    """There is no such service to stop; the message names those that there are."""


class StoppedServices:
    """Which services are stopped, by the name that requests are signed with."""

    def __init__(self) -> None:
        self._stopped: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return self._stopped

    def stop(self, service: str) -> None:
        """Let every call to `service` fail from now on. Raises UnknownServiceError."""
        self._stopped |= {_signing_name(service)}

    def start(self, service: str) -> None:
        self._stopped -= {_signing_name(service)}


def _signing_name(service: str) -> str:
    name = service.lower()
    if name not in (*_SERVICES, *_SIGNING_NAMES, *_SIGNING_NAMES.values()):
        raise UnknownServiceError(
            f'There is no service "{service}" here; there are {", ".join(_SERVICES)}.'
        )
    return _SIGNING_NAMES.get(name, name)


class ServiceGate:
    """WSGI: lets through what is not for a stopped service."""

    def __init__(self, app: WsgiApp, services: StoppedServices) -> None:
        self._app = app
        self._services = services

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        service = service_of(environ)
        if service not in self._services.names:
            return self._app(environ, start_response)
        error = ServiceError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            f"{service} is stopped in the embedded AWS; "
            f"POST /_s3link/services/{service}/start starts it again.",
        )
        return reply(error, service, environ, start_response)

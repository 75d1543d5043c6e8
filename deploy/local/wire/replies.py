"""Errors in the words of the service that was called, for requests that never get to moto. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from deploy.local.wire.requests import Environ

WsgiApp = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(frozen=True)
class ServiceError:
    """An error as a service reports it.

    `details` become elements of S3's XML, and members of JSON, where they may be anything.
    """

    status: HTTPStatus
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)


def reply(
    error: ServiceError, service: str, environ: Environ, start_response: Any
) -> Iterable[bytes]:
    """Answer a request to `service` with an error in the protocol that it speaks."""
    request_id = str(uuid4())
    content_type, body = _encode(error, service, environ, request_id)
    start_response(
        f"{error.status.value} {error.status.phrase}",
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("x-amzn-RequestId", request_id),
            ("x-amzn-ErrorType", error.code),
        ],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _encode(
    error: ServiceError, service: str, environ: Environ, request_id: str
) -> tuple[str, bytes]:
    if service == "s3":
        return "application/xml", _s3_xml(error, request_id)
    # Route 53 speaks XML, and gives its errors as services of forms do.
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if is_form or service == "route53":
        return "text/xml", query_xml(error, request_id)
    body = json.dumps({"__type": error.code, "message": error.message, **error.details})
    return environ.get("CONTENT_TYPE") or "application/json", body.encode()


def _s3_xml(error: ServiceError, request_id: str) -> bytes:
    elements = {"Code": error.code, "Message": error.message, **error.details}
    elements["RequestId"] = request_id
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()


def query_xml(error: ServiceError, request_id: str) -> bytes:
    kind = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{error.code}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()

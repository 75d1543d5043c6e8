"""A request as an HTTP API hands it over (payload format 2.0). Pure; every value is hostile."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

# A form has an address and a key: 320 and 1,024 characters, each up to 12 bytes when encoded.
_LONGEST_BODY = 20_000


class BadRequestError(Exception):
    """The request is not one that a page of the portal makes."""


@dataclass(frozen=True)
class Request:
    """`route` is the API's own name of it, as in the template; tokens stay out of the repr."""

    route: str
    method: str
    path: str = field(repr=False)
    token: str = field(repr=False)
    raw_query: str = field(repr=False)
    body: str = field(repr=False)
    is_encoded: bool
    origin: str | None
    source: str

    @property
    def query(self) -> Mapping[str, str]:
        """Raises BadRequestError. Of no use to most pages, whose links others lengthen."""
        return _pairs(self.raw_query)

    @property
    def form(self) -> Mapping[str, str]:
        """Raises BadRequestError for a form that is too long or no form."""
        return _pairs(_decoded(self.body, self.is_encoded))

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> Request:
        context = event["requestContext"]
        headers = event.get("headers") or {}
        return cls(
            route=event["routeKey"],
            method=context["http"]["method"],
            path=event["rawPath"],
            token=(event.get("pathParameters") or {}).get("token", ""),
            raw_query=event.get("rawQueryString") or "",
            body=event.get("body") or "",
            is_encoded=bool(event.get("isBase64Encoded")),
            origin=headers.get("origin"),
            source=context["http"]["sourceIp"],
        )


def _decoded(body: str, is_encoded: bool) -> str:
    if len(body) > _LONGEST_BODY:
        raise BadRequestError
    if not is_encoded:
        return body
    try:
        return base64.b64decode(body, validate=True).decode()
    except ValueError as exc:
        raise BadRequestError from exc


def _pairs(text: str) -> dict[str, str]:
    """Names and values of a query or form; of a name that comes twice, the first value."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError as exc:
        raise BadRequestError from exc
    return dict(reversed(pairs))

"""A request to an HTTP API, from Lambda's event (payload 2.0). Strict: what is doubtful is refused.

API Gateway's own `queryStringParameters` joins what is given twice with commas, so that nobody can
tell it from a value with a comma; here the query is read as it was sent.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from function.documents import json_object
from function.text import shown

from http_api.errors import ApiError

# Far more than any request here needs; API Gateway passes on up to 10 MB.
LONGEST_BODY = 256 * 1024  # bytes
# A form has an address and a key: 320 and 1,024 characters, each up to 12 bytes when encoded.
_LONGEST_FORM = 20_000  # bytes

_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
# Who signs a request in its query, not in a header, has these there.
_SIGNATURE_PREFIX = "x-amz-"


class BadRequest(ApiError):  # noqa: N818 - it says what happened, and ends there
    """The caller's mistake, as one sentence for the caller."""

    status = 400


@dataclass(frozen=True)
class Request:
    """What may hold tokens is left out of the repr. `route` is the API's own name of it, as in the
    template, `caller` an ARN, `authorized` what an authorizer of ours has said about the request,
    `claims` what is said by the token that the API's JWT authorizer has checked.
    """

    route: str
    method: str = ""
    path: str = field(default="", repr=False)
    path_parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)
    id: str = ""
    caller: str | None = None
    authorized: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, object] = field(default_factory=dict, repr=False)
    origin: str | None = None
    source: str = ""


def request_of(event: object) -> Request:
    """Raises BadRequest for what no HTTP API sends."""
    if not isinstance(event, Mapping):
        raise BadRequest("This function answers requests of an HTTP API only.")
    return Request(
        route=_text(event.get("routeKey")),
        method=_context_of(event, "http", "method") or "",
        path=_text(event.get("rawPath")),
        path_parameters=_texts(event.get("pathParameters")),
        query=_text(event.get("rawQueryString")),
        body=_body_of(event),
        id=_context_of(event, "requestId") or "",
        caller=_context_of(event, "authorizer", "iam", "userArn"),
        authorized=_texts(_within_context(event, "authorizer", "lambda")),
        claims=_claims_of(event),
        origin=_texts(event.get("headers")).get("origin"),
        source=_context_of(event, "http", "sourceIp") or "",
    )


def parameters_of(query: str) -> dict[str, str]:
    """The parameters of a query, decoded, but for those of a signature. Raises BadRequest."""
    parameters: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = (_decoded(part) for part in pair.partition("="))
        if name.lower().startswith(_SIGNATURE_PREFIX):
            continue
        if name in parameters:
            raise BadRequest(f"The query parameter {shown(name)} is given twice; give it once.")
        parameters[name] = value
    return parameters


def json_object_of(body: bytes) -> Mapping[str, Any]:
    """A body that is one JSON object. Raises BadRequest."""
    if len(body) > LONGEST_BODY:
        raise BadRequest(f"The body is longer than {LONGEST_BODY} bytes.")
    try:
        document = json_object(body.decode())
    except ValueError as exc:
        raise BadRequest("The body is not JSON in UTF-8; send one JSON object.") from exc
    if document is None:
        raise BadRequest("The body is JSON, but not an object; send one JSON object.")
    return document


def form_of(body: bytes) -> dict[str, str]:
    """Names and values of a form, as `first_values_of` reads them. Raises BadRequest."""
    if len(body) > _LONGEST_FORM:
        raise BadRequest(f"The form is longer than {_LONGEST_FORM} bytes.")
    try:
        return first_values_of(body.decode())
    except UnicodeDecodeError as exc:
        raise BadRequest("The form is not UTF-8.") from exc


def first_values_of(text: str) -> dict[str, str]:
    """Names and values of a query or form; of a name that comes twice, the first value.

    For pages, whose links others lengthen. Raises BadRequest for what is neither.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError as exc:
        raise BadRequest("The query or the form cannot be read.") from exc
    return dict(reversed(pairs))


def _body_of(event: Mapping[str, Any]) -> bytes:
    """API Gateway encodes bodies whose type is not one of text, so that of curl's `--data`."""
    body = _text(event.get("body"))
    try:
        return b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError) as exc:
        raise BadRequest("The body cannot be read; send one JSON object.") from exc


def _claims_of(event: Mapping[str, Any]) -> dict[str, object]:
    claims = _within_context(event, "authorizer", "jwt", "claims")
    return dict(claims) if isinstance(claims, Mapping) else {}


def _texts(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {str(name): text for name, text in pairs if isinstance(text, str)}


def _context_of(event: Mapping[str, Any], *names: str) -> str | None:
    """What API Gateway says about the request; None where it says nothing of the kind."""
    value = _within_context(event, *names)
    return value if isinstance(value, str) and value.isascii() else None


def _within_context(event: Mapping[str, Any], *names: str) -> object:
    value: object = event.get("requestContext")
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest("This function answers requests of an HTTP API only.")
    return value


def _decoded(text: str) -> str:
    if _BROKEN_ESCAPE.search(text):
        raise BadRequest("The query has a % without two hexadecimal digits; write a % as %25.")
    try:
        return unquote_plus(text, errors="strict").encode().decode()
    except UnicodeError as exc:
        raise BadRequest("The query is not UTF-8; encode its values in UTF-8.") from exc

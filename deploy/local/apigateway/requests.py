"""A request to an HTTP API as it came in, and the event that its functions get of it. Pure.

Payload format 2.0:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from deploy.local.apigateway.routes import Match
from deploy.local.wire.requests import Environ, raw_path, read_body

# Everything else arrives in base64: forms too, and what says nothing of its type. AWS documents
# only "binary"; this is what was seen there (ministackorg/ministack 766).
_TEXT_TYPES = re.compile(r"text/.+|application/(json|xml|javascript)")
_TIME = "%d/%b/%Y:%H:%M:%S +0000"


@dataclass(frozen=True)
class ApiRequest:
    """One request; header names are in small letters, and of one name twice the values joined.

    `sent_path` and `query` are as they were sent; `path` is decoded, as API Gateway hands it on.
    """

    id: str
    at: datetime
    method: str
    sent_path: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    protocol: str

    @property
    def host(self) -> str:
        return self.headers.get("host", "")

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")

    @property
    def query_parameters(self) -> dict[str, str]:
        """By name, decoded; of one name twice the values joined."""
        joined: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined


def read_request(environ: Environ, request_id: str, now: datetime) -> ApiRequest:
    sent_path = raw_path(environ)
    return ApiRequest(
        id=request_id,
        at=now,
        method=environ["REQUEST_METHOD"],
        sent_path=sent_path,
        path=unquote(sent_path.encode("latin-1").decode("utf-8", "replace")),
        query=environ.get("QUERY_STRING", ""),
        headers=_headers(environ),
        body=read_body(environ),
        source_ip=environ.get("REMOTE_ADDR", ""),
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
    )


def _headers(environ: Environ) -> dict[str, str]:
    headers = {}
    for key, value in environ.items():
        if key.startswith("HTTP_") or (key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value):
            name = key.removeprefix("HTTP_").lower().replace("_", "-")
            # WSGI gives bytes as if they were Latin-1.
            headers[name] = value.encode("latin-1").decode("utf-8", "replace")
    return dict(sorted(headers.items()))


@dataclass(frozen=True)
class Place:
    """Which stage of which API a request has come to."""

    account: str
    region: str
    api_id: str
    stage: str

    def arn(self, resource: str) -> str:
        """The name by which policies know a part of the API."""
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}/{resource}"

    def invoked_arn(self, method: str, path: str) -> str:
        """Method and path in the stage; the default route has no method."""
        way = f"{method}{path}" if path.startswith("/") else path
        return self.arn(f"{self.stage}/{way}")


def function_event(
    request: ApiRequest, match: Match, place: Place, authorizer: Mapping[str, Any] | None
) -> dict[str, Any]:
    """`authorizer` is what the authorization of the route says of the caller."""
    event = _common(request, match, place)
    if authorizer is not None:
        event["requestContext"]["authorizer"] = authorizer
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    is_text = is_text_type(request.headers.get("content-type", ""))
    if request.body:
        event["body"] = (
            request.body.decode("utf-8", "replace")
            if is_text
            else base64.b64encode(request.body).decode()
        )
    event["isBase64Encoded"] = bool(request.body) and not is_text
    return event


def authorizer_event(
    request: ApiRequest, match: Match, place: Place, identity: Sequence[str]
) -> dict[str, Any]:
    """`identity` are the values of the authorizer's identity sources. There is no body."""
    event = {
        "type": "REQUEST",
        "routeArn": place.invoked_arn(
            request.method, request.path if match.path.startswith("/") else match.path
        ),
        "identitySource": list(identity) or None,
        **_common(request, match, place),
    }
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    return event


def is_text_type(content_type: str) -> bool:
    return bool(_TEXT_TYPES.fullmatch(content_type.partition(";")[0].strip().lower()))


def _common(request: ApiRequest, match: Match, place: Place) -> dict[str, Any]:
    headers = dict(request.headers)
    headers.pop("connection", None)  # is between the caller and API Gateway
    cookies = [each.strip() for each in headers.pop("cookie", "").split(";") if each.strip()]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": {**headers, **_forwarding(request)},
        "requestContext": _context(request, match, place),
    }
    if cookies:
        event["cookies"] = cookies
    if request.query_parameters:
        event["queryStringParameters"] = request.query_parameters
    return event


def _forwarding(request: ApiRequest) -> dict[str, str]:
    """The headers that API Gateway adds."""
    before = request.headers.get("x-forwarded-for")
    trace = f"{int(request.at.timestamp()):08x}-{request.id.replace('-', '')[:24]}"
    return {
        "x-amzn-trace-id": f"Root=1-{trace}",
        "x-forwarded-for": f"{before}, {request.source_ip}" if before else request.source_ip,
        "x-forwarded-port": request.host.rpartition(":")[2],
        "x-forwarded-proto": "http",
    }


def _context(request: ApiRequest, match: Match, place: Place) -> dict[str, Any]:
    return {
        "accountId": place.account,
        "apiId": place.api_id,
        "domainName": request.host,
        "domainPrefix": place.api_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.user_agent,
        },
        "requestId": request.id,
        "routeKey": match.key,
        "stage": place.stage,
        "time": request_time(request),
        "timeEpoch": int(request.at.timestamp() * 1000),
    }


def request_time(request: ApiRequest) -> str:
    return request.at.strftime(_TIME)

"""A request to an HTTP API, as it came in over the wire. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote

from deploy.local.wire.calls import read_body
from deploy.local.wire.presigned import raw_path
from deploy.local.wire.replies import Environ


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

"""What becomes of one request to an HTTP API: its line in the access log, and its metrics.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.logs.models import logs_backends

from deploy.local.apigateway.answers import ApiAnswer, ApiError
from deploy.local.apigateway.requests import ApiRequest, Place, request_time
from deploy.local.apigateway.routes import Match
from deploy.local.metrics import put_metric_data

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_-]+)*)")
_UNKNOWN = "-"
_log = logging.getLogger(__name__)


@dataclass
class Exchange:
    """Filled in as the request goes its way. Times are in milliseconds."""

    request: ApiRequest
    place: Place
    match: Match | None = None
    authorizer: dict[str, Any] | None = None
    error: ApiError | None = None
    latency: float = 0.0
    integration_latency: float | None = None

    @contextmanager
    def timing_integration(self) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.integration_latency = (time.monotonic() - start) * 1000

    def log_values(self, answer: ApiAnswer) -> dict[str, Any]:
        """The $context variables, by their names; those without a value may be absent."""
        return {
            **self._request_values(),
            **self._caller_values(),
            **self._integration_values(),
            **self._error_values(),
            "responseLatency": round(self.latency),
            "responseLength": len(answer.body),
            "status": answer.status,
        }

    def _request_values(self) -> dict[str, Any]:
        request, place = self.request, self.place
        return {
            "accountId": place.account,
            "apiId": place.api_id,
            "domainName": request.host,
            "domainPrefix": place.api_id,
            "extendedRequestId": request.id,
            "httpMethod": request.method,
            "identity.sourceIp": request.source_ip,
            "identity.userAgent": request.user_agent,
            "path": request.path,
            "protocol": request.protocol,
            "requestId": request.id,
            "requestTime": request_time(request),
            "requestTimeEpoch": int(request.at.timestamp()),
            "routeKey": self.match.key if self.match else None,
            "stage": place.stage,
        }

    def _caller_values(self) -> dict[str, Any]:
        said = self.authorizer or {}
        iam, claims = said.get("iam", {}), said.get("jwt", {}).get("claims", {})
        return {
            **{f"authorizer.{name}": value for name, value in said.get("lambda", {}).items()},
            **{f"authorizer.claims.{name}": value for name, value in claims.items()},
            "identity.accountId": iam.get("accountId"),
            "identity.caller": iam.get("callerId"),
            "identity.user": iam.get("userId"),
            "identity.userArn": iam.get("userArn"),
        }

    def _integration_values(self) -> dict[str, Any]:
        if self.integration_latency is None:
            return {}
        latency = round(self.integration_latency)
        status = self.error.answer.status if self.error else 200
        values: dict[str, Any] = {
            "integration.latency": latency,
            "integrationLatency": latency,
            "integration.integrationStatus": status,
            "integrationStatus": status,
        }
        if self.error:
            values["integration.error"] = self.error.reason
            values["integrationErrorMessage"] = self.error.reason
        return values

    def _error_values(self) -> dict[str, Any]:
        if self.error is None:
            return {}
        values: dict[str, Any] = {"error.message": self.error.message}
        if self.integration_latency is None and self.error.reason:
            values["authorizer.error"] = self.error.reason
        return values


def log_line(pattern: str, values: Mapping[str, Any]) -> str:
    """The line of a request: every variable replaced; "-" for one that has no value. Pure."""
    return _VARIABLE.sub(lambda found: _text(values.get(found.group(1))), pattern)


def write_line(settings: Mapping[str, str] | None, place: Place, values: Mapping[str, Any]) -> None:
    """Write the request's line where the stage's AccessLogSettings say, if they say so."""
    if not settings or not settings.get("format"):
        return
    group = settings["destinationArn"].split(":log-group:")[-1].removesuffix(":*")
    backend = logs_backends[place.account][place.region]
    if group not in backend.groups:
        _log.warning("The access log group %s of an HTTP API is not there.", group)
        return
    stream = f"{place.api_id}-{place.stage.strip('$')}"
    backend.ensure_log_stream(group, stream)
    event = {"timestamp": int(time.time() * 1000), "message": log_line(settings["format"], values)}
    backend.put_log_events(group, stream, [event])


def _text(value: Any) -> str:
    """A caller's text must not end the JSON string that it stands in."""
    if value is None or value == "":
        return _UNKNOWN
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value)[1:-1] if isinstance(value, str) else str(value)


def put_metrics(place: Place, status: int, latency: float) -> None:
    """`latency` in milliseconds."""
    values = {
        "Count": 1.0,
        "4xx": float(400 <= status < 500),
        "5xx": float(status >= 500),
        "Latency": latency,
    }
    api = {"ApiId": place.api_id}
    of_stage = {**api, "Stage": place.stage}
    put_metric_data(place.account, place.region, "AWS/ApiGateway", values, api, of_stage)

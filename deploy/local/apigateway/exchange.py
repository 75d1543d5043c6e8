"""What becomes of one request to an HTTP API, and what an access log can tell of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from deploy.local.apigateway.answers import ApiAnswer, ApiError
from deploy.local.apigateway.events import Place, request_time
from deploy.local.apigateway.requests import ApiRequest
from deploy.local.apigateway.routes import Match


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
        iam = said.get("iam", {})
        return {
            **{f"authorizer.{name}": value for name, value in said.get("lambda", {}).items()},
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

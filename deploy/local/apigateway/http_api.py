"""HTTP APIs that answer: each has a port of 127.0.0.1 from when it is made until it is deleted.

A request meets its route, throttling, authorization, function, CORS and log, in this order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import uuid4

from moto.apigatewayv2.models import ApiGatewayV2Backend

from deploy.local import LOCAL_HOST
from deploy.local.apigateway import answers
from deploy.local.apigateway.answers import (
    ApiAnswer,
    ApiError,
    MalformedAnswerError,
    is_preflight,
    preflight_answer,
    read_answer,
    with_cors,
)
from deploy.local.apigateway.authorizers import (
    authorize_by_function,
    authorize_by_iam,
    identity_values,
)
from deploy.local.apigateway.domains import domain_names_lead_here, domain_of, is_mapped
from deploy.local.apigateway.exchange import Exchange, put_metrics, write_line
from deploy.local.apigateway.integrations import Invoker, function_of
from deploy.local.apigateway.jwt import Issuers, authorize_by_jwt
from deploy.local.apigateway.requests import ApiRequest, Place, function_event, read_request
from deploy.local.apigateway.routes import DEFAULT, Match, Throttle, choose
from deploy.local.lambda_.functions import Functions
from deploy.local.replacement import replaced
from deploy.local.wire.browsers import is_this_machine
from deploy.local.wire.http_server import listening, serving
from deploy.local.wire.requests import Environ
from deploy.local.wire.stopped_services import StoppedServices

_log = logging.getLogger(__name__)


class HttpApi:
    """WSGI: moto's `api`, at work. What it is made of is read at each request."""

    def __init__(
        self,
        api: Any,
        account: str,
        region: str,
        invoker: Invoker,
        services: StoppedServices,
        clock: Callable[[], datetime],
        issuers: Issuers,
    ) -> None:
        self._api = api
        self._account = account
        self._region = region
        self._invoker = invoker
        self._services = services
        self._clock = clock
        self._issuers = issuers
        self._throttle = Throttle()
        self.is_closed = False

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        start = time.monotonic()
        request = read_request(environ, str(uuid4()), self._clock())
        exchange = Exchange(request, self._place(request))
        answer = self._answer(exchange)
        answer = with_cors(answer, self._api.cors_configuration, request)
        exchange.latency = (time.monotonic() - start) * 1000
        self._record(exchange, answer)
        return _send(answer, exchange, start_response)

    def _place(self, request: ApiRequest) -> Place:
        """The stage that the path begins with, else the default one."""
        first = request.path.split("/")[1] if "/" in request.path else ""
        stage = first if first in self._api.stages else DEFAULT
        return Place(self._account, self._region, self._api.api_id, stage)

    def _answer(self, exchange: Exchange) -> ApiAnswer:
        try:
            return self._serve(exchange)
        except ApiError as exc:
            exchange.error = exc
            return exc.answer
        except Exception as exc:
            _log.exception("The HTTP API %s failed.", self._api.name)
            exchange.error = answers.failed(f"The embedded AWS failed: {type(exc).__name__}")
            return exchange.error.answer

    def _serve(self, exchange: Exchange) -> ApiAnswer:
        request, place = exchange.request, exchange.place
        self._check_host(request.host)
        if "execute-api" in self._services.names:
            raise answers.unavailable("execute-api is stopped in the embedded AWS.")
        stage = self._api.stages.get(place.stage)
        routes = {route.route_key: route for route in list(self._api.routes.values())}
        path = request.path
        if place.stage != DEFAULT:
            path = path.removeprefix(f"/{place.stage}") or "/"
        match = choose(routes, request.method, path) if stage else None
        if match is None:
            # A route that takes OPTIONS, as ANY and $default do, is asked instead
            # (seen by users: aws/serverless-application-model 1603, anomalyco/sst 5493).
            if self._api.cors_configuration and is_preflight(request):
                return preflight_answer()
            raise answers.not_found()
        exchange.match = match
        if not self._throttle.allows(f"{place.stage} {match.key}", stage.default_route_settings):
            raise answers.too_many_requests()
        route = routes[match.key]
        exchange.authorizer = self._authorize(route, exchange, match)
        return self._integrate(route, exchange, match)

    def _check_host(self, host: str) -> None:
        """Raises ApiError unless the host is a domain name that leads here, or this machine, which
        stands for the address below execute-api."""
        domain = domain_of(host)
        if domain and is_mapped(domain, self._api.api_id, self._account, self._region):
            return
        if not is_this_machine(host):
            raise answers.forbidden(f"The host {host} is not this machine.")
        # AWS documents no status. Strangers learn from this one that nothing is here.
        if self._api.disable_execute_api_endpoint:
            raise answers.not_found()

    def _authorize(self, route: Any, exchange: Exchange, match: Match) -> dict[str, Any] | None:
        match route.authorization_type or "NONE":
            case "NONE":
                return None
            case "AWS_IAM":
                return authorize_by_iam(exchange.request, match, exchange.place)
            case "CUSTOM":
                authorizer = self._api.authorizers.get(route.authorizer_id)
                if authorizer:
                    return authorize_by_function(
                        authorizer, exchange.request, match, exchange.place, self._invoker
                    )
            case "JWT":
                authorizer = self._api.authorizers.get(route.authorizer_id)
                if authorizer:
                    [token] = identity_values(authorizer.identity_source, exchange.request)
                    scopes = route.authorization_scopes or []
                    return authorize_by_jwt(
                        token, authorizer.jwt_config, scopes, exchange.request, self._issuers
                    )
        raise answers.failed(f"The route's authorization cannot be done: {route.route_key}")

    def _integrate(self, route: Any, exchange: Exchange, match: Match) -> ApiAnswer:
        integration = self._api.integrations.get((route.target or "").partition("/")[2])
        function = function_of(integration.integration_uri or "") if integration else None
        if function is None:
            raise answers.failed(f"The route has no function: {route.route_key}")
        request, place = exchange.request, exchange.place
        event = function_event(request, match, place, exchange.authorizer)
        source = place.invoked_arn(request.method, match.path)
        limit = integration.timeout_in_millis / 1000
        with exchange.timing_integration():
            payload = self._invoker.invoke(function, source, event, limit)
        try:
            return read_answer(payload)
        except MalformedAnswerError as exc:
            raise answers.failed(str(exc)) from exc

    def _record(self, exchange: Exchange, answer: ApiAnswer) -> None:
        stage = self._api.stages.get(exchange.place.stage)
        if stage is None or self.is_closed:  # what would be told of it may be another account's
            return
        try:
            write_line(stage.access_log_settings, exchange.place, exchange.log_values(answer))
            put_metrics(exchange.place, answer.status, exchange.latency)
        except Exception:  # whatever it is, the caller gets the answer
            _log.exception("A request to the HTTP API %s is not recorded.", self._api.name)


def _send(answer: ApiAnswer, exchange: Exchange, start_response: Any) -> Iterable[bytes]:
    headers = [*answer.headers, ("Apigw-Requestid", exchange.request.id)]
    if answer.has_body:
        headers.append(("Content-Length", str(len(answer.body))))
    start_response(
        answer.status_line,
        # WSGI wants bytes as if they were Latin-1.
        [(name, value.encode().decode("latin-1")) for name, value in headers],
    )
    is_silent = not answer.has_body or exchange.request.method == "HEAD"
    return [] if is_silent else [answer.body]


class HttpApis:
    """The APIs that are open. Safe to use from several threads."""

    def __init__(
        self, functions: Functions, services: StoppedServices, clock: Callable[[], datetime]
    ) -> None:
        self._invoker = Invoker(functions, services)
        self._services = services
        self._clock = clock
        self._issuers = Issuers()
        self._open: dict[str, ExitStack] = {}
        self._lock = Lock()

    def open(self, api: Any, account: str, region: str) -> None:
        """Let moto's `api` answer; its endpoint then says where."""
        front = HttpApi(
            api, account, region, self._invoker, self._services, self._clock, self._issuers
        )
        with ExitStack() as opening:
            server = opening.enter_context(listening(0))
            server.app = front
            opening.enter_context(serving(server))
            opening.callback(setattr, front, "is_closed", True)
            api.api_endpoint = f"http://{LOCAL_HOST}:{server.port}"
            with self._lock:
                self._open[api.api_id] = opening.pop_all()

    def close(self, api_id: str) -> None:
        with self._lock:
            opened = self._open.pop(api_id, None)
        if opened:
            opened.close()

    def stop(self) -> None:
        for api_id in list(self._open):
            self.close(api_id)


@contextmanager
def http_apis_served(apis: HttpApis) -> Iterator[None]:
    """Inside the block, an HTTP API that is made anywhere in the account listens."""
    create, delete = ApiGatewayV2Backend.create_api, ApiGatewayV2Backend.delete_api

    def create_api(backend: Any, *arguments: Any, **options: Any) -> Any:
        api = create(backend, *arguments, **options)
        if api.protocol_type == "HTTP":
            apis.open(api, backend.account_id, backend.region_name)
        return api

    def delete_api(backend: Any, api_id: str) -> None:
        delete(backend, api_id)
        apis.close(api_id)

    with (
        domain_names_lead_here(),
        replaced(ApiGatewayV2Backend, "create_api", create_api),
        replaced(ApiGatewayV2Backend, "delete_api", delete_api),
    ):
        try:
            yield
        finally:
            apis.stop()

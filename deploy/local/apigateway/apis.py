"""Opens a port of 127.0.0.1 for each HTTP API that is made, and closes it with the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

from moto.apigatewayv2.models import ApiGatewayV2Backend

from deploy.local import LOCAL_HOST
from deploy.local.apigateway.front import HttpApi
from deploy.local.apigateway.invoking import Invoker
from deploy.local.lambda_.functions import Functions
from deploy.local.replacement import replaced
from deploy.local.wire.http_server import listening, serving
from deploy.local.wire.stopped_services import StoppedServices


class HttpApis:
    """The APIs that are open. Safe to use from several threads."""

    def __init__(
        self, functions: Functions, services: StoppedServices, clock: Callable[[], datetime]
    ) -> None:
        self._invoker = Invoker(functions, services)
        self._services = services
        self._clock = clock
        self._open: dict[str, ExitStack] = {}
        self._lock = Lock()

    def open(self, api: Any, account: str, region: str) -> None:
        """Let moto's `api` answer; its endpoint then says where."""
        front = HttpApi(api, account, region, self._invoker, self._services, self._clock)
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
        replaced(ApiGatewayV2Backend, "create_api", create_api),
        replaced(ApiGatewayV2Backend, "delete_api", delete_api),
    ):
        try:
            yield
        finally:
            apis.stop()

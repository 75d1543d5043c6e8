"""The embedded AWS: moto and what moto lacks, behind one HTTP endpoint on this machine.

    with EmbeddedAws() as aws:
        boto3.client("s3", endpoint_url=aws.endpoint, ...)

`EmbeddedAws._put_around_moto` lists what works inside moto and beside it, `_application` what a
request passes on its way to moto. moto keeps its state in the process: so there is one embedded
AWS per process, and it starts empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from threading import Lock
from types import TracebackType
from typing import Any, Protocol, Self

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from deploy.errors import LocalError
from deploy.local import LOCAL_HOST
from deploy.local.acm import certificates_issued
from deploy.local.apigateway.http_api import HttpApis, http_apis_served
from deploy.local.backends import installed
from deploy.local.cloudwatch.alarms import AlarmWatch
from deploy.local.cognito.login.server import login_served
from deploy.local.control import ControlApp
from deploy.local.iam.authorization import Authorization
from deploy.local.lambda_.asynchronous import AWS_RETRY_DELAYS, AsynchronousInvocations
from deploy.local.lambda_.functions import PATIENCE, Functions
from deploy.local.lambda_.invocations import invocations_run
from deploy.local.regions import DEFAULT_REGION, is_usable, no_region
from deploy.local.s3.checks import S3Checks
from deploy.local.s3.gaps import FilesNotForms, gaps_closed
from deploy.local.s3.notifications import HoldNotifications, notifications_delivered
from deploy.local.s3.signatures import SignatureCheck
from deploy.local.scheduler.schedules import Schedules
from deploy.local.ses.send_rate import SEND_RATE
from deploy.local.sns.lambda_subscriptions import topics_reach_functions
from deploy.local.wire.browsers import OwnPagesOnly
from deploy.local.wire.faults import Wire
from deploy.local.wire.http_server import listening, serving
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ
from deploy.local.wire.stopped_services import ServiceGate, StoppedServices
from deploy.local.wire.unexpected import ExplainFailures

__all__ = ["AWS_RETRY_DELAYS", "EmbeddedAws"]

CONTROL_PREFIX = "/_s3link/"
# moto's own switches, one of which empties everything behind our back
_MOTO_PREFIX = "/moto-api/"
_NO_SWITCH = ServiceError(
    HTTPStatus.NOT_FOUND, "NoSuchBucket", f"What can be switched is below {CONTROL_PREFIX}."
)

# An application for each service, made when it is first called. They hold routes and no state, and
# take long to make: so there is one set for all embedded AWSs of this process.
_MOTO = DomainDispatcherApplication(create_backend_app)
# moto would list its own folders, and try hundreds of patterns, for each request.
_MOTO.get_backend_for_host = lru_cache(_MOTO.get_backend_for_host)

_alone = Lock()


def utc_now() -> datetime:
    return datetime.now(UTC)


class EmbeddedAws:
    """One AWS account on this machine. `deployed` says where a deployment in it is found."""

    # Once it has started:
    schedules: Schedules
    alarms: AlarmWatch

    def __init__(
        self,
        port: int = 0,
        region: str = DEFAULT_REGION,
        retry_delays: Sequence[float] = AWS_RETRY_DELAYS,
        clock: Callable[[], datetime] = utc_now,
        send_rate: float | None = None,
        wire: Wire | None = None,
        leap: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        """Port 0 is a free one. `retry_delays`: seconds before a failed event's next tries.

        `clock` says what time it is for whoever opens a pre-signed URL, calls an HTTP API or
        waits for a schedule. `send_rate`: recipients a second that SES takes, None for any number.
        `wire` stands between AWS and its callers and can do them wrong; see
        deploy/local/wire/faults.py. With `leap` the functions' sleep moves their clock instead of
        waiting. `patience`: how many times AWS's time limits functions and HTTP APIs have.
        """
        self.region = region
        self.endpoint = ""
        self.services = StoppedServices()
        self.deployed: Mapping[str, str | None] | None = None
        self._port = port
        self._retry_delays = retry_delays
        self._clock = clock
        self._send_rate = send_rate
        self._wire = wire
        self._leap = leap
        self._patience = patience
        self._queue: AsynchronousInvocations | None = None
        self._functions: Functions | None = None
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Start; raises LocalError when it cannot be in this region, on this port, or twice."""
        if not is_usable(self.region):
            raise LocalError(no_region(f'"{self.region}"'))
        with ExitStack() as starting:
            starting.enter_context(_alone_in_this_process())
            starting.enter_context(_empty_moto())
            server = starting.enter_context(listening(self._port))
            self.endpoint = f"http://{LOCAL_HOST}:{server.port}"
            queue = self._put_around_moto(starting)
            server.app = self._application(queue)
            starting.enter_context(serving(server))
            self._cleanup = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything that was started, child processes too; harmless a second time."""
        self._cleanup.close()

    def kill_processes(self, function_name: str) -> int:
        """End a function's processes wherever they are; gives how many. Their events fail."""
        return self._functions.kill_processes(function_name) if self._functions else 0

    def pass_time(self, seconds: float) -> None:
        """Let failed events come to their next try so many seconds sooner."""
        if self._queue:
            self._queue.pass_time(seconds)

    def waiting_events(self, function_name: str) -> int:
        """How many events of a function have failed and wait for their next try."""
        return self._queue.waiting(function_name) if self._queue else 0

    def _put_around_moto(self, starting: ExitStack) -> AsynchronousInvocations:
        """What comes first here ends last."""
        around = starting.enter_context
        functions = self._functions = Functions(self.endpoint, self._leap, self._patience)
        queue = self._queue = AsynchronousInvocations(functions, self._retry_delays)
        around(gaps_closed())
        around(certificates_issued())
        around(invocations_run(functions, queue))
        around(notifications_delivered(queue))
        around(topics_reach_functions(queue))
        starting.callback(queue.stop)
        starting.callback(functions.stop)  # first, because the queue's threads wait for it
        around(login_served(self.region, self.services, self._clock))
        around(http_apis_served(HttpApis(functions, self.services, self._clock)))
        self.schedules = Schedules(self.region, queue, self.services, self._clock)
        around(_running(self.schedules))
        around(installed(self.endpoint))
        SEND_RATE.limit(self._send_rate)
        self.alarms = AlarmWatch(self.region)
        around(_running(self.alarms))
        return queue

    def _application(self, queue: AsynchronousInvocations) -> WsgiApp:
        """A request comes from the bottom of this list upwards to moto."""
        aws: WsgiApp = _MOTO
        aws = FilesNotForms(aws)
        aws = S3Checks(aws)
        aws = HoldNotifications(aws, queue)
        aws = Authorization(aws, self._clock)
        aws = ExplainFailures(aws)
        aws = SignatureCheck(aws, self._clock)
        aws = ServiceGate(aws, self.services)
        if self._wire:
            aws = self._wire(aws)
        control = ControlApp(self)

        def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith(_MOTO_PREFIX):
                return reply(_NO_SWITCH, "s3", environ, start_response)
            is_control = environ["PATH_INFO"].startswith(CONTROL_PREFIX)
            return (control if is_control else aws)(environ, start_response)

        return OwnPagesOnly(application)


class _Startable(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


@contextmanager
def _running(service: _Startable) -> Iterator[None]:
    service.start()
    try:
        yield
    finally:
        service.stop()


@contextmanager
def _alone_in_this_process() -> Iterator[None]:
    if not _alone.acquire(blocking=False):
        raise LocalError(
            "Another embedded AWS runs in this process already; stop it before starting a new one."
        )
    try:
        yield
    finally:
        _alone.release()


@contextmanager
def _empty_moto() -> Iterator[None]:
    _reset_moto()
    try:
        yield
    finally:
        _reset_moto()


def _reset_moto() -> None:
    BackendDict.reset()
    reset_model_data()

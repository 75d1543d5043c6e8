"""What can go wrong between a function and AWS, call by call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.lambda_src.fakes import Clock, Killed, Mail, PostOffice

FAILS = "fails"
THROTTLED = "throttled"
UNREACHABLE = "unreachable"
LOST = "answer lost"
REPEATED = "repeated after a lost answer"
SLOW = "slow"
DIES_BEFORE = "dies before"
DIES_AFTER = "dies after"
TWIN_BEFORE = "twin before"
TWIN_AFTER = "twin after"
FAULTS = (
    FAILS,
    THROTTLED,
    UNREACHABLE,
    LOST,
    REPEATED,
    SLOW,
    DIES_BEFORE,
    DIES_AFTER,
    TWIN_BEFORE,
    TWIN_AFTER,
)

# What a call takes at most before botocore gives it up; longer than that nothing is slow.
_SLOW = 9  # seconds
_CODES = {
    "ses": {FAILS: "ServiceUnavailable", THROTTLED: "Throttling"},
    "s3": {FAILS: "500", THROTTLED: "503"},
}
_CODES_OF_TABLES = {
    FAILS: "InternalServerError",
    THROTTLED: "ProvisionedThroughputExceededException",
}


# By the number of a call, from 0, what happens at it.
Plan = Mapping[int, str]


@dataclass
class Wire:
    """The calls of one run; `plan` says what happens at which of them.

    `twin` is another run, which begins and ends meanwhile. `faults` counts what went wrong: what
    was done before one may not have been written down.
    """

    clock: Clock
    plan: Plan = field(default_factory=dict)
    twin: Callable[[], None] = lambda: None
    calls: int = 0
    is_dead: bool = False
    faults: int = 0
    lost_a_reply_of_ses: bool = False

    def call(self, service: str, operation: Callable[[], Any]) -> Any:
        if self.is_dead:
            raise Killed
        what = self.plan.get(self.calls)
        self.calls += 1
        if what == TWIN_BEFORE:
            self.twin()
            return operation()
        if what == TWIN_AFTER:
            answer = operation()
            self.twin()
            return answer
        if what is None:
            return operation()
        return self._faulty(what, service, operation)

    def _faulty(self, what: str, service: str, operation: Callable[[], Any]) -> Any:
        if what == DIES_BEFORE:
            raise self._killed()
        if what in (FAILS, THROTTLED, UNREACHABLE):
            self.faults += 1
            raise _error(what, service)
        answer = operation()
        self.faults += 1
        if what == SLOW:
            self.clock.passes(seconds=_SLOW)
            return answer
        if what == REPEATED and service != "ses":  # whose client makes one attempt
            return operation()
        if what == DIES_AFTER:
            raise self._killed()
        self.lost_a_reply_of_ses |= service == "ses"
        raise ReadTimeoutError(endpoint_url=f"https://{service}.example.com")

    def _killed(self) -> Killed:
        self.is_dead = True
        self.faults += 1
        return Killed()


class Client:
    """A client whose calls go over a wire."""

    def __init__(self, wire: Wire, service: str, real: Any) -> None:
        self._wire = wire
        self._service = service
        self._real = real

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._real, name)
        if name == "generate_presigned_url":  # asks nobody
            return operation
        return lambda **given: self._wire.call(self._service, partial(operation, **given))


@dataclass(frozen=True)
class Sending:
    """SES as one run sees it; `handed_over` is told of each mail that it takes."""

    post: PostOffice
    wire: Wire
    handed_over: Callable[[Mail, Wire], None]

    def send_bulk_templated_email(self, **parameters: Any) -> dict[str, Any]:
        number = len(self.post.mails)
        answer = self.post.send_bulk_templated_email(**parameters)
        for mail in self.post.mails[number:]:
            self.handed_over(mail, self.wire)
        return answer


@dataclass(frozen=True)
class Taken:
    """A mail that SES took from one run, after so many faults of that run."""

    wire: Wire
    faults: int

    @property
    def is_in_doubt(self) -> bool:
        """Whether something went wrong before it was certainly written down."""
        return self.wire.faults > self.faults


def _error(what: str, service: str) -> Exception:
    if what == UNREACHABLE:
        return EndpointConnectionError(endpoint_url=f"https://{service}.example.com")
    code = _CODES.get(service, _CODES_OF_TABLES)[what]
    return ClientError({"Error": {"Code": code}}, service)

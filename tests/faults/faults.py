"""Faults on the wire between the functions and AWS, by the step that they hit.

A step is one call of LinkGenerator: `head`, `claim`, `make` (links of the portal), `send` and
`record`; FateRecorder's `fate`; or one of the portal's: `find` (a link), `list` (links), `redeem`,
`take` (a reminder, or a token for another mail), `count` (a request for links, a mail, or a step
of a task) and `invoke`. `head` and `send` are the portal's too, and so is `read` (the manifest of a
share). Files that wait for others have `gather` (their table's writes), `schedule` (a wake-up) and
`put` (their manifest). Members has `versions` (a list of them), `session` (was it signed out?),
`sign out`, `answer`, `address` (whose answers they are), and `head` and `find` as well. A redrive
has `delete` (a message that is done).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Event
from typing import Any
from urllib.parse import urlencode

from deploy.local.wire.faults import do_and_hang_up, hang_up
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, read_call, service_of

HEAD, READ, CLAIM, SEND, RECORD, FATE = "head", "read", "claim", "send", "record", "fate"
MAKE, FIND, LIST, REDEEM, TAKE = "make", "find", "list", "redeem", "take"
COUNT, INVOKE = "count", "invoke"
DELETE = "delete"
GATHER, SCHEDULE, PUT = "gather", "schedule", "put"
VERSIONS, SESSION, SIGN_OUT = "versions", "session", "sign out"
ANSWER, ADDRESS = "answer", "address"

# What happens to a call: it may do what the caller asked for, and it gives the answer.
Effect = Callable[[WsgiApp, Environ, Any], Iterable[bytes]]

_TWICE = 2
_ADDRESS = "Destinations.member.{}.Destination.ToAddresses.member.1"


@dataclass
class _Fault:
    step: str
    effect: Effect
    times: int | None
    lasts: timedelta | None
    hits: int = 0
    began: datetime | None = None

    def hits_now(self, step: str, now: datetime) -> bool:
        if step != self.step or (self.times is not None and self.hits >= self.times):
            return False
        self.began = self.began or now
        # However long a caller takes for its next try, it is one that comes while this lasts.
        return self.lasts is None or self.hits < _TWICE or now <= self.began + self.lasts


@dataclass
class Faults:
    """What goes wrong from now on; the wire of an embedded AWS.

    Each takes `times` (how many calls it hits) or `seconds` (for how long by the callers' clock,
    from the first call on, and two calls at least); without, for ever.
    """

    _faults: list[_Fault] = field(default_factory=list)

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            step = step_of(environ)
            for fault in self._faults:
                if step and fault.hits_now(step, _callers_time(environ)):
                    fault.hits += 1
                    return fault.effect(aws, environ, start_response)
            return aws(environ, start_response)

        return app

    def end(self, step: str | None = None) -> None:
        """Everything works again, or one step."""
        self._faults[:] = [fault for fault in self._faults if step not in (None, fault.step)]

    def hits(self) -> int:
        """How many calls went wrong."""
        return sum(fault.hits for fault in self._faults)

    def answer(
        self, step: str, status: int, code: str, message: str = "", **limit: float | None
    ) -> None:
        """The service says no, and does nothing."""
        error = ServiceError(HTTPStatus(status), code, message or "It was told to fail.")

        def effect(aws: WsgiApp, environ: Environ, start_response: Any) -> Iterable[bytes]:
            return reply(error, service_of(environ), environ, start_response)

        self._add(step, effect, **limit)

    def lose_the_call(self, step: str, **limit: float | None) -> None:
        """The connection breaks before the service has done anything."""
        self._add(step, lambda aws, environ, start: hang_up(environ), **limit)

    def lose_the_answer(self, step: str, **limit: float | None) -> None:
        """The service does its work, and the connection breaks."""
        self._add(step, lambda aws, environ, start: do_and_hang_up(aws, environ), **limit)

    def hold(self, step: str, over: Event, **limit: float | None) -> None:
        """The service does not answer until it is `over`, and then nothing."""

        def effect(aws: WsgiApp, environ: Environ, start_response: Any) -> Iterable[bytes]:
            over.wait()
            hang_up(environ)

        self._add(step, effect, **limit)

    def before(self, step: str, act: Callable[[], object], **limit: float | None) -> None:
        """`act` happens when the call comes, which is then lost."""

        def effect(aws: WsgiApp, environ: Environ, start_response: Any) -> Iterable[bytes]:
            act()
            hang_up(environ)

        self._add(step, effect, **limit)

    def after(self, step: str, act: Callable[[], object], **limit: float | None) -> None:
        """The service does its work, then `act` happens, and the answer is lost."""

        def effect(aws: WsgiApp, environ: Environ, start_response: Any) -> Iterable[bytes]:
            for _ in aws(environ, lambda *_: None):
                pass
            act()
            hang_up(environ)

        self._add(step, effect, **limit)

    def meanwhile(self, step: str, act: Callable[[], object], **limit: float | None) -> None:
        """`act` happens while the service is at it; the call itself goes well."""

        def effect(aws: WsgiApp, environ: Environ, start_response: Any) -> Iterable[bytes]:
            act()
            return aws(environ, start_response)

        self._add(step, effect, **limit)

    def half_of_a_bulk_call(self, **limit: float | None) -> None:
        """SES takes every other mail of a call, and says no to the rest."""

        def effect(aws: WsgiApp, environ: Environ, start_response: Any) -> Iterable[bytes]:
            fields = dict(read_call(environ).parameters)
            number = 2
            while _ADDRESS.format(number) in fields:
                fields[_ADDRESS.format(number)] = "no address"
                number += 2
            body = urlencode(fields).encode()
            return aws(_with_body(environ, body), start_response)

        self._add(SEND, effect, **limit)

    def _add(
        self, step: str, effect: Effect, times: float | None = None, seconds: float | None = None
    ) -> None:
        lasts = None if seconds is None else timedelta(seconds=seconds)
        self._faults.append(_Fault(step, effect, None if times is None else int(times), lasts))


def step_of(environ: Environ) -> str | None:
    """Which step of a function a request is; None for what others call."""
    service = service_of(environ)
    if service == "s3":
        if "list-type=2" in environ["QUERY_STRING"]:
            return VERSIONS
        if environ["REQUEST_METHOD"] == "GET" and "/.s3link/shares/" in environ["PATH_INFO"]:
            return READ
        if (
            environ["REQUEST_METHOD"] == "PUT"
            and "/.s3link/shares/gathered-" in environ["PATH_INFO"]
        ):
            return PUT
        return HEAD if environ["REQUEST_METHOD"] == "HEAD" else None
    if service == "lambda":
        return INVOKE if environ["PATH_INFO"].endswith("/invocations") else None
    if service == "scheduler":
        return SCHEDULE
    if service not in ("ses", "dynamodb", "cognito-idp", "sqs"):
        return None
    call = read_call(environ)
    match call.operation:
        case "DeleteMessage":
            return DELETE
        case "SendBulkTemplatedEmail":
            return SEND
        case "TransactWriteItems":
            update = call.parameters["TransactItems"][0].get("Update")
            if update is None or "Subject" in update["Key"]:
                return GATHER
            expression = update["UpdateExpression"]
            ledger = CLAIM if "#ClaimedUntil = :ClaimedUntil" in expression else RECORD
            return MAKE if "LinkId" in update["Key"] else ledger
        case "UpdateItem":
            [key] = call.parameters["Key"]
            if key == "LinkId":
                counts = "#Downloads :one" in call.parameters["UpdateExpression"]
                return REDEEM if counts else TAKE
            if key == "NonceHash":
                taken = "#TakenAt = :TakenAt" in call.parameters["UpdateExpression"]
                return REDEEM if taken else MAKE
            if key == "CountId":
                return COUNT
            return FATE if "#FateRank" in call.parameters["UpdateExpression"] else None
        case "GetItem":
            return FIND
        case "BatchGetItem":
            gathers = any("GatheredFiles" in table for table in call.parameters["RequestItems"])
            return None if gathers else SESSION
        case "PutItem":
            return SIGN_OUT if "Id" in call.parameters["Item"] else ANSWER
        case "AdminGetUser":
            return ADDRESS
        case "Query" if call.text("IndexName").startswith("Links"):
            return LIST
    return None


def _callers_time(environ: Environ) -> datetime:
    """What time it is for a function that calls: when it signed."""
    signed = datetime.strptime(environ["HTTP_X_AMZ_DATE"], "%Y%m%dT%H%M%SZ")
    return signed.replace(tzinfo=UTC)


def _with_body(environ: Environ, body: bytes) -> Environ:
    from io import BytesIO

    return {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}

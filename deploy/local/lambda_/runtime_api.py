"""The Lambda Runtime API for one child process, which asks here for events and posts its answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
It knows nothing of processes: who starts the child also tells when the child has ended.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

from deploy.local import LOCAL_HOST

_PREFIX = "/2018-06-01/runtime/"
_SHUTDOWN_POLL = 0.01  # seconds until the server notices that it should stop


@dataclass(frozen=True)
class Invocation:
    """One event for the function; `timeout` in seconds counts from when the child takes it."""

    request_id: str
    payload: bytes
    function_arn: str
    timeout: float


@dataclass(frozen=True)
class Answer:
    """What the function made of an event: its JSON result, or a JSON error when it failed."""

    payload: bytes
    failed: bool = False

    @classmethod
    def error(cls, kind: str, message: str) -> Answer:
        """An error that the function could not report itself, in the form that Lambda gives it."""
        return cls(json.dumps({"errorType": kind, "errorMessage": message}).encode(), failed=True)


@dataclass
class Handover:
    """An invocation on its way: `taken` once the child has it, `answer` once it is over.

    `taken_at` is read from the monotonic clock; None for what no child took.
    """

    invocation: Invocation
    taken_at: float | None = None
    taken: Event = field(default_factory=Event)
    answer: Future[Answer] = field(default_factory=Future)


class RuntimeApi:
    """Serves one child on a port of its own; `hand_over` gives it one event at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: SimpleQueue[Handover | None] = SimpleQueue()
        self._current: Handover | None = None
        self._end: Answer | None = None
        self._server = _Server((LOCAL_HOST, 0), partial(_Handler, self))
        Thread(
            target=self._server.serve_forever, args=(_SHUTDOWN_POLL,), daemon=True, name="runtime"
        ).start()

    @property
    def address(self) -> str:
        """host:port, for AWS_LAMBDA_RUNTIME_API."""
        return f"{LOCAL_HOST}:{self._server.server_port}"

    def hand_over(self, invocation: Invocation) -> Handover:
        """Let the child have this event as soon as it asks for one."""
        handover = Handover(invocation)
        with self._lock:
            self._current = handover
            ended = self._end
        if ended:
            self.answer(ended)
        else:
            self._waiting.put(handover)
        return handover

    def take(self) -> Handover | None:
        """Wait for the next event; None once the child is to end."""
        handover = self._waiting.get()
        if handover:
            handover.taken_at = time.monotonic()
            handover.taken.set()
        return handover

    def answer(self, answer: Answer, request_id: str | None = None) -> bool:
        """Finish the current event; False when it is not (or no longer) the one of `request_id`."""
        with self._lock:
            current = self._current
            if current is None or request_id not in (None, current.invocation.request_id):
                return False
            self._current = None
        current.answer.set_result(answer)
        current.taken.set()
        return True

    def no_more_answers(self, reason: Answer) -> None:
        """The child is gone or about to: the first `reason` answers its event, and later ones.

        A child may report that it cannot load its code before it has an event, and ends then.
        """
        with self._lock:
            self._end = self._end or reason
        self.answer(self._end)

    @property
    def is_over(self) -> bool:
        """Whether no event can be done any more."""
        return self._end is not None

    def close(self) -> None:
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A child that is killed in the middle of a request is told of by whoever killed it."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body leave in one packet; else the child's next request waits 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, api: RuntimeApi, *arguments: Any) -> None:
        self._api = api
        super().__init__(*arguments)

    def do_GET(self) -> None:
        if self.path != f"{_PREFIX}invocation/next":
            self._reply(404)
            return
        handover = self._api.take()
        if handover is None:
            self.close_connection = True
            return
        invocation = handover.invocation
        deadline = time.time() + invocation.timeout
        self._reply(
            200,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.path.removeprefix(_PREFIX).split("/"):
            case ["init", "error"]:
                self._api.no_more_answers(Answer(body, failed=True))
                accepted = True
            case ["invocation", request_id, "response"]:
                accepted = self._api.answer(Answer(body), request_id)
            case ["invocation", request_id, "error"]:
                accepted = self._api.answer(Answer(body, failed=True), request_id)
            case _:
                self._reply(404)
                return
        self._reply(202 if accepted else 400)

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """The child's own log says what happens; a line per request would only hide it."""

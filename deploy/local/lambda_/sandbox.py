"""One child process of one function: started for its first event, kept warm, killed at the end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Lock, Thread
from typing import IO

from deploy.local.iam.credentials import assume
from deploy.local.lambda_.logs import FunctionLog, Report
from deploy.local.lambda_.processes import start_process
from deploy.local.lambda_.runtime_api import Answer, Handover, Invocation, RuntimeApi
from deploy.local.lambda_.settings import FunctionSettings, ProcessContext, process_environment

INIT_LIMIT = 10.0  # seconds, Lambda's limit for loading the code before the first event
# Lambda renews its processes now and then, so a role session's keys never come near their end.
MAXIMUM_AGE = 3600.0  # seconds
_CHUNK = 65536  # bytes read from the child at once
_LOOK = 0.5  # seconds between looks whether a silent child still lives
_MEMORY_LOOK = 0.02  # seconds between looks how much memory a busy child has taken

_PEAK = "VmHWM:"  # the largest resident set since the program began, in KiB
_KIBIBYTES = 1024  # in one MiB


class Sandbox:
    """A process under AWS's runtime client, in a process group of its own."""

    def __init__(
        self, settings: FunctionSettings, code: Path, endpoint: str, leap: bool = False
    ) -> None:
        self.settings = settings
        self.log = FunctionLog(settings)
        self._api = RuntimeApi()
        self._started = time.monotonic()
        self._ended = Event()
        self._peak = 0.0  # MiB
        self._request_id = ""
        context = ProcessContext(
            keys=assume(settings.role, settings.name, settings.region),
            endpoint=endpoint,
            runtime_api=self._api.address,
            log_stream=self.log.stream,
            code=str(code),
            home=mkdtemp(dir=code.parent, prefix="home-"),
        )
        self._process = start_process(
            settings.handler, code, process_environment(settings, context), leap
        )
        self._output = _Output(self._process.stdout, self.log)
        self._attendant = Thread(target=self._attend, daemon=True, name=settings.name)
        self._attendant.start()

    @property
    def is_usable(self) -> bool:
        """Whether it can take another event."""
        is_over = self._ended.is_set() or self._api.is_over
        return not is_over and time.monotonic() - self._started < MAXIMUM_AGE

    def invoke(
        self, request_id: str, payload: bytes, patience: float = 1.0
    ) -> tuple[Answer, float]:
        """Run the function on one event: its answer, and how many milliseconds it took.

        It is told its time limit, and killed after `patience` times as long.
        """
        settings = self.settings
        self._request_id = request_id
        self.log.start(request_id)
        handover = self._api.hand_over(
            Invocation(request_id, payload, settings.arn, settings.timeout)
        )
        self._wait(handover.taken.wait, INIT_LIMIT)
        status, answer = self._wait_for_answer(handover, patience)
        end = time.monotonic()
        duration = (end - (handover.taken_at or end)) * 1000
        self._output.drain()
        self.log.end(Report(request_id, status, duration, self._peak))
        return answer, duration

    def stop(self) -> None:
        """Kill the process and all that it has started; this answers what it was working on."""
        if not self._ended.is_set():
            self._kill()
        self._attendant.join()

    def _wait_for_answer(self, handover: Handover, patience: float) -> tuple[str, Answer]:
        timeout = handover.invocation.timeout
        self._wait(lambda seconds: bool(wait([handover.answer], seconds).done), timeout * patience)
        if self._is_out_of_memory():
            message = "Runtime exited with error: signal: killed"
            return "error", self._end("Runtime.OutOfMemory", f"Error: {message}")
        if not handover.answer.done():
            message = f"Task timed out after {timeout:.2f} seconds"
            return "timeout", self._end("Sandbox.Timedout", f"Error: {message}")
        answer = handover.answer.result()
        return ("error" if answer.failed else "success"), answer

    def _wait(self, is_over: Callable[[float], bool], limit: float) -> None:
        """Wait until it is over, no longer than `limit` seconds or than memory lasts."""
        end = time.monotonic() + limit
        while (left := end - time.monotonic()) > 0 and not self._is_out_of_memory():
            if is_over(min(left, _MEMORY_LOOK)):
                return

    def _is_out_of_memory(self) -> bool:
        if not self._ended.is_set():  # else its number may be another process's by now
            self._peak = max(self._peak, peak_memory(self._process.pid) or 0.0)
        return self._peak > self.settings.memory

    def _end(self, kind: str, message: str) -> Answer:
        """Stop the process, which has gone too far, and say so in its log."""
        self.stop()
        message = self._with_request_id(message)
        self.log.write([message])
        return Answer.error(kind, message)

    def _with_request_id(self, message: str) -> str:
        """What Lambda itself says of the event in hand."""
        return f"RequestId: {self._request_id} {message}"

    def _attend(self) -> None:
        """Carry the output to the log for as long as the process lives, then clean up after it.

        A program that the function has started may hold the output open longer than that.
        """
        while self._process.poll() is None and self._output.wait_and_drain():
            pass
        status = self._process.wait()
        self._ended.set()
        self._kill()
        self._output.close()
        self._process.stdin.close()
        message = self._with_request_id(f"Error: Runtime exited with error: {_describe(status)}")
        self._api.no_more_answers(Answer.error("Runtime.ExitError", message))
        self._api.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


class _Output:
    """Carries complete lines from a pipe to a log; two threads may do so at the same time."""

    def __init__(self, pipe: IO[bytes], log: FunctionLog) -> None:
        self._pipe = pipe
        self._log = log
        self._lock = Lock()
        self._rest = b""
        self._is_open = True
        os.set_blocking(pipe.fileno(), False)

    def wait_and_drain(self) -> bool:
        """Wait for output, but not for long; False once there can be no more."""
        select.select([self._pipe], [], [], _LOOK)
        self.drain()
        return self._is_open

    def drain(self) -> None:
        """Carry what has been printed so far."""
        with self._lock:
            while self._is_open and (chunk := self._read()):
                *lines, self._rest = (self._rest + chunk).split(b"\n")
                self._log.write([_text(line) for line in lines if line])

    def close(self) -> None:
        """Carry the rest, also a last line without an end."""
        self.drain()
        with self._lock:
            if self._rest:
                self._log.write([_text(self._rest)])
            self._is_open = False
            self._pipe.close()

    def _read(self) -> bytes:
        try:
            chunk = os.read(self._pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return b""
        self._is_open = bool(chunk)
        return chunk


def _text(line: bytes) -> str:
    """One log event; the runtime client separates the lines inside it by carriage returns."""
    return line.decode("utf-8", "replace").replace("\r", "\n")


def _describe(status: int) -> str:
    """In Lambda's words: "signal: killed", "exit status 1"."""
    if status >= 0:
        return f"exit status {status}"
    return f"signal: {(signal.strsignal(-status) or str(-status)).lower()}"


def peak_memory(pid: int) -> float | None:
    """The most that the process has had at one time, in MiB; None where nothing is known.

    A peak is seen at the next look, however short it was. Lambda counts the whole sandbox, this
    the process alone, without the programs that it starts.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # the process is gone, or this is not Linux
        return None
    for line in status.splitlines():
        if line.startswith(_PEAK):
            return int(line.split()[1]) / _KIBIBYTES
    return None  # it has ended, and nobody has asked yet how

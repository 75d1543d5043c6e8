"""Starts functions' processes: each forked from a program that is ready for them.

Where forking is not known to be safe (macOS's libraries have threads), each is started anew.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, Protocol

from deploy.local.lambda_ import child

FORKS = sys.platform == "linux"
_TRIES = 3  # the program may be gone, and a new one begins
_PROGRAM = (sys.executable, "-s", str(child.__file__))
# It is told of no operator's files; what a function is told comes with its order.
_ENVIRONMENT = {
    "HOME": os.devnull,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "LANG": "C.UTF-8",
}


class Process(Protocol):
    """What subprocess.Popen has of it: a process group of its own; output has its errors too."""

    pid: int
    stdin: IO[bytes]  # it ends with this
    stdout: IO[bytes]

    def poll(self) -> int | None:
        """Its status, as subprocess gives it, once it has ended."""

    def wait(self) -> int:
        """The same, however long it takes."""


def start_process(
    handler: str, cwd: Path, environment: dict[str, str], leap: bool = False, forks: bool = FORKS
) -> Process:
    """A process that runs the function's `handler` under AWS's runtime client."""
    if forks:
        return _forking(leap).start(handler, cwd, environment)
    return _started(handler, cwd, environment, leap)  # type: ignore[return-value]


def _started(
    handler: str, cwd: Path, environment: dict[str, str], leap: bool
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*_PROGRAM, handler, *[child.LEAP] * leap],
        cwd=cwd,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class _Forking:
    """The program that is forked: started for the first order, ended with this process."""

    def __init__(self, leap: bool) -> None:
        self._arguments = [*_PROGRAM, child.FORK, *[child.LEAP] * leap]
        self._lock = Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket
        atexit.register(self._end)

    def start(self, handler: str, cwd: Path, environment: dict[str, str]) -> Process:
        order = json.dumps({"handler": handler, "cwd": str(cwd), "environment": environment})
        for _ in range(_TRIES):
            if process := self._ordered(order.encode()):
                return process
        raise OSError("No process could be forked for a function.")

    def _ordered(self, order: bytes) -> Process | None:
        """None when the program is gone, which somebody may have killed, or could not be forked."""
        with ExitStack() as ours, ExitStack() as theirs:
            sent: list[int] = []

            def pipe(mode: str) -> IO[bytes]:
                read, write = os.pipe()
                here, there = (read, write) if mode == "rb" else (write, read)
                theirs.callback(os.close, there)
                sent.append(there)
                return ours.enter_context(os.fdopen(here, mode, 0))

            stdin, stdout, told = pipe("wb"), pipe("rb"), pipe("rb")
            with self._lock:
                if self._program is None:
                    self._begin()
                try:
                    socket.send_fds(self._orders, [order], sent)
                except (BrokenPipeError, ConnectionResetError):
                    self._end()
                    return None
            theirs.close()
            if not (number := told.readline()):
                return None
            ours.pop_all()
            return _Forked(int(number), stdin, stdout, told)

    def _begin(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._program = subprocess.Popen(
                self._arguments,
                env=_ENVIRONMENT,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _end(self) -> None:
        if self._program:
            self._orders.close()
            self._program.wait()
            self._program = None


_forking = cache(_Forking)


class _Forked:
    """A process that is not this one's child: its parent tells what becomes of it."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes], told: IO[bytes]) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self._told = told
        self._status: int | None = None

    def poll(self) -> int | None:
        if self._status is None and select.select([self._told], [], [], 0)[0]:
            self.wait()
        return self._status

    def wait(self) -> int:
        if self._status is None:
            with self._told:
                # Nothing more is told when the program itself was killed.
                self._status = int(self._told.readline() or -signal.SIGKILL)
        return self._status

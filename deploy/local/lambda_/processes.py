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
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, Protocol

from deploy.local.lambda_ import child

FORKS = sys.platform == "linux"
_PROGRAM = (sys.executable, "-s", str(child.__file__))
# It is told of no operator's files; what a function is told comes with its order.
_ENVIRONMENT = {
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
        their_input, standard_input = os.pipe()
        output, their_output = os.pipe()
        told, their_told = os.pipe()
        theirs = [their_input, their_output, their_told]
        with self._lock:
            if self._program is None:
                self._begin()
            try:
                socket.send_fds(self._orders, [order.encode()], theirs)
            except BrokenPipeError:  # somebody has killed the program
                self._end()
                self._begin()
                socket.send_fds(self._orders, [order.encode()], theirs)
        for number in theirs:
            os.close(number)
        return _Forked(os.fdopen(standard_input, "wb", 0), os.fdopen(output, "rb", 0), told)

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


_forking = cache(_Forking)


class _Forked:
    """A process that is not this one's child: its parent tells what becomes of it."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], told: int) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self._told = os.fdopen(told)
        self._status: int | None = None
        self.pid = int(self._told.readline())

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

"""The program of a function's child process: AWS's runtime client, tied to its parent's life.

It is started by path, not as a module, so that only the function's own code and the installed
packages are importable. Its standard input is a pipe that nobody writes to: it ends with the
parent, however the parent ends, and then the child's whole process group ends too.

With the argument `fork` it is no function yet. It imports what takes functions longest, and then
is forked for each of them: `processes.py` orders one by a message on standard input, a socket.

With the argument `leap` it waits for nothing: its clock moves instead, so that a test sees what
comes of a long wait without waiting itself.

Its calls wait longer for their answers than on AWS, where no busy machine answers them.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from typing import Any

FORK = "fork"
LEAP = "leap"
ORDER = 1024 * 1024  # bytes, more than an order has
_PATIENCE = 20  # times the function's own limits
_SERVICES = ("cognito-idp", "dynamodb", "lambda", "s3", "ses", "sns")  # that s3link's functions use


def main() -> None:
    _, first, *options = sys.argv
    if LEAP in options:
        _let_sleep_move_the_clock()
    _let_calls_take_longer()
    if first == FORK:
        _import_what_takes_long()
        first = _forked_for_a_function()
    sys.argv[1:] = [first]
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    threading.Thread(target=_end_with_parent, args=(_keep_standard_input(),), daemon=True).start()

    from awslambdaric.__main__ import main as run

    run(sys.argv)


def _let_sleep_move_the_clock() -> None:
    import datetime

    seconds, slept = time.time, 0.0

    def sleep(duration: float) -> None:
        nonlocal slept
        slept += duration

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Datetime":
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> "Datetime":
            return cls.now(datetime.UTC).replace(tzinfo=None)

    # Before anything else imports them.
    time.sleep = sleep  # type: ignore[assignment]
    time.time = lambda: seconds() + slept
    datetime.datetime = Datetime  # type: ignore[misc]


def _let_calls_take_longer() -> None:
    settimeout = socket.socket.settimeout

    def patiently(self: socket.socket, seconds: float | None) -> None:
        settimeout(self, seconds and seconds * _PATIENCE)

    socket.socket.settimeout = patiently  # type: ignore[method-assign,assignment]


def _import_what_takes_long() -> None:
    """boto3, and botocore's descriptions of the services: every session reads them, here once."""
    import gc
    from functools import cache

    import boto3
    import botocore.session

    botocore.session.create_loader = cache(botocore.session.create_loader)
    session = boto3.Session("none", "none", region_name="us-east-1")  # with keys that are none
    for service in _SERVICES:
        session.client(service)  # type: ignore[call-overload]
    del session
    gc.collect()
    gc.freeze()  # the collector of a fork would copy what is shared


def _forked_for_a_function() -> str:
    """Return the handler of each function that is ordered, in a process of its own.

    An order's three files are the function's standard input, its output, and one that tells what
    becomes of its process: its number, then its status once it has ended, a line each.
    """
    orders = socket.socket(fileno=os.dup(0))
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([orders.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_who_has_ended(told)
        if orders.fileno() in ready:
            message, files, _, _ = socket.recv_fds(orders, ORDER, 3)
            if not message:
                sys.exit()  # the parent has ended
            try:
                process = os.fork()
            except OSError:  # nothing is told of it, by which its starter knows
                process = -1
            if not process:
                break
            if process > 0:
                told[process] = files.pop()
            for number in files:
                os.close(number)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (orders.detach(), woken, wake, *told.values()):
        os.close(number)
    return _become(json.loads(message), *files)


def _tell_who_has_ended(told: dict[int, int]) -> None:
    while told:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        number = told.pop(process)
        with contextlib.suppress(BrokenPipeError):
            os.write(number, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(number)


def _become(order: dict[str, Any], standard_input: int, output: int, told: int) -> str:
    os.setsid()
    for number, standard in ((standard_input, 0), (output, 1), (output, 2)):
        os.dup2(number, standard)
    os.close(standard_input)
    os.close(output)
    # Whatever goes wrong from here on is in the function's output, and its status is told.
    os.write(told, b"%d\n" % os.getpid())
    os.close(told)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    return str(order["handler"])


def _keep_standard_input() -> int:
    """Move the pipe away; the function finds an empty standard input, as on AWS."""
    pipe = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - nothing more is imported than needed
        os.dup2(nothing.fileno(), 0)
    return pipe


def _end_with_parent(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()

"""The program of a function's child process: AWS's runtime client, tied to its parent's life.

It is started by path, not as a module, so that only the function's own code and the installed
packages are importable. Its standard input is a pipe that nobody writes to: it ends with the
parent, however the parent ends, and then the child's whole process group ends too.

With the argument `leap` it waits for nothing: its clock moves instead, so that a test sees what
comes of a long wait without waiting itself.

Its calls wait longer for their answers than on AWS, where no busy machine answers them.
"""

import os
import signal
import socket
import sys
import threading

LEAP = "leap"
_PATIENCE = 20  # times the function's own limits


def main() -> None:
    if sys.argv[-1] == LEAP:
        sys.argv.pop()
        _let_sleep_move_the_clock()
    _let_calls_take_longer()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    threading.Thread(target=_end_with_parent, args=(_keep_standard_input(),), daemon=True).start()

    from awslambdaric.__main__ import main as run

    run(sys.argv)


def _let_sleep_move_the_clock() -> None:
    import datetime
    import time

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

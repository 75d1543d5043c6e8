"""The HTTP server of the embedded AWS: threads, this machine only, silent."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from deploy.errors import LocalError
from deploy.local import LOCAL_HOST
from deploy.local.wire.requests import Environ

_BACKLOG = 128  # connections that may wait to be accepted
_SHUTDOWN_POLL = 0.01  # seconds until the server notices that it should stop


class _QuietHandler(MotoRequestHandler):
    """Prints no line per request: stderr is for what the operator asked for."""

    def log(self, *_: Any) -> None:
        pass


@contextmanager
def listening(port: int) -> Iterator[BaseWSGIServer]:
    """A server that has its port (0 is a free one) and takes no requests yet; `app` can be set.

    Raises LocalError when the port is taken; werkzeug by itself would end the program.
    """
    try:
        listener = socket.create_server((LOCAL_HOST, port), backlog=_BACKLOG)
    except OSError as exc:
        reason = os.strerror(exc.errno) if exc.errno else exc  # its own text repeats the address
        raise LocalError(
            f"Port {port} on {LOCAL_HOST} cannot be used ({reason}); "
            "stop the program that has it, or choose another with --port."
        ) from exc
    with listener:
        server = make_server(
            LOCAL_HOST,
            port,
            app=_not_ready,
            threaded=True,
            request_handler=_QuietHandler,
            fd=listener.fileno(),
        )
    try:
        yield server
    finally:
        server.server_close()


@contextmanager
def serving(server: BaseWSGIServer) -> Iterator[None]:
    """Requests are answered inside the block."""
    thread = Thread(target=server.serve_forever, args=(_SHUTDOWN_POLL,), name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _not_ready(environ: Environ, start_response: Any) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []

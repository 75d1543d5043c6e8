"""Faults on the way between a caller and the embedded AWS, for tests.

    def wire(aws):
        def app(environ, start_response):
            if read_call(environ).action == "ses:SendBulkTemplatedEmail":
                do_and_hang_up(aws, environ)  # SES sends, and its caller never hears of it
            return aws(environ, start_response)
        return app

    EmbeddedAws(wire=wire)

Functions and clients pass through it; the control pages, requests to HTTP APIs and what AWS's
services tell each other do not. It can answer instead of AWS (`replies.reply`), wait, or hang up
before the call is done or afterwards. S3's requests are told apart by method and path, not by
`requests.read_call`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from deploy.local.wire.replies import WsgiApp
from deploy.local.wire.requests import Environ

Wire = Callable[[WsgiApp], WsgiApp]


class HungUpError(ConnectionAbortedError):
    """No answer was given; the web server takes it for a caller who went away."""


def hang_up(environ: Environ) -> NoReturn:
    """Close the connection without an answer."""
    with suppress(OSError):  # the caller may have gone first
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise HungUpError


def do_and_hang_up(aws: WsgiApp, environ: Environ) -> NoReturn:
    """Let the service do its work, and close the connection instead of telling."""
    answer: Any = aws(environ, _unheard)
    for _ in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()
    hang_up(environ)


def _unheard(*_: Any) -> Callable[[bytes], None]:
    """A start_response that nobody listens to."""
    return lambda _: None

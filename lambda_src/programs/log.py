"""The log of Programs and NonceGate: one structured line per thing that was done, or was not.

No URL, nonce or note may be passed here; nor an upload's id, which is half of a URL.
"""

from __future__ import annotations

from function.log import logger_of
from function.text import quoted
from http_api.errors import ApiError
from http_api.requests import Request

logger = logger_of("programs")


def done(what: str, key: str, request: Request, **details: object) -> None:
    """`what` is a sentence's beginning, such as "Signed a download of"."""
    logger.info(
        "%s %s",
        what,
        quoted(key),
        extra={"file": key, "request": request.id, "caller": request.caller, **details},
    )


def failed(failure: ApiError, request: Request) -> None:
    logger.error(
        "%s",
        failure,
        extra={
            "route": request.route,
            "request": request.id,
            "caller": request.caller,
            "failure": type(failure).__name__,
        },
    )


def refused(why: str, link_id: str | None = None) -> None:
    logger.warning("Refused a program: %s", why, extra={"link": link_id})


def not_followed(link_id: str, code: str, request: Request) -> None:
    """`code` is AWS's word or an exception's name, never its text, which could quote a link."""
    logger.error(
        "A one-time link was not followed (%s)",
        code,
        extra={"link": link_id, "request": request.id, "failure": code},
    )


def gate_failed(code: str, link_id: str) -> None:
    logger.error(
        "A nonce could not be looked up, because the table of nonces does not answer (%s); the "
        "program may try again",
        code,
        extra={"link": link_id},
    )

"""PresignApi's log: one structured line per thing that was done, or was not.

No URL, token or note may be passed here; nor an upload's id, which is half of a URL.
"""

from __future__ import annotations

from function.log import logger_of
from function.text import quoted
from http_api.requests import Request

from presign.errors import PresignError

logger = logger_of("presign")


def done(what: str, key: str, request: Request, **details: object) -> None:
    """`what` is a sentence's beginning, such as "Signed a download of"."""
    logger.info(
        "%s %s",
        what,
        quoted(key),
        extra={"file": key, "request": request.id, "caller": request.caller, **details},
    )


def failed(failure: PresignError, request: Request) -> None:
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

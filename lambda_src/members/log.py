"""Members' log: one structured line per thing that was done, or was not.

No URL, token or answer may be passed here, and no address: members are named by their ids.
"""

from __future__ import annotations

from function.log import logger_of
from function.text import shown
from http_api.errors import ApiError
from http_api.requests import Request

from members.caller import Caller

logger = logger_of("members")


def done(what: str, version: str, caller: Caller, request: Request, **details: object) -> None:
    """`what` is a sentence's beginning, such as "Signed a download of"."""
    logger.info(
        "%s %s",
        what,
        shown(version),
        extra={
            "version": version,
            "member": caller.member_id,
            "request": request.id,
            **details,
        },
    )


def signed_out(caller: Caller, request: Request) -> None:
    logger.info("Signed out", extra={"member": caller.member_id, "request": request.id})


def refused(why: str, request: Request, caller: Caller | None = None) -> None:
    logger.warning(
        "Refused a request: %s",
        why,
        extra={
            "route": request.route,
            "request": request.id,
            "member": caller.member_id if caller else None,
        },
    )


def failed(failure: ApiError, request: Request) -> None:
    logger.error(
        "%s",
        failure,
        extra={
            "route": request.route,
            "request": request.id,
            "failure": type(failure).__name__,
        },
    )


def notes_not_read(version: str, code: str) -> None:
    """`code` is AWS's word or an exception's name."""
    logger.error(
        "The notes of %s could not be read (%s); the list was shown without them",
        shown(version),
        code,
        extra={"version": version, "failure": code},
    )


def address_not_known(caller: Caller, code: str) -> None:
    logger.error(
        "The address of a member could not be looked up (%s); the answers are kept without it",
        code,
        extra={"member": caller.member_id, "failure": code},
    )

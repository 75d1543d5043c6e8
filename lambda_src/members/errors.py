"""The errors that only Members has, beside those of every HTTP API (`http_api.errors`).

Refused             who asks may not; why is in the log
├── NotSignedIn     the token is not one of a session that is in use: 401
└── NotAllowed      signed in, but not for this: 403

No sentence contains a link, a token or an answer. Pure.
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.text import shown
from http_api.errors import ApiError, NotThere, Unavailable
from tables.service import TableError


class Refused(ApiError):
    """Who asks may not; `why` is for the log."""

    def __init__(self, sentence: str, why: str) -> None:
        super().__init__(sentence)
        self.why = why


class NotSignedIn(Refused):
    """The same sentence whatever the token lacks."""

    status = 401

    def __init__(self, why: str) -> None:
        super().__init__("Your session is over; sign in again.", why)


class NotAllowed(Refused):
    """Signed in, but not for this."""

    status = 403


def no_version(name: str) -> NotThere:
    return NotThere(f"There is no version {shown(name)}, or not any more; load the list again.")


def storage_fault(what: str, error: ClientError | BotoCoreError) -> Unavailable:
    """`what` is not known or was not done, as a sentence says it."""
    return _fault(what, "S3", code_of(error))


def table_fault(error: TableError) -> Unavailable:
    return _fault("That was not done", "DynamoDB", error.code)


def _fault(what: str, service: str, code: str) -> Unavailable:
    return Unavailable(
        f"{what}: {service} does not do it at present ({code}). Try again in a minute; if it stays "
        "so, tell whoever runs this page."
    )

"""What else than a caller's mistake (`http_api.requests.BadRequest`) is answered with a sentence.

MembersError            one sentence for the caller
├── Refused             who asks may not; why is in the log
│   ├── NotSignedIn     the token is not one of a session that is in use: 401
│   └── NotAllowed      signed in, but not for this: 403
├── NotThere            a version or a file is not there: 404
├── Unavailable         S3 or DynamoDB did not do it: 503
└── UnexpectedFailure   a defect; names the line and is raised, so that Lambda counts it: 500

No sentence contains a link, a token or an answer. Pure.
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import FunctionError, code_of
from function.text import shown
from tables.service import TableError


class MembersError(FunctionError):
    """Base of all errors that Members raises; `status` is that of its answer."""

    status = 500


class Refused(MembersError):
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


class NotThere(MembersError):
    """A version or a file is not there."""

    status = 404


class Unavailable(MembersError):
    """S3 or DynamoDB did not do it."""

    status = 503


class UnexpectedFailure(MembersError):
    """A defect; names the line."""


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

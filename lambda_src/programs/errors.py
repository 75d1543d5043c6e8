"""What else than a caller's mistake (`http_api.requests.BadRequest`) is answered with a sentence.

ProgramsError           one sentence for the caller
├── NotThere            a file or an upload is not there: 404
├── Unavailable         S3 or DynamoDB did not do it: 503
└── UnexpectedFailure   a defect; names the line and is raised, so that Lambda counts it: 500

No sentence contains a link, a nonce or a note. Pure.
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import FunctionError, code_of
from tables.service import TableError

_DENIED = {"403", "AccessDenied", "Forbidden"}
_ASK_FOR_HELP = (
    "Ask whoever runs this API to look into its log, and to deploy the programs stack again."
)


class ProgramsError(FunctionError):
    """Base of all errors that Programs raises."""


class NotThere(ProgramsError):
    """A file or an upload is not there."""


class Unavailable(ProgramsError):
    """S3 or DynamoDB did not do it."""


class UnexpectedFailure(ProgramsError):
    """A defect; names the line."""


def storage_fault(what: str, error: ClientError | BotoCoreError) -> Unavailable:
    """`what` was not done, as a sentence says it: "The upload was not begun"."""
    code = code_of(error)
    if code in _DENIED:
        return Unavailable(
            f"{what}: S3 does not let Programs' role do it ({code}). {_ASK_FOR_HELP}"
        )
    return Unavailable(f"{what}: S3 does not do it at present ({code}). Try again in a minute.")


def table_fault(what: str, error: TableError) -> Unavailable:
    """The same, of the table of nonces."""
    if error.final:
        return Unavailable(
            f"{what}: the table of nonces does not take it ({error.code}). {_ASK_FOR_HELP}"
        )
    return Unavailable(
        f"{what}: the table of nonces does not take it at present ({error.code}). "
        "Try again in a minute."
    )

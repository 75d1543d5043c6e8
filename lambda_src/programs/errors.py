"""What Programs answers when S3 or its table does not do something. Pure."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from http_api.errors import Unavailable
from tables.service import TableError

_DENIED = {"403", "AccessDenied", "Forbidden"}
_ASK_FOR_HELP = (
    "Ask whoever runs this API to look into its log, and to deploy the programs stack again."
)


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

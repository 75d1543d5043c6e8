"""What it means that S3 or DynamoDB did not do something, as an error with a sentence. Pure."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from tables.service import TableError

from presign.errors import Unavailable

_DENIED = {"403", "AccessDenied", "Forbidden"}


def storage_fault(what: str, error: ClientError | BotoCoreError) -> Unavailable:
    """`what` was not done, as a sentence says it: "The upload was not begun"."""
    code = code_of(error)
    if code in _DENIED:
        return Unavailable(
            f"{what}: S3 does not let PresignApi's role do it ({code}). Ask whoever runs this "
            "portal to look into its log, and to deploy the portal stack again."
        )
    return Unavailable(f"{what}: S3 does not do it at present ({code}). Try again in a minute.")


def table_fault(what: str, error: TableError) -> Unavailable:
    if error.final:
        return Unavailable(
            f"{what}: the portal's table does not take it ({error.code}). Ask whoever runs this "
            "portal to look into its log, and to deploy the portal stack again."
        )
    return Unavailable(
        f"{what}: the portal's table does not take it at present ({error.code}). "
        "Try again in a minute."
    )

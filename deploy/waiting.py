"""Waits until LinkGenerator has mailed what was sent, which its log tells. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from deploy import logs
from deploy.errors import UploadError
from deploy.polling import PATIENT, Poll

if TYPE_CHECKING:
    from deploy.clients import Clients
    from deploy.deployment import Deployment
    from deploy.logs import Record
    from deploy.send import Sent

# A cold start, a mail and the log's own delay take some ten seconds together.
_PATIENCE_SECONDS = 120


def wait_until_mailed(
    clients: Clients,
    deployment: Deployment,
    group: str,
    sent: Sequence[Sent],
    since: datetime,
    poll: Poll = PATIENT,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Return once every recipient of every file has been mailed.

    Raises UploadError at the first failure that the log tells, or when it takes too long.
    """
    deadline = clock() + _PATIENCE_SECONDS
    advice = f"see `{deployment.command('logs')}`"

    def waiting() -> list[Sent] | None:
        records = logs.read(clients, group, since)
        for upload in sent:
            _check_not_failed(upload, records, advice)
        left = [upload for upload in sent if not _is_mailed(upload, records)]
        return left if not left or clock() >= deadline else None

    left = poll.until(waiting)
    if left:
        names = ", ".join(f'"{upload.key}"' for upload in left)
        raise UploadError(
            f"All files arrived, but {names} was not mailed within {_PATIENCE_SECONDS} seconds; "
            f"LinkGenerator may still be at it, {advice}."
        )


def _check_not_failed(upload: Sent, records: Iterable[Record], advice: str) -> None:
    for record in _about(upload, records):
        if "failure" in record.fields:
            raise UploadError(f"The file arrived, but {record.message.rstrip('.')}; {advice}.")


def _is_mailed(upload: Sent, records: Iterable[Record]) -> bool:
    told = {
        str(record.fields["recipient"]).lower()
        for record in _about(upload, records)
        if "messageId" in record.fields
    }
    return told >= {recipient.lower() for recipient in upload.recipients}


def _about(upload: Sent, records: Iterable[Record]) -> list[Record]:
    return [
        record
        for record in records
        if record.fields.get("file") == upload.key
        and record.fields.get("version") == upload.version_id
    ]

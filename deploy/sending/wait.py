"""Waits until the ledger says that what was sent was mailed, or the log says why not.

It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from deploy.aws.polling import PATIENT, Poll
from deploy.errors import UploadError
from deploy.watching import logs

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.sending.send import Sent
    from deploy.watching.deliveries import Ledger
    from deploy.watching.logs import Record

# A cold start, a mail and the log's own delay take some ten seconds together.
_PATIENCE_SECONDS = 120


def wait_until_mailed(
    clients: Clients,
    deployment: Deployment,
    group: str,
    ledger: Ledger,
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
        told = _told(ledger, since)
        left = [upload for upload in sent if not _is_mailed(upload, told)]
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


def _told(ledger: Ledger, since: datetime) -> set[tuple[str, str | None, str]]:
    """Who has a mail about which version of which file."""
    return {
        (delivery.file, delivery.version, delivery.recipient.lower())
        for page in ledger.pages(datetime.now(UTC), since)
        for delivery in page
        if delivery.message_id
    }


def _is_mailed(upload: Sent, told: set[tuple[str, str | None, str]]) -> bool:
    return all(
        (upload.key, upload.version_id, recipient.lower()) in told
        for recipient in upload.recipients
    )


def _about(upload: Sent, records: Iterable[Record]) -> list[Record]:
    return [
        record
        for record in records
        if record.fields.get("file") == upload.key
        and record.fields.get("version") == upload.version_id
    ]

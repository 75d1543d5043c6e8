"""Waits until the ledger says that what was sent was mailed, or the log says why not.

It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.polling import PATIENT, Poll
from deploy.aws.presence import says_not_there
from deploy.errors import UploadError
from deploy.sending.sent import SentFile
from deploy.stacks.lookup import require_generator
from deploy.watching import logs
from deploy.watching.deliveries import Ledger, require_ledger

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment
    from deploy.sending.sent import Announced, Sent
    from deploy.watching.logs import Record

# A cold start, a mail and the log's own delay take some ten seconds together.
_PATIENCE_SECONDS = 120
# The log's clock may be behind this machine's.
CLOCK_DIFFERENCE = timedelta(minutes=5)


def wait_for_mails(clients: Clients, deployment: Deployment, sent: Sent, console: Console) -> None:
    """Wait until every recipient was mailed; raises UploadError for the first failure."""
    generator = require_generator(clients, deployment)
    ledger = require_ledger(clients, deployment, generator)
    console.progress("Waiting for the mails.")
    group = generator.outputs["LinkGeneratorLogGroupName"]
    since = min(one.begun for one in sent.announced) - CLOCK_DIFFERENCE
    wait_until_mailed(clients, deployment, group, ledger, sent.announced, since)
    console.progress("Every recipient was mailed.")


def wait_until_mailed(
    clients: Clients,
    deployment: Deployment,
    group: str,
    ledger: Ledger,
    sent: Sequence[Announced],
    since: datetime,
    poll: Poll = PATIENT,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Return once every recipient of all that was announced has been mailed.

    Raises UploadError at the first failure that the log tells, or when it takes too long.
    """
    deadline = clock() + _PATIENCE_SECONDS
    advice = f"see `{deployment.command('logs')}`"

    def unmailed() -> list[Announced] | None:
        mailed = _mailed_so_far(ledger, since)
        left = [upload for upload in sent if not _is_mailed(upload, mailed)]
        records = _records(clients, group, since) if left else ()
        for upload in left:
            _check_not_failed(upload, records, advice)
        return left if not left or clock() >= deadline else None

    left = poll.until(unmailed)
    if left:
        names = ", ".join(f'"{one.title}"' for one in left)
        were = "was" if len(left) == 1 else "were"
        raise UploadError(
            f"All files arrived, but {names} {were} not mailed within {_PATIENCE_SECONDS} seconds; "
            f"LinkGenerator may still be at it, {advice}."
        )


def _records(clients: Clients, group: str, since: datetime) -> Sequence[Record]:
    """What LinkGenerator has said; without its log only the ledger tells."""
    try:
        return logs.read_log(clients, group, since)
    except ClientError as exc:
        if says_not_there(exc):
            return ()
        raise


def _check_not_failed(upload: Announced, records: Iterable[Record], advice: str) -> None:
    arrived = "The file arrived" if isinstance(upload, SentFile) else "The files arrived"
    for record in _records_about(upload, records):
        # Not announced, or left out for good: what LinkGenerator says of it ends in an outcome.
        if record.fields.keys() & {"failure", "outcome"}:
            raise UploadError(f"{arrived}, but {record.message.rstrip('.')}; {advice}.")


def _mailed_so_far(ledger: Ledger, since: datetime) -> set[tuple[str, str | None, str]]:
    """Who has a mail about which version of which file."""
    return {
        (delivery.file, delivery.version, delivery.recipient.lower())
        for delivery in ledger.deliveries(datetime.now(UTC), since)
        if delivery.message_id
    }


def _is_mailed(upload: Announced, mailed: set[tuple[str, str | None, str]]) -> bool:
    return all(
        (upload.key, upload.version_id, recipient.lower()) in mailed
        for recipient in upload.recipients
    )


def _records_about(upload: Announced, records: Iterable[Record]) -> list[Record]:
    return [
        record
        for record in records
        if record.fields.get("file") == upload.key
        and record.fields.get("version") == upload.version_id
    ]

"""Uploads files so that LinkGenerator announces them. It writes to FileExchangeBucket only.

Everything is checked before the first byte leaves: files, keys, recipients, metadata. Then one
file after the other is put whole: S3 shows a file only when all of it has arrived, and an upload
that fails or is stopped is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.errors import UploadError, UploadStoppedError
from deploy.lambda_packages import DIRECT_LINK_LIMIT_SECONDS, file_size, quoted, recipients_who_get
from deploy.sending.files import LocalFile, select
from deploy.sending.metadata import upload_metadata
from deploy.sending.upload import Fate, put
from deploy.sending.wait import wait_until_mailed
from deploy.settings.configuration import known_parameters
from deploy.stacks.deployed import require_generator
from deploy.stacks.lookup import StackState
from deploy.watching.deliveries import require_ledger
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment

_SECONDS_PER_DAY = 86_400
# The log's clock may be behind this machine's.
_CLOCK_DIFFERENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class SendOptions:
    """What the sender asks for: to whom, with which words, for how many seconds and downloads."""

    to: tuple[str, ...] = ()
    note: str = ""
    expires: int | None = None
    max_downloads: int | None = None


@dataclass(frozen=True)
class Upload:
    """One file, ready to be put: who will be told, and the metadata that says so."""

    file: LocalFile
    recipients: tuple[str, ...]
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Sent:
    """One file that arrived, as the version that its links will give, and when it was begun."""

    file: Path
    key: str
    version_id: str
    recipients: tuple[str, ...]
    begun: datetime


def send_files(
    clients: Clients,
    deployment: Deployment,
    paths: Sequence[Path],
    options: SendOptions,
    console: Console,
) -> list[Sent]:
    """Send files and folders. Raises UploadError that says what was sent and what was not."""
    selection = select(paths)
    generator = require_generator(clients, deployment)
    uploads = prepare_uploads(selection.files, options, deployment, generator)
    for left_out in selection.left_out:
        console.progress(
            f"Left out {quoted(str(left_out.path))}, {left_out.reason}; name it to send it."
        )
    return _put_all(clients, generator.outputs["FileExchangeBucketName"], uploads, console)


def wait_for_mails(
    clients: Clients, deployment: Deployment, sent: Sequence[Sent], console: Console
) -> None:
    """Wait until every recipient was mailed; raises UploadError for the first failure."""
    generator = require_generator(clients, deployment)
    ledger = require_ledger(clients, deployment, generator)
    console.progress("Waiting for the mails.")
    group = generator.outputs["LinkGeneratorLogGroupName"]
    since = min(upload.begun for upload in sent) - _CLOCK_DIFFERENCE
    wait_until_mailed(clients, deployment, group, ledger, sent, since)
    console.progress("Every recipient was mailed.")


def prepare_uploads(
    files: Sequence[LocalFile],
    options: SendOptions,
    deployment: Deployment,
    generator: StackState,
) -> list[Upload]:
    """Check all that can be checked before sending; raises UploadError for the first fault."""
    _check_expiry(options.expires, generator, deployment)
    _check_downloads(options.max_downloads, generator, deployment)
    metadata = upload_metadata(options.to, options.note, options.expires, options.max_downloads)
    return [
        Upload(
            file,
            recipients_who_get(file.key, metadata, options.to, deployment, generator),
            metadata,
        )
        for file in files
    ]


def _put_all(
    clients: Clients, bucket: str, uploads: Sequence[Upload], console: Console
) -> list[Sent]:
    sent: list[Sent] = []
    for upload in uploads:
        fate, begun = Fate(), datetime.now(UTC)
        label = f"Sending {quoted(upload.file.key)} ({file_size(upload.file.size)})"
        try:
            with console.bar(label, upload.file.size) as advance:
                put(clients, bucket, upload.file, upload.metadata, fate, advance)
        except (KeyboardInterrupt, ClientError, BotoCoreError, OSError) as exc:
            arrived = len(sent) + (fate.version_id is not None)
            cause = _cause(exc, upload)
            kind = UploadStoppedError if isinstance(exc, KeyboardInterrupt) else UploadError
            raise kind(_stopped(cause, uploads, arrived, fate.has_parts)) from exc
        version = fate.version_id or ""  # the bucket's template switches versioning on
        sent.append(Sent(upload.file.path, upload.file.key, version, upload.recipients, begun))
    return sent


def _has_portal(generator: StackState) -> bool:
    return bool(generator.parameters.get("PortalStackName"))


def _check_downloads(
    max_downloads: int | None, generator: StackState, deployment: Deployment
) -> None:
    if max_downloads is not None and not _has_portal(generator):
        raise UploadError(
            "--max-downloads needs the portal, which this deployment has not: nobody counts the "
            "downloads of a direct link. Leave it out, or run "
            f"`{deployment.command('deploy')} --with portal` first."
        )


def _check_expiry(expires: int | None, generator: StackState, deployment: Deployment) -> None:
    least = known_parameters()["LinkExpirationPeriod"].min_value or 1
    if expires is not None and expires < least:
        raise UploadError(
            f"--expires asks for {expires:,} seconds, in which hardly anybody reads a mail; ask "
            f"for {least:.0f} or more."
        )
    limit, way_out = _longest(generator, deployment)
    if expires is not None and expires > limit:
        raise UploadError(
            f"--expires asks for {expires:,} seconds and links of this deployment live at most "
            f"{limit:,}; ask for less, or {way_out}."
        )


def _longest(generator: StackState, deployment: Deployment) -> tuple[int, str]:
    """For how many seconds a link works at most, and what lets the next ones work longer."""
    if _has_portal(generator):
        days = int(generator.parameters["ExchangableObjectsTTL"])
        return days * _SECONDS_PER_DAY, "deploy with a higher ExchangableObjectsTTL (days)"
    seconds = int(generator.parameters["LinkExpirationPeriod"])
    if seconds < DIRECT_LINK_LIMIT_SECONDS:
        return seconds, "deploy with a longer LinkExpirationPeriod"
    return seconds, (
        f"run `{deployment.command('deploy')} --with portal`, whose links work for as long as "
        "their file stays"
    )


def _cause(exc: BaseException, upload: Upload) -> str:
    if isinstance(exc, KeyboardInterrupt):
        return "Stopped"
    known = exc.strerror if isinstance(exc, OSError) else explain(exc)
    return f'"{upload.file.path}" was not sent ({str(known or exc).rstrip(".")})'


def _stopped(cause: str, uploads: Sequence[Upload], arrived: int, has_parts: bool) -> str:
    """The sentence for an end before the end: what arrived, and what to send again."""
    missing = ", ".join(f'"{upload.file.path}"' for upload in uploads[arrived:])
    parts = (
        "parts of the next one lie in the bucket until its lifecycle removes them"
        if has_parts
        else "nothing is left half done"
    )
    again = f"; send again: {missing}" if missing else ""
    return f"{cause}: {arrived} of {counted(len(uploads), 'file')} arrived and {parts}{again}."

"""Uploads files so that LinkGenerator announces them. It writes to FileExchangeBucket only.

Everything is checked before the first byte leaves: files, keys, recipients, metadata. Then one
file after the other is put whole: S3 shows a file only when all of it has arrived, and an upload
that fails or is stopped is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.presence import says_not_there
from deploy.errors import UploadError, UploadStoppedError
from deploy.sending.prepare import PreparedUpload, SendOptions, prepare_uploads
from deploy.stacks.lookup import require_generator
from deploy.uploading.files import select_files
from deploy.uploading.upload import ENDS, UploadState, put_with_bar, why_ended
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState
    from deploy.uploading.files import LocalFile


@dataclass(frozen=True)
class SentFile:
    """One file that arrived, as the version that its links will give, and when it was begun."""

    file: str
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
    standard_input: LocalFile | None = None,
) -> list[SentFile]:
    """Send files and folders, and `standard_input` in place of "-".

    Raises UploadError that says what was sent and what was not.
    """
    selection = select_files(paths, standard_input=standard_input)
    generator = require_generator(clients, deployment)
    uploads = prepare_uploads(selection.files, options, deployment, generator)
    _require_announcer(clients, deployment, generator)
    for left_out in selection.left_out:
        console.progress(left_out.sentence)
    return _put_all(clients, generator.outputs["FileExchangeBucketName"], uploads, console)


def _require_announcer(clients: Clients, deployment: Deployment, generator: StackState) -> None:
    """Raise UploadError when LinkGenerator is gone: S3 would take the files, and nobody be told."""
    name = generator.outputs["LinkGeneratorName"]
    try:
        clients.awslambda.get_function_configuration(FunctionName=name)
    except ClientError as exc:
        if says_not_there(exc):
            raise UploadError(
                f"Nothing was sent: {name} is gone, so nobody would be mailed; "
                f"`{deployment.command('deploy')}` makes it again."
            ) from exc
        # Who may upload need not be allowed to look at functions.


def _put_all(
    clients: Clients, bucket: str, uploads: Sequence[PreparedUpload], console: Console
) -> list[SentFile]:
    sent: list[SentFile] = []
    for upload in uploads:
        state, begun = UploadState(), datetime.now(UTC)
        try:
            put_with_bar(clients, bucket, upload.file, upload.metadata, state, console, "Sending")
        except ENDS as exc:
            arrived = len(sent) + (state.version_id is not None)
            cause = why_ended(exc, upload.file, "sent")
            kind = UploadStoppedError if isinstance(exc, KeyboardInterrupt) else UploadError
            raise kind(_stopped(cause, uploads, arrived, state.has_parts)) from exc
        version = state.version_id or ""  # the bucket's template switches versioning on
        sent.append(SentFile(upload.file.title, upload.file.key, version, upload.recipients, begun))
    return sent


def _stopped(cause: str, uploads: Sequence[PreparedUpload], arrived: int, has_parts: bool) -> str:
    """The sentence for an end before the end: what arrived, and what to send again."""
    missing = ", ".join(f'"{upload.file.title}"' for upload in uploads[arrived:])
    parts = (
        "parts of the next one lie in the bucket until its lifecycle removes them"
        if has_parts
        else "nothing is left half done"
    )
    again = f"; send again: {missing}" if missing else ""
    return f"{cause}: {arrived} of {counted(len(uploads), 'file')} arrived and {parts}{again}."

"""Uploads files so that LinkGenerator announces them. It writes to FileExchangeBucket only.

Everything is checked before the first byte leaves: files, keys, recipients, metadata. Then the
files are put side by side, each of them whole: S3 shows a file only when all of it has arrived. An
upload that is stopped is taken back; a large file whose upload fails is gone on with next time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.errors import UploadError, UploadStoppedError
from deploy.lambda_packages import file_size, quoted
from deploy.sending.exchange import Exchange, find_exchange
from deploy.sending.prepare import PreparedUpload, SendOptions, prepare_uploads
from deploy.stacks.lookup import usable_generator
from deploy.uploading.files import select_files
from deploy.uploading.put import put_all
from deploy.uploading.upload import Upload, why_ended
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment
    from deploy.uploading.begun import BegunUploads
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
    memory: BegunUploads | None = None,
    asked: Callable[[], Exchange] | None = None,
    packs_folders: bool = False,
) -> list[SentFile]:
    """Send files and folders, each of these as one file if it `packs_folders`, and `standard_input`
    in place of "-".

    Large files whose upload broke off go on from there, as far as `memory` knows. `asked` gives
    what `find_exchange` found, if somebody has called it already. Raises UploadError that says what
    was sent and what was not.
    """
    selection = select_files(paths, standard_input=standard_input, packs_folders=packs_folders)
    exchange = asked() if asked else find_exchange(clients, deployment.name)
    generator = usable_generator(deployment, exchange.generator)
    prepared = prepare_uploads(selection.files, options, deployment, generator)
    if exchange.gone:
        raise UploadError(
            f"Nothing was sent: {exchange.gone} is gone, so nobody would get a link that works; "
            f"`{deployment.command('deploy')}` makes it again."
        )
    for left_out in selection.left_out:
        console.progress(left_out.sentence)
    uploads = [Upload(one.file, one.metadata) for one in prepared]
    _put(clients, generator.outputs["FileExchangeBucketName"], uploads, console, memory)
    return [_sent(one, upload) for one, upload in zip(prepared, uploads, strict=True)]


def _put(
    clients: Clients,
    bucket: str,
    uploads: Sequence[Upload],
    console: Console,
    memory: BegunUploads | None,
) -> None:
    stopped: KeyboardInterrupt | None = None
    try:
        with console.bar(_label(uploads), sum(upload.file.size for upload in uploads)) as advance:
            put_all(clients, bucket, uploads, advance, memory)
    except KeyboardInterrupt as exc:
        stopped = exc
    for upload in uploads:
        if upload.state.version_id is not None and upload.state.was_there:
            there = file_size(upload.state.was_there)
            console.progress(
                f"{quoted(upload.file.key)} went on from an earlier send: {there} were there."
            )
    if stopped is not None:
        raise UploadStoppedError(_ended("Stopped", uploads)) from stopped
    for upload in uploads:
        if (fault := upload.state.fault) is not None:
            raise UploadError(_ended(why_ended(fault, upload.file, "sent"), uploads)) from fault


def _label(uploads: Sequence[Upload]) -> str:
    """One bar is for all."""
    size = file_size(sum(upload.file.size for upload in uploads))
    if len(uploads) == 1:
        return f"Sending {quoted(uploads[0].file.key)} ({size})"
    return f"Sending {counted(len(uploads), 'file')} ({size})"


def _sent(prepared: PreparedUpload, upload: Upload) -> SentFile:
    file, state = upload.file, upload.state
    begun = state.begun or datetime.now(UTC)
    return SentFile(file.title, file.key, state.version_id or "", prepared.recipients, begun)


def _ended(cause: str, uploads: Sequence[Upload]) -> str:
    """The sentence for an end before the end: what arrived, and what to send again."""
    missing = [upload for upload in uploads if upload.state.version_id is None]
    arrived = len(uploads) - len(missing)
    unknown = [upload for upload in missing if upload.state.may_be_there]
    lost = [upload for upload in missing if not upload.state.may_be_there]
    again = f"; send again: {_names(lost)}" if lost else ""
    if unknown:
        again += f"; look with s3link deliveries whether {_names(unknown)} was mailed, and send it"
        again += " again if not"
    return (
        f"{cause}: {arrived} of {counted(len(uploads), 'file')} arrived and "
        f"{_what_is_left(missing)}{again}."
    )


def _what_is_left(missing: Sequence[Upload]) -> str:
    """What the bucket has of files that did not arrive."""
    left = [
        upload for upload in missing if upload.state.has_parts and not upload.state.may_be_there
    ]
    if not left:
        return "nothing is left half done"
    if all(upload.state.goes_on for upload in left):
        return f"what was sent of {_names(left)} is kept and need not be sent twice"
    return f"parts of {_names(left)} lie in the bucket until its lifecycle removes them"


def _names(uploads: Sequence[Upload]) -> str:
    return ", ".join(f'"{upload.file.title}"' for upload in uploads)

"""Puts files that are in no share: each is announced as soon as it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deploy.errors import UploadError, UploadStoppedError
from deploy.lambda_packages import file_size, quoted
from deploy.sending.wording import tell_what_was_there
from deploy.uploading.put import put_all
from deploy.uploading.upload import Upload, why_ended
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.uploading.begun import BegunUploads


def send_alone(
    clients: Clients,
    bucket: str,
    uploads: Sequence[Upload],
    console: Console,
    memory: BegunUploads | None,
) -> None:
    """Put them, where there is nothing else to send. Raises UploadError."""
    stopped: KeyboardInterrupt | None = None
    try:
        put_alone(clients, bucket, uploads, console, memory)
    except KeyboardInterrupt as exc:
        stopped = exc
    if stopped is not None:
        raise UploadStoppedError(ended("Stopped", uploads)) from stopped
    for upload in uploads:
        if (fault := upload.state.fault) is not None:
            raise UploadError(ended(why_ended(fault, upload.file, "sent"), uploads)) from fault


def put_alone(
    clients: Clients,
    bucket: str,
    uploads: Sequence[Upload],
    console: Console,
    memory: BegunUploads | None,
) -> None:
    """Put them; their states tell what became of them, also when Ctrl-C ends this."""
    if not uploads:
        return
    try:
        with console.bar(_label(uploads), sum(upload.file.size for upload in uploads)) as advance:
            put_all(clients, bucket, uploads, advance, memory)
    finally:
        tell_what_was_there(uploads, console)


def _label(uploads: Sequence[Upload]) -> str:
    """One bar is for all."""
    size = file_size(sum(upload.file.size for upload in uploads))
    if len(uploads) == 1:
        return f"Sending {quoted(uploads[0].file.key)} ({size})"
    return f"Sending {counted(len(uploads), 'file')} ({size})"


def ended(cause: str, uploads: Sequence[Upload]) -> str:
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

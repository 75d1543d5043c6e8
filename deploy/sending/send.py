"""Uploads files so that LinkGenerator announces them. It writes to FileExchangeBucket only.

Everything is checked before the first byte leaves: files, keys, recipients, metadata. Then the
files are put side by side, each of them whole: S3 shows a file only when all of it has arrived. An
upload that is stopped is taken back; a large file whose upload fails is gone on with next time.
Files that the same people get are one share, which `send_shares` puts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.errors import UploadError, UploadStoppedError
from deploy.lambda_packages import file_size, quoted
from deploy.sending.exchange import Exchange, find_exchange
from deploy.sending.prepare import SendOptions, prepare_uploads
from deploy.sending.sent import Sent, sent_file
from deploy.sending.shares import Prepared, prepare
from deploy.sending.wording import tell_what_was_there
from deploy.stacks.lookup import usable_generator
from deploy.uploading.files import select_files
from deploy.uploading.put import put_all
from deploy.uploading.upload import Upload, why_ended
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.deployment import Deployment
    from deploy.sending.sharing import Sharing
    from deploy.stacks.lookup import StackState
    from deploy.uploading.begun import BegunUploads
    from deploy.uploading.files import LocalFile


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
    separately: bool = False,
) -> Sent:
    """Send files and folders, each of these as one file if it `packs_folders`, and `standard_input`
    in place of "-". Recipients of several files get one mail, or `separately` one for each.

    Large files whose upload broke off go on from there, as far as `memory` knows. `asked` gives
    what `find_exchange` found, if somebody has called it already. Raises UploadError that says what
    was sent and what was not.
    """
    selection = select_files(paths, standard_input=standard_input, packs_folders=packs_folders)
    exchange = asked() if asked else find_exchange(clients, deployment.name)
    generator = usable_generator(deployment, exchange.generator)
    prepared = _prepared(selection.files, options, deployment, generator, separately)
    if exchange.gone:
        raise UploadError(
            f"Nothing was sent: {exchange.gone} is gone, so nobody would get a link that works; "
            f"`{deployment.command('deploy')}` makes it again."
        )
    for left_out in selection.left_out:
        console.progress(left_out.sentence)
    bucket = generator.outputs["FileExchangeBucketName"]
    sharing: list[Sharing] = []
    if prepared.shares:
        from deploy.sending.send_shares import send_shares

        days = int(generator.parameters["ExchangableObjectsTTL"])
        sharing = send_shares(clients, bucket, prepared.shares, console, memory, days)
    uploads = [Upload(one.file, one.metadata) for one in prepared.alone]
    arrived = [upload for one in sharing for upload in one.uploads]
    _put(clients, bucket, uploads, console, memory, arrived)
    return _sent(selection.files, prepared, sharing, uploads)


def _prepared(
    files: Sequence[LocalFile],
    options: SendOptions,
    deployment: Deployment,
    generator: StackState,
    separately: bool,
) -> Prepared:
    if separately or len(files) == 1:
        return Prepared(tuple(prepare_uploads(files, options, deployment, generator)))
    return prepare(files, options, deployment, generator)


def _put(
    clients: Clients,
    bucket: str,
    uploads: Sequence[Upload],
    console: Console,
    memory: BegunUploads | None,
    arrived: Sequence[Upload] = (),
) -> None:
    """Put what is announced file by file; `arrived` are those of shares, which came before."""
    if not uploads:
        return
    stopped: KeyboardInterrupt | None = None
    try:
        with console.bar(_label(uploads), sum(upload.file.size for upload in uploads)) as advance:
            put_all(clients, bucket, uploads, advance, memory)
    except KeyboardInterrupt as exc:
        stopped = exc
    tell_what_was_there(uploads, console)
    if stopped is not None:
        raise UploadStoppedError(_ended("Stopped", [*arrived, *uploads])) from stopped
    for upload in uploads:
        if (fault := upload.state.fault) is not None:
            raise UploadError(
                _ended(why_ended(fault, upload.file, "sent"), [*arrived, *uploads])
            ) from fault


def _label(uploads: Sequence[Upload]) -> str:
    """One bar is for all."""
    size = file_size(sum(upload.file.size for upload in uploads))
    if len(uploads) == 1:
        return f"Sending {quoted(uploads[0].file.key)} ({size})"
    return f"Sending {counted(len(uploads), 'file')} ({size})"


def _sent(
    files: Sequence[LocalFile],
    prepared: Prepared,
    sharing: Sequence[Sharing],
    uploads: Sequence[Upload],
) -> Sent:
    """In the order in which they were named."""
    shares = tuple(one.sent() for one in sharing)
    by_key = {file.key: file for share in shares for file in share.files}
    for one, upload in zip(prepared.alone, uploads, strict=True):
        by_key[upload.file.key] = sent_file(upload, one.recipients)
    return Sent(tuple(by_key[file.key] for file in files), shares)


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

"""Uploads files so that LinkGenerator announces them. It writes to FileExchangeBucket only.

Everything is checked before the first byte leaves: files, keys, recipients, metadata. Then the
files are put side by side, each of them whole: S3 shows a file only when all of it has arrived. An
upload that is stopped is taken back; a large file whose upload fails is gone on with next time.
Files that the same people get are one share, which `send_shares` puts; `alone` the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.errors import UploadError
from deploy.sending.alone import send_alone
from deploy.sending.exchange import Exchange, find_exchange
from deploy.sending.prepare import SendOptions, prepare_uploads
from deploy.sending.sent import Sent, sent_file
from deploy.sending.shares import Prepared, prepare
from deploy.stacks.lookup import usable_generator
from deploy.uploading.files import select_files
from deploy.uploading.upload import Upload

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
    alone = [Upload(one.file, one.metadata) for one in prepared.alone]
    sharing: list[Sharing] = []
    if prepared.shares:
        from deploy.sending.send_shares import send_shares

        days = int(generator.parameters["ExchangableObjectsTTL"])
        sharing = send_shares(clients, bucket, prepared.shares, alone, console, memory, days)
    else:
        send_alone(clients, bucket, alone, console, memory)
    return _sent(selection.files, prepared, sharing, alone)


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

"""Puts one file into a bucket, with a bar, and knows whether it arrived, however that ended."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.lambda_packages import file_size, quoted

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.uploading.files import LocalFile


# What may end an upload before its end: Ctrl-C, AWS, the network, the disk.
ENDS = (KeyboardInterrupt, ClientError, BotoCoreError, OSError)


@dataclass
class UploadState:
    """What S3 has said of one upload so far: the version it became, parts that lie there."""

    version_id: str | None = None
    has_parts: bool = False


def put_file(
    clients: Clients,
    bucket: str,
    file: LocalFile,
    metadata: Mapping[str, str],
    state: UploadState,
    advance: Callable[[int], None],
) -> None:
    """Upload a file, large ones in parts. `state` tells the truth also when this raises."""
    arguments = {
        "Metadata": dict(metadata),
        "ContentType": _content_type(file.key),
        # A bucket of this name in another account must never get the file.
        "ExpectedBucketOwner": clients.account,
    }
    with file.path.open("rb") as content, _recording_answers(clients.s3, state):
        clients.s3.upload_fileobj(content, bucket, file.key, arguments, advance)


def put_with_bar(
    clients: Clients,
    bucket: str,
    file: LocalFile,
    metadata: Mapping[str, str],
    state: UploadState,
    console: Console,
    doing: str,
) -> None:
    """As put_file, shown as "Sending …", or whatever is being done."""
    label = f"{doing} {quoted(file.key)} ({file_size(file.size)})"
    with console.bar(label, file.size) as advance:
        put_file(clients, bucket, file, metadata, state, advance)


def why_ended(exc: BaseException, file: LocalFile, done: str) -> str:
    """Why an upload ended in one of ENDS, as the beginning of a sentence: it was not `done`."""
    if isinstance(exc, KeyboardInterrupt):
        return "Stopped"
    known = exc.strerror if isinstance(exc, OSError) else explain(exc)
    return f'"{file.path}" was not {done} ({str(known or exc).rstrip(".")})'


def _content_type(key: str) -> str:
    """What the recipient's browser is told; a packed file (.tar.gz) must not be unpacked by it."""
    kind, encoding = mimetypes.guess_type(key)
    return kind if kind and not encoding else "application/octet-stream"


@contextmanager
def _recording_answers(s3: S3Client, state: UploadState) -> Iterator[None]:
    """Note in `state` what S3 answers inside the block.

    `upload_fileobj` returns nothing, and asking afterwards could name a later upload's version.
    When it is stopped, an answer that is under way is still waited for: the file may arrive.
    """

    def note(http_response: Any, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        if http_response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            return
        match model.name:
            case "CreateMultipartUpload":
                state.has_parts = True
            case "AbortMultipartUpload":
                state.has_parts = False
            case "PutObject" | "CompleteMultipartUpload":
                state.has_parts = False
                state.version_id = parsed["VersionId"]

    s3.meta.events.register("after-call.s3", note)
    try:
        yield
    finally:
        s3.meta.events.unregister("after-call.s3", note)

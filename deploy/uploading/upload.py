"""Puts one file into a bucket, with a bar, and knows whether it arrived, however that ended."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_code, explain, explain_missing
from deploy.lambda_packages import file_size, quoted

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.uploading.files import LocalFile


# What may end an upload before its end: Ctrl-C, AWS, the network, the disk.
ENDS = (KeyboardInterrupt, ClientError, BotoCoreError, OSError)

# How S3 answers a conditional write that lost ("Conditional writes" in its user guide).
_NOT_NEW = {"PreconditionFailed", "ConditionalRequestConflict"}
_BEFORE_PUT = "provide-client-params.s3.PutObject"
_BEFORE_COMPLETE = "provide-client-params.s3.CompleteMultipartUpload"


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
    only_new: bool = False,
) -> None:
    """Upload a file, large ones in parts. `state` tells the truth also when this raises.

    With `only_new` S3 refuses it where the key has come to be meanwhile; see `is_not_new`.
    """
    arguments = {
        "Metadata": dict(metadata),
        "ContentType": _content_type(file.key),
        # A bucket of this name in another account must never get the file.
        "ExpectedBucketOwner": clients.account,
    }
    with (
        file.path.open("rb") as content,
        _recording_answers(clients.s3, state),
        _on_condition(clients.s3, {"IfNoneMatch": "*"} if only_new else {}),
    ):
        clients.s3.upload_fileobj(content, bucket, file.key, arguments, advance, clients.transfers)


def put_with_bar(
    clients: Clients,
    bucket: str,
    file: LocalFile,
    metadata: Mapping[str, str],
    state: UploadState,
    console: Console,
    doing: str,
    only_new: bool = False,
) -> None:
    """As put_file, shown as "Sending …", or whatever is being done."""
    label = f"{doing} {quoted(file.key)} ({file_size(file.size)})"
    with console.bar(label, file.size) as advance:
        put_file(clients, bucket, file, metadata, state, advance, only_new)


def is_not_new(exc: BaseException) -> bool:
    """Whether S3 has refused the file because somebody else put one there, or is doing it now."""
    return isinstance(exc, ClientError) and error_code(exc) in _NOT_NEW


def why_ended(exc: BaseException, file: LocalFile, done: str) -> str:
    """Why an upload ended in one of ENDS, as the beginning of a sentence: it was not `done`."""
    if isinstance(exc, KeyboardInterrupt):
        return "Stopped"
    known = exc.strerror if isinstance(exc, OSError) else explain(exc) or explain_missing(exc)
    return f'"{file.title}" was not {done} ({str(known or exc).rstrip(".")})'


def _content_type(key: str) -> str:
    """What the recipient's browser is told; a packed file (.tar.gz) must not be unpacked by it."""
    kind, encoding = mimetypes.guess_type(key)
    return kind if kind and not encoding else "application/octet-stream"


@contextmanager
def _on_condition(s3: S3Client, condition: Mapping[str, str]) -> Iterator[None]:
    """Have S3 put files inside the block on a condition, which `upload_fileobj` does not take."""

    def add(params: dict[str, Any], **_: Any) -> None:
        params.update(condition)

    s3.meta.events.register(_BEFORE_PUT, add)
    s3.meta.events.register(_BEFORE_COMPLETE, add)
    try:
        yield
    finally:
        s3.meta.events.unregister(_BEFORE_PUT, add)
        s3.meta.events.unregister(_BEFORE_COMPLETE, add)


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

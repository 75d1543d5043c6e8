"""Puts one file into a bucket, and knows whether it arrived, however that ended."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from deploy.aws.clients import Clients
    from deploy.uploading.files import LocalFile


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

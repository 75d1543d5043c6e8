"""Puts one file into a bucket, and knows what became of it, however that ended."""

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
    from deploy.sending.files import LocalFile


@dataclass
class Fate:
    """What S3 has said of one upload so far: the version it became, parts that lie there."""

    version_id: str | None = None
    has_parts: bool = False


def put(
    clients: Clients,
    bucket: str,
    file: LocalFile,
    metadata: Mapping[str, str],
    fate: Fate,
    advance: Callable[[int], None],
) -> None:
    """Upload a file, large ones in parts. `fate` tells the truth also when this raises."""
    arguments = {
        "Metadata": dict(metadata),
        "ContentType": _content_type(file.key),
        # A bucket of this name in another account must never get the file.
        "ExpectedBucketOwner": clients.account,
    }
    with file.path.open("rb") as content, _written_down(clients.s3, fate):
        clients.s3.upload_fileobj(content, bucket, file.key, arguments, advance)


def _content_type(key: str) -> str:
    """What the recipient's browser is told; a packed file (.tar.gz) must not be unpacked by it."""
    kind, encoding = mimetypes.guess_type(key)
    return kind if kind and not encoding else "application/octet-stream"


@contextmanager
def _written_down(s3: S3Client, fate: Fate) -> Iterator[None]:
    """Write what S3 answers inside the block into `fate`.

    `upload_fileobj` returns nothing, and asking afterwards could name a later upload's version.
    When it is stopped, an answer that is under way is still waited for: the file may arrive.
    """

    def note(http_response: Any, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        if http_response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            return
        match model.name:
            case "CreateMultipartUpload":
                fate.has_parts = True
            case "AbortMultipartUpload":
                fate.has_parts = False
            case "PutObject" | "CompleteMultipartUpload":
                fate.has_parts = False
                fate.version_id = parsed["VersionId"]

    s3.meta.events.register("after-call.s3", note)
    try:
        yield
    finally:
        s3.meta.events.unregister("after-call.s3", note)

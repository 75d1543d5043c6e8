"""What is put into a bucket, what becomes of it, and why it ended when it did not arrive."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_code, explain, explain_missing
from deploy.errors import UploadError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from deploy.uploading.files import LocalFile

# What may end an upload before its end: Ctrl-C, AWS, the network, the disk, a change of the file.
ENDS = (KeyboardInterrupt, ClientError, BotoCoreError, OSError, UploadError)

# How S3 answers a conditional write that lost ("Conditional writes" in its user guide).
_NOT_NEW = {"PreconditionFailed", "ConditionalRequestConflict"}


@dataclass
class UploadState:
    """What has become of one upload so far; without a version it has not arrived.

    `has_parts` says that parts of it lie in the bucket, `goes_on` that a later command would go on
    with them, and `was_there` how many bytes of it an earlier one had sent. With `may_be_there`
    S3 was asked to put them together, and nobody knows whether it has.
    """

    begun: datetime | None = None
    version_id: str | None = None
    has_parts: bool = False
    goes_on: bool = False
    may_be_there: bool = False
    was_there: int = 0
    fault: BaseException | None = None


@dataclass(frozen=True)
class Upload:
    """A file, what S3 is told of it, and its state.

    With `only_new` S3 refuses it where the key has come to be meanwhile; see `is_not_new`.
    """

    file: LocalFile
    metadata: Mapping[str, str]
    only_new: bool = False
    state: UploadState = field(default_factory=UploadState)

    @property
    def described(self) -> dict[str, Any]:
        return {"Metadata": dict(self.metadata), "ContentType": _content_type(self.file.key)}

    @property
    def condition(self) -> dict[str, Any]:
        return {"IfNoneMatch": "*"} if self.only_new else {}


@dataclass(frozen=True)
class Place:
    """A bucket, and the account that must own it: one of this name elsewhere never gets a file."""

    s3: S3Client
    bucket: str
    owner: str

    def of(self, key: str) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": key, "ExpectedBucketOwner": self.owner}


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

"""Copies a version of a file onto its own key, inside S3, with all that S3 knows of it.

The copy is told apart by a mark in its metadata, so that nobody is mailed about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.side_by_side import PARTS_AT_ONCE, pool
from deploy.lambda_packages import COPY_OF, METADATA_LIMIT, metadata_size

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

    from deploy.uploading.upload import Place

_MIB = 1024 * 1024
# S3: "Maximum number of parts per upload".
_MOST_PARTS = 10_000
# What a copy is told again, since S3 keeps it of no copy with metadata of its own.
_DESCRIBED = (
    *("ContentType", "ContentDisposition", "ContentEncoding", "ContentLanguage"),
    *("CacheControl", "Expires", "WebsiteRedirectLocation"),
)
# S3's own key is the bucket's, under which everything comes that names none.
_BUCKETS_ENCRYPTION = "AES256"
# The one that S3 always makes of a whole object, whatever its parts.
_CHECKSUM: Final = "CRC64NVME"
# What was restored from these lies beside them for a while; a copy in them would have to wait.
_ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}


class NotCopied(Exception):  # noqa: N818 - says what happened
    """Why a version cannot be copied as it is."""


@dataclass(frozen=True)
class Pieces:
    """From how many bytes on a copy comes in parts, and how large these are.

    S3 copies up to 5 GB at once; less takes so long that a call would not be waited for.
    """

    above: int = 1024 * _MIB
    size: int = 512 * _MIB

    def ranges(self, size: int) -> Iterator[tuple[int, int]]:
        """The first and the last byte of each part."""
        step = max(self.size, -(-size // _MOST_PARTS))
        for start in range(0, size, step):
            yield start, min(start + step, size) - 1


@dataclass(frozen=True)
class Original:
    """The version that is copied.

    `newest` is asked right before S3 makes the copy: it gives the ETag that the key must have then,
    or raises, where the copy would hide something.
    """

    key: str
    version: str
    newest: Callable[[], str]


def copy_onto_itself(place: Place, original: Original, mark: str, pieces: Pieces) -> str:
    """Make the copy, and give its version. Raises NotCopied, or what S3 answers.

    Of one that ends before its time, by Ctrl-C too, nothing stays.
    """
    head = place.s3.head_object(**place.of(original.key), VersionId=original.version)
    described = _described(place, original, head, mark)
    source = {"Bucket": place.bucket, "Key": original.key, "VersionId": original.version}
    owned = {"CopySource": source, "ExpectedSourceBucketOwner": place.owner}
    copying = _Copying(place, original, owned)
    if head["ContentLength"] > pieces.above:
        return copying.in_parts(described, list(pieces.ranges(head["ContentLength"])))
    return copying.at_once(described)


def _described(
    place: Place, original: Original, head: Mapping[str, Any], mark: str
) -> dict[str, Any]:
    """All that S3 knows of the version beside its bytes."""
    if head.get("MissingMeta"):
        raise NotCopied("S3 does not show all of its file's metadata")
    metadata = {**head["Metadata"], COPY_OF: mark}
    if metadata_size(metadata) > METADATA_LIMIT:
        raise NotCopied("its file's metadata leaves no room to say that it is a copy")
    described = {name: head[name] for name in _DESCRIBED if head.get(name)}
    if (storage := head.get("StorageClass", "")) and storage not in _ARCHIVES:
        described["StorageClass"] = storage
    if head.get("ServerSideEncryption", _BUCKETS_ENCRYPTION) != _BUCKETS_ENCRYPTION:
        named = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
        described |= {name: head[name] for name in named if name in head}
    tags = place.s3.get_object_tagging(**place.of(original.key), VersionId=original.version)
    if tags["TagSet"]:
        described["Tagging"] = urlencode(
            {tag["Key"]: tag["Value"] for tag in tags["TagSet"]}, quote_via=quote
        )
    return {**described, "Metadata": metadata}


@dataclass(frozen=True)
class _Copying:
    place: Place
    original: Original
    source: Mapping[str, Any]

    @property
    def _whole(self) -> dict[str, Any]:
        return self.place.of(self.original.key)

    def at_once(self, described: Mapping[str, Any]) -> str:
        answer = self.place.s3.copy_object(
            **self._whole,
            **self.source,
            **described,
            MetadataDirective="REPLACE",
            TaggingDirective="REPLACE" if "Tagging" in described else "COPY",
            IfMatch=self.original.newest(),
        )
        return answer["VersionId"]

    def in_parts(self, described: Mapping[str, Any], ranges: list[tuple[int, int]]) -> str:
        upload = self.place.s3.create_multipart_upload(
            **self._whole, **described, ChecksumAlgorithm=_CHECKSUM
        )["UploadId"]
        try:
            parts = self._parts(upload, ranges)
            answer = self.place.s3.complete_multipart_upload(
                **self._whole,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                IfMatch=self.original.newest(),
            )
        except BaseException:
            # What cannot be removed now, S3 removes in time.
            with suppress(ClientError, BotoCoreError):
                self.place.s3.abort_multipart_upload(**self._whole, UploadId=upload)
            raise
        return answer["VersionId"]

    def _parts(self, upload: str, ranges: list[tuple[int, int]]) -> list[CompletedPartTypeDef]:
        """Copy them side by side; when one fails, or Ctrl-C is pressed, no other one is begun."""

        def copy(number: int, first: int, last: int) -> CompletedPartTypeDef:
            answer = self.place.s3.upload_part_copy(
                **self._whole,
                **self.source,
                UploadId=upload,
                PartNumber=number,
                CopySourceRange=f"bytes={first}-{last}",
            )
            result = answer["CopyPartResult"]
            part: CompletedPartTypeDef = {"PartNumber": number, "ETag": result["ETag"]}
            if f"Checksum{_CHECKSUM}" in result:
                part["ChecksumCRC64NVME"] = result["ChecksumCRC64NVME"]
            return part

        with pool(PARTS_AT_ONCE) as running:
            parts = [running.submit(copy, n, *ends) for n, ends in enumerate(ranges, start=1)]
            try:
                wait(parts, return_when=FIRST_EXCEPTION)
                # In their order, the first fault ends it.
                return [part.result() for part in parts if part.done()]
            finally:
                for part in parts:
                    part.cancel()

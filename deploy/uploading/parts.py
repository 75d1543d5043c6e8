"""Puts a large file in parts, side by side, and goes on with an upload that broke off.

Of what S3 has already, a part counts only if it has the bytes that the file has there now; and
nothing is put together of a file that has changed since it was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_code, is_transient
from deploy.errors import UploadError
from deploy.uploading.body import (
    body_of,
    crc32_of,
    etag_of,
    etag_of_parts,
    require_unchanged,
    telling_of_changes,
)

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef

    from deploy.uploading.begun import Begun
    from deploy.uploading.calls import Calls
    from deploy.uploading.upload import Place, Upload

# As the aws client has it.
THRESHOLD_BYTES = 8 * 1024 * 1024
_PART_BYTES = 8 * 1024 * 1024
# As much as one may have to send again when the sending breaks off.
_LARGE_PART_BYTES = 32 * 1024 * 1024
_USUAL_PARTS = 64
# S3: "Maximum number of parts per upload".
_MOST_PARTS = 10_000
# What botocore adds to every upload anyway; here so that S3 tells of each part what it is.
_CHECKSUM: Final = "CRC32"


@dataclass(frozen=True)
class Part:
    """Which bytes of a file are its part of this number."""

    number: int
    start: int
    size: int


def part_size(size: int) -> int:
    """How large the parts of a file are: of a large one larger, so that fewer calls are waited for,
    and of a very large one so large that S3 takes them all."""
    size_for_all = -(-size // _MOST_PARTS)
    usual = min(-(-size // _USUAL_PARTS), _LARGE_PART_BYTES)
    return -(-max(size_for_all, usual, _PART_BYTES) // _PART_BYTES) * _PART_BYTES


def parts_of(size: int) -> Iterator[Part]:
    step = part_size(size)
    for number, start in enumerate(range(0, size, step), start=1):
        yield Part(number, start, min(step, size - start))


def put_in_parts(
    place: Place, upload: Upload, begun: Begun, calls: Calls, advance: Callable[[int], None]
) -> str:
    """Put the file and return its version. What is left of it when this raises is in its state."""
    one = _PartsUpload(place, upload, begun, calls, advance)
    upload.state.has_parts = begun.upload_id is not None
    upload.state.goes_on = begun.is_kept
    try:
        there = one.what_is_there() if begun.upload_id else {}
        if not begun.upload_id:
            one.create()
        with telling_of_changes(upload.file):
            parts = one.send_others(there)
        require_unchanged(upload.file)
        version = one.complete_or_find(parts)
    except BaseException as exc:
        # What somebody has stopped, or what the file is not any more, nobody goes on with.
        is_over = calls.stopped.is_set() or isinstance(exc, UploadError)
        if is_over or not begun.is_kept:
            one.take_back()
        if upload.state.may_be_there:
            begun.forget()
        raise
    upload.state.has_parts = False
    begun.forget()
    return version


@dataclass(frozen=True)
class _PartsUpload:
    place: Place
    upload: Upload
    begun: Begun
    calls: Calls
    advance: Callable[[int], None]

    @property
    def _named(self) -> dict[str, Any]:
        return {**self.place.of(self.upload.file.key), "UploadId": self.begun.upload_id}

    def create(self) -> None:
        create = partial(
            self.place.s3.create_multipart_upload,
            **self.place.of(self.upload.file.key),
            **self.upload.described,
            ChecksumAlgorithm=_CHECKSUM,
        )
        self.begun.remember(self.calls.begin(create).result()["UploadId"])
        self.upload.state.has_parts = True
        self.upload.state.goes_on = self.begun.is_kept

    def what_is_there(self) -> dict[int, CompletedPartTypeDef]:
        """The parts that need not be sent again; without the upload, S3 has none and it is new."""
        try:
            listed = self.calls.begin(self._listed).result()
        except ClientError as exc:
            if is_transient(exc):
                raise
            if error_code(exc) != "NoSuchUpload":  # it may not be looked at
                self.take_back()
            self.begun.forget()
            self.upload.state.has_parts = False
            return {}
        known = [part for part in parts_of(self.upload.file.size) if part.number in listed]
        same = [
            self.calls.begin_part(partial(self._is_same, part, listed[part.number]))
            for part in known
        ]
        kept = [part for part, is_same in zip(known, same, strict=True) if is_same.result()]
        for part in kept:
            self.advance(part.size)
            self.upload.state.was_there += part.size
        return {part.number: _completed(part, listed[part.number]) for part in kept}

    def _listed(self) -> dict[int, PartTypeDef]:
        pages = self.place.s3.get_paginator("list_parts").paginate(**self._named)
        return {part["PartNumber"]: part for page in pages for part in page.get("Parts", [])}

    def _is_same(self, part: Part, there: PartTypeDef) -> bool:
        """Whether S3 has the bytes of the file, by the checksum or else by the ETag."""
        if there["Size"] != part.size:
            return False
        path = self.upload.file.path
        if f"Checksum{_CHECKSUM}" in there:
            return crc32_of(path, part.start, part.size) == there["ChecksumCRC32"]
        return etag_of(path, part.start, part.size) == there["ETag"]

    def send_others(self, there: Mapping[int, CompletedPartTypeDef]) -> list[CompletedPartTypeDef]:
        """Send the parts that are not there, and return all in order.

        When one fails, those under way come to their end first, and no other one is begun.
        """
        sending = {
            part.number: self.calls.begin_part(partial(self._send, part))
            for part in parts_of(self.upload.file.size)
            if part.number not in there
        }
        done, not_done = wait(sending.values(), return_when=FIRST_EXCEPTION)
        faults = [fault for one in done if (fault := one.exception())]
        if faults:
            wait([one for one in not_done if not one.cancel()])
            raise faults[0]
        sent = {number: one.result() for number, one in sending.items()}
        return [part for _, part in sorted({**there, **sent}.items())]

    def _send(self, part: Part) -> CompletedPartTypeDef:
        path = self.upload.file.path
        with body_of(path, part.start, part.size, self.advance, self.calls.go_on) as body:
            answer = self.place.s3.upload_part(
                **self._named, PartNumber=part.number, Body=body, ChecksumAlgorithm=_CHECKSUM
            )
        return _completed(part, answer)

    def complete_or_find(self, parts: list[CompletedPartTypeDef]) -> str:
        """Have S3 put the parts together. It may have done so although its answer was lost: then a
        second try finds no upload any more, and the file is looked for."""
        try:
            return self.complete(parts)
        except (ClientError, BotoCoreError) as exc:
            if isinstance(exc, ClientError) and error_code(exc) != "NoSuchUpload":
                raise
            self.upload.state.may_be_there = True
            if (version := self._found(parts)) is None:
                raise
            return version

    def _found(self, parts: list[CompletedPartTypeDef]) -> str | None:
        """The version that these parts have become, if it can be told."""
        look = partial(self.place.s3.head_object, **self.place.of(self.upload.file.key))
        try:
            there = self.calls.begin(look).result()
        except (ClientError, BotoCoreError):
            return None
        is_ours = there["ETag"] == etag_of_parts(part["ETag"] for part in parts)
        return there.get("VersionId", "") if is_ours else None

    def complete(self, parts: list[CompletedPartTypeDef]) -> str:
        complete = partial(
            self.place.s3.complete_multipart_upload,
            **self._named,
            **self.upload.condition,
            MultipartUpload={"Parts": parts},
        )
        return self.calls.begin(complete).result().get("VersionId", "")

    def take_back(self) -> None:
        """Remove what is there of it; without a network, or the right, it stays."""
        if not self.begun.upload_id:
            return
        try:
            self.place.s3.abort_multipart_upload(**self._named)
        except ClientError as exc:
            if error_code(exc) != "NoSuchUpload":
                return
        except (BotoCoreError, OSError):
            return
        self.upload.state.has_parts = False
        self.begun.forget()


def _completed(part: Part, answer: Mapping[str, Any]) -> CompletedPartTypeDef:
    completed: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": answer["ETag"]}
    if f"Checksum{_CHECKSUM}" in answer:
        completed["ChecksumCRC32"] = answer["ChecksumCRC32"]
    return completed

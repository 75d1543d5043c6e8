"""A file, or a part of one, as the body of a call: read from the disk while it is sent."""

from __future__ import annotations

import base64
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from deploy.errors import UploadError

if TYPE_CHECKING:
    from deploy.uploading.files import LocalFile
    from deploy.uploading.in_memory import InMemory
    from deploy.uploading.packing import PackedFolder

    # What bytes are read from.
    Source = Path | PackedFolder | InMemory

_READ_AT_ONCE = 1024 * 1024
# So much is read from the disk, and told to the bar: HTTP takes 16 KiB at a time.
_TOLD_AT_ONCE = 256 * 1024


class FileBody:
    """What botocore needs of a file: to read a part of it, again and again for other tries.

    `advance` moves the bar by what was read for the first time, so that no try counts twice.
    `go_on` is asked before anything is read, `at_end` before the last of it is handed over.
    """

    def __init__(
        self,
        file: IO[bytes],
        start: int,
        size: int,
        advance: Callable[[int], None],
        go_on: Callable[[], None],
        at_end: Callable[[], None],
    ) -> None:
        self._file, self._start, self._size = file, start, size
        self._advance, self._go_on, self._at_end = advance, go_on, at_end
        self._position = self._told = 0
        file.seek(start)

    def __len__(self) -> int:
        return self._size

    def read(self, amount: int | None = None) -> bytes:
        left = self._left()
        content = self._file.read(left if amount is None or amount < 0 else min(amount, left))
        self._move(len(content), wanted=min(left, 1 if amount is None else amount))
        return content

    def readinto(self, buffer: memoryview) -> int:
        """As awscrt reads what it signs: in small pieces, none of which need be copied."""
        left = self._left()
        size = self._file.readinto(buffer[:left])  # type: ignore[attr-defined]
        self._move(size, wanted=min(left, len(buffer)))
        return int(size)

    def _left(self) -> int:
        left = self._size - self._position
        if left > 0:
            self._go_on()
        return left

    def _move(self, size: int, wanted: int) -> None:
        if not size and wanted:
            raise OSError("the file has become shorter")
        self._position += size
        if self._position == self._size:
            self._at_end()
        untold = self._position - self._told
        if untold >= _TOLD_AT_ONCE or (untold > 0 and self._position == self._size):
            self._advance(untold)
            self._told = self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = min(max(0, origin + offset), self._size)
        self._file.seek(self._start + self._position)
        return self._position

    def tell(self) -> int:
        return self._position


@contextmanager
def body_of(
    path: Source,
    start: int,
    size: int,
    advance: Callable[[int], None],
    go_on: Callable[[], None],
    at_end: Callable[[], None] = lambda: None,
) -> Iterator[Any]:
    """The part of the file, as long as the block lasts."""
    with path.open("rb", buffering=_TOLD_AT_ONCE) as file:
        yield FileBody(file, start, size, advance, go_on, at_end)


def require_unchanged(file: LocalFile) -> None:
    """Raise UploadError when the file is not the one any more that was chosen."""
    try:
        now = file.path.stat()
    except OSError as exc:
        raise UploadError(f"it cannot be read any more: {exc.strerror}") from exc
    if (now.st_size, now.st_mtime_ns) != (file.size, file.modified):
        raise UploadError(
            "it was changed meanwhile; take it again, or a copy of it if it goes on changing"
        )


@contextmanager
def telling_of_changes(file: LocalFile) -> Iterator[None]:
    """What botocore takes for a matter of the network is told as what it is."""
    try:
        yield
    except BotoCoreError:
        require_unchanged(file)
        raise


def crc32_of(path: Source, start: int, size: int) -> str:
    """The CRC-32 of a part of a file, as S3 writes it."""
    sum_ = 0
    for content in _contents(path, start, size):
        sum_ = zlib.crc32(content, sum_)
    return base64.b64encode(sum_.to_bytes(4, "big")).decode()


def etag_of(path: Source, start: int, size: int) -> str:
    """The MD5 of a part of a file, which is its ETag where S3 encrypts with keys of its own."""
    sum_ = md5(usedforsecurity=False)
    for content in _contents(path, start, size):
        sum_.update(content)
    return f'"{sum_.hexdigest()}"'


def etag_of_parts(etags: Iterable[str]) -> str:
    """The ETag of a file that was put together of parts with these, where they are MD5 sums."""
    sums = [etag.strip('"') for etag in etags]
    try:
        joined = b"".join(map(bytes.fromhex, sums))
    except ValueError:
        return ""
    return f'"{md5(joined, usedforsecurity=False).hexdigest()}-{len(sums)}"'


def _contents(path: Source, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while size > 0 and (content := file.read(min(size, _READ_AT_ONCE))):
            size -= len(content)
            yield content

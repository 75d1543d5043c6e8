"""Packs a folder into one file that lies nowhere: its bytes are put together while they are read.

Nothing in it is compressed, so that the place of every byte is known beforehand: its parts can be
sent side by side, for another try, or by a later command. Python's zipfile writes all but the
content of the files, which it only adds up.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from deploy.errors import UploadError

_READ_AT_ONCE = 1024 * 1024
_RIGHTS = stat.S_IFREG | 0o644
_ZIP_BEGINS = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Member:
    """A file of the folder, and its name in the pack."""

    path: Path
    name: str


@dataclass(frozen=True)
class PackStatus:
    """As of a file on the disk: any change of any member is another time."""

    st_size: int
    st_mtime_ns: int


class PackedFolder:
    """A folder as one file, which can be opened as a Path can."""

    def __init__(self, folder: Path, members: Sequence[Member]) -> None:
        """Reads all members once. Raises UploadError where one cannot be read, or changes."""
        self._folder, self._members = folder, members
        try:
            before = _times_of(members)
        except OSError as exc:
            raise UploadError(f'"{folder}" cannot be read: {exc.strerror}.') from exc
        layout = _Layout()
        with zipfile.ZipFile(cast(IO[bytes], layout), "w", zipfile.ZIP_STORED) as archive:
            for member in members:
                layout.add(archive, member)
        self._pieces = layout.pieces
        self._starts = [piece.start for piece in self._pieces]
        self._size = layout.tell()
        if _times_of(members) != before:
            raise UploadError(
                f'"{folder}" was changed meanwhile; take it again, or a copy of it if it goes on '
                "changing."
            )

    def __str__(self) -> str:
        return str(self._folder)

    def stat(self) -> PackStatus:
        """Its size, and a time that stands for those of all members. Raises OSError."""
        return PackStatus(self._size, _times_of(self._members))

    def open(self, mode: str = "rb", buffering: int = _READ_AT_ONCE) -> IO[bytes]:
        """For reading bytes from any place."""
        return io.BufferedReader(_Reader(self._pieces, self._starts, self._size), buffering)


@dataclass
class _Piece:
    """Bytes of the pack: as they are, or so many of a file."""

    start: int
    size: int
    content: bytes | Path


class _Layout:
    """What zipfile writes to: keeps its own bytes, and of the files only where they are."""

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []
        self._headers: dict[int, _Piece] = {}
        self._position = 0
        self._source: Path | None = None

    def add(self, archive: zipfile.ZipFile, member: Member) -> None:
        try:
            info = _entry(member)
            with member.path.open("rb") as file, archive.open(info, "w") as packed:
                self._source = member.path
                try:
                    while content := file.read(_READ_AT_ONCE):
                        packed.write(content)
                finally:
                    self._source = None
        except OSError as exc:
            raise UploadError(f'"{member.path}" cannot be read: {exc.strerror}.') from exc
        except RuntimeError as exc:  # zipfile's, of a file that has outgrown its entry
            raise UploadError(f'"{member.path}" was changed meanwhile; take it again.') from exc

    def write(self, content: bytes) -> int:
        size = len(content)
        last = self.pieces[-1] if self.pieces else None
        if self._position < self._end:  # once more, with the sum of what has followed
            self._headers[self._position].content = bytes(content)
        elif self._source and last and last.content is self._source:
            last.size += size
        else:
            piece = _Piece(self._position, size, self._source or bytes(content))
            self._headers[self._position] = piece
            self.pieces.append(piece)
        self._position += size
        return size

    @property
    def _end(self) -> int:
        return self.pieces[-1].start + self.pieces[-1].size if self.pieces else 0

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        self._position = position
        return position

    def seekable(self) -> bool:
        return True

    def flush(self) -> None:
        pass


class _Reader(io.RawIOBase):
    """Reads the pack from its pieces; one file of the folder is open at a time."""

    def __init__(self, pieces: Sequence[_Piece], starts: Sequence[int], size: int) -> None:
        self._pieces, self._starts, self._size = pieces, starts, size
        self._position = 0
        self._file: IO[bytes] | None = None
        self._path: Path | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._position >= self._size:
            return 0
        piece = self._pieces[bisect_right(self._starts, self._position) - 1]
        begin = self._position - piece.start
        size = min(len(buffer), piece.size - begin)
        if isinstance(piece.content, bytes):
            buffer[:size] = piece.content[begin : begin + size]
        else:
            file = self._opened(piece.content)
            file.seek(begin)
            size = file.readinto(buffer[:size])  # type: ignore[attr-defined]
            if not size:
                raise OSError("the file has become shorter")
        self._position += size
        return size

    def _opened(self, path: Path) -> IO[bytes]:
        if self._file is None or self._path != path:
            self._close_file()
            self._file, self._path = path.open("rb", buffering=0), path
        return self._file

    def _close_file(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def close(self) -> None:
        self._close_file()
        super().close()


def _entry(member: Member) -> zipfile.ZipInfo:
    """The same in every time zone, and whatever the rights of the file are here."""
    now = member.path.stat()
    modified = max(datetime.fromtimestamp(now.st_mtime, UTC), _ZIP_BEGINS)
    info = zipfile.ZipInfo(member.name, modified.timetuple()[:6])
    info.external_attr = _RIGHTS << 16
    info.file_size = now.st_size
    return info


def _times_of(members: Iterable[Member]) -> int:
    """A number that is another one as soon as one of the files is."""
    sum_ = hashlib.sha256()
    for member in members:
        now = member.path.stat()
        sum_.update(f"{member.name}\0{now.st_size}\0{now.st_mtime_ns}\0".encode())
    return int.from_bytes(sum_.digest()[:8], "big")

"""A file that is nowhere on the disk: what is made only to be put."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True)
class Status:
    """What is asked of a file's status."""

    st_size: int
    st_mtime_ns: int = 0


@dataclass(frozen=True)
class InMemory:
    """Bytes as a file, which can be opened as a Path can."""

    content: bytes

    def stat(self) -> Status:
        return Status(len(self.content))

    def open(self, mode: str = "rb", buffering: int = -1) -> IO[bytes]:
        """For reading."""
        return io.BytesIO(self.content)

"""Remembers uploads in parts that were begun on this machine, so that one that broke off goes on;
and shares, whose files are such uploads or small ones.

S3 tells nobody with which recipients and which note an upload was begun, so it is known here: by
a hash of all that it is, which is the name of a small file with S3's id of the upload, or with the
id that marks the files of a share, and what has arrived of the files beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SECONDS_PER_DAY = 86_400
# Longer than ordinary buckets keep parts; what was forgotten is only sent from its start.
_REMEMBERED_SECONDS = 90 * _SECONDS_PER_DAY


@dataclass
class Begun:
    """One upload as it is remembered, `since` when (epoch seconds); while it `is_kept` nobody else
    goes on with it."""

    upload_id: str | None = None
    _file: int | None = None
    since: float = 0.0

    @property
    def is_kept(self) -> bool:
        """Whether a later send would find it."""
        return self._file is not None

    def remember(self, upload_id: str) -> None:
        self.upload_id = upload_id
        if self._file is not None:
            try:
                os.ftruncate(self._file, 0)
                os.pwrite(self._file, upload_id.encode(), 0)
            except OSError:  # a full disk keeps no file from being sent
                self._file = None

    def forget(self) -> None:
        self.upload_id = None


class BegunUploads:
    """The uploads begun in a folder's memory; without a folder nothing is remembered."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @classmethod
    def of_this_user(cls) -> BegunUploads:
        """Where programs of this machine keep what they can do without."""
        cache = os.environ.get("XDG_CACHE_HOME")
        with suppress(RuntimeError):  # somebody without a home
            return cls((Path(cache) if cache else Path.home() / ".cache") / "s3link" / "uploads")
        return cls()

    @contextmanager
    def of(self, identity: Mapping[str, Any]) -> Iterator[Begun]:
        """What is known of exactly this upload; it is forgotten unless it has an id at the end."""
        named = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        path = self._folder / named if self._folder else None
        file = _locked(path) if path else None
        if path is None or file is None:
            yield Begun()
            return
        status = os.fstat(file)
        known = os.pread(file, status.st_size, 0).decode("ascii", "replace")
        begun = Begun(known or None, file, status.st_mtime)
        try:
            yield begun
        finally:
            if begun.upload_id is None:
                path.unlink(missing_ok=True)
            os.close(file)


def _locked(path: Path) -> int | None:
    """The file, open and ours until it is closed or this process ends; None if it cannot be had."""
    try:
        import fcntl
    except ImportError:  # Windows: uploads begin from their start
        return None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_old(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another send is at it now
        os.close(file)
        return None
    return file


def _remove_old(folder: Path) -> None:
    for path in folder.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _REMEMBERED_SECONDS:
                path.unlink()

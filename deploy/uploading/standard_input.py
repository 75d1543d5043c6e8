"""Keeps what comes by standard input in a file until it is uploaded: S3 wants to know its size."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from deploy.errors import UploadError
from deploy.uploading.files import STANDARD_INPUT, LocalFile, local_file


@contextmanager
def read_whole(stream: IO[bytes], key: str) -> Iterator[LocalFile]:
    """The stream as a file with this key, which is gone afterwards; only its owner can read it.

    Raises UploadError when there is no room for it.
    """
    with TemporaryDirectory(prefix="s3link-") as folder:
        path = Path(folder) / "standard-input"
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file)
        except OSError as exc:
            raise UploadError(
                f"Standard input could not be kept in {folder}: {exc.strerror}; set TMPDIR to a "
                "folder with more room."
            ) from exc
        yield replace(local_file(path, key), typed=str(STANDARD_INPUT))

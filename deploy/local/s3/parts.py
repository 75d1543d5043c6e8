"""Refuses parts of an upload that is not there, as S3 does; moto fails instead.

Whoever has the URL of a part may come after the upload was completed or given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.s3.exceptions import NoSuchUpload
from moto.s3.models import S3Backend

from deploy.local.replacement import replaced


@contextmanager
def late_parts_refused() -> Iterator[None]:
    original = S3Backend.upload_part

    def upload_part(backend: Any, bucket: str, upload: str, part: int, value: bytes) -> Any:
        if upload not in backend.get_bucket(bucket).multiparts:
            raise NoSuchUpload(upload_id=upload)
        return original(backend, bucket, upload, part, value)

    with replaced(S3Backend, "upload_part", upload_part):
        yield

"""The file that a link leads to, as S3 has it now."""

from __future__ import annotations

from files.store import FileStore, StoredFile, look_up_as_it_was
from files.uploads import Upload

from portal_links.links import Link


def upload_of(link: Link) -> Upload:
    return Upload(link.bucket, link.key, link.version)


def file_of(link: Link, store: FileStore) -> StoredFile | None:
    """The file; None when it is gone. Raises FileNotReadable."""
    return look_up_as_it_was(upload_of(link), link.modified_at, store)

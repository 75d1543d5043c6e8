"""The file that a link leads to, as S3 has it now."""

from __future__ import annotations

from files.store import FileStore, StoredFile, look_up
from files.uploads import Upload

from portal_links.links import Link


def upload_of(link: Link) -> Upload:
    return Upload(link.bucket, link.key, link.version)


def file_of(link: Link, store: FileStore) -> StoredFile | None:
    """The file; None when it is gone. Raises FileNotReadable.

    Where the bucket has no versions, a later file under the same key is another one.
    """
    file = look_up(upload_of(link), store)
    if file is None or link.modified_at is None:
        return file
    return file if file.last_modified.replace(microsecond=0) == link.modified_at else None

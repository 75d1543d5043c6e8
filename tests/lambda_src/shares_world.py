"""A portal without AWS that has shares: their files and manifests are in its bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any

from files.manifest import Manifest, SharedFile, manifest_key
from files.metadata import SHARE
from portal_links.file_counts import FileCounts
from portal_links.store import NewLink
from portal_links.tokens import Token, new_token

from tests.lambda_src.fakes import BUCKET, NOW, Bucket
from tests.lambda_src.portal_world import _RANDOM, LINK_ID, PortalWorld

SHARE_ID = "a-share-1"
VERSION = "v1"


class ShareBucket(Bucket):
    """A bucket that gives what was put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: dict[str, bytes] = {}

    def fill(self, key: str, content: bytes, metadata: dict[str, str] | None = None) -> None:
        self.put(key, size=len(content), metadata=metadata)
        self.contents[key] = content

    def get_object(self, **parameters: Any) -> Any:
        if "Range" in parameters:
            return super().get_object(**parameters)
        self.head_object(**parameters)
        return {"Body": BytesIO(self.contents[parameters["Key"]])}


def share_world() -> PortalWorld:
    return PortalWorld(bucket=ShareBucket())


def share(
    portal: PortalWorld,
    files: Mapping[str, bytes] | Sequence[str],
    *,
    names: Mapping[str, str] | None = None,
    said: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Token:
    """Share files with bob@example.com: by key, with what is in them.

    `names` are those that the manifest gives, by key, and `said` is what else it says.
    """
    bucket = portal.bucket
    assert isinstance(bucket, ShareBucket)
    contents = files if isinstance(files, Mapping) else {key: f"in {key}".encode() for key in files}
    link_id = changes.pop("link_id", LINK_ID)
    share_id = changes.pop("share_id", SHARE_ID)
    for key, content in contents.items():
        bucket.fill(key, content, {SHARE: share_id})
    manifest = Manifest(
        tuple(
            SharedFile(key, VERSION, len(content), (names or {}).get(key, ""))
            for key, content in contents.items()
        ),
        **(said or {}),
    )
    key = manifest_key(share_id)
    bucket.fill(key, manifest.text)
    token = new_token(link_id, _RANDOM.randbytes)
    values: dict[str, Any] = {
        "recipient": "bob@example.com",
        "expires_at": NOW + timedelta(days=1),
        "file_ends_at": NOW + timedelta(days=1),
        "removed_at": NOW + timedelta(days=90),
        "modified_at": NOW.replace(microsecond=0) - timedelta(seconds=1),
        "max_downloads": manifest.max_downloads,
        **changes,
    }
    new = NewLink(
        token=token,
        bucket=BUCKET,
        key=key,
        version=VERSION,
        own_name=manifest.title,
        file_count=len(manifest.files),
        **values,
    )
    portal.links.make([new], portal.clock.now, lambda tries: False)
    return token


def counts_of(portal: PortalWorld, link_id: str = LINK_ID) -> FileCounts:
    """What the link's row has counted."""
    return FileCounts.of_row(portal.links.table.read(link_id))

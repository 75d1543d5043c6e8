"""A bucket with versions, as moto has it, into which shares are put; and LinkGenerator, which hears
of what arrives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import boto3
from files.manifest import manifest_key
from files.metadata import SHARE
from link_generator.announcement import Announced

from tests.lambda_src.fakes import BUCKET, PORTAL, Clock, World, arrival_of

REGION: Any = "eu-west-1"
ID = "ab12cd34"
KEY = manifest_key(ID)


class Shares:
    """With a portal, unless it is taken away."""

    def __init__(self) -> None:
        self.store: Any = boto3.client("s3", region_name=REGION)
        self.store.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.store.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        # moto says of its objects that they came now.
        self.world = World(bucket=self.store, clock=Clock(datetime.now(UTC)), readers=4)
        self.parameters = dict(PORTAL)

    def put(
        self, key: str, content: bytes = b"bytes", share: str | None = ID, **more: Any
    ) -> dict[str, Any]:
        """A file, with the mark of a share: as a manifest names it."""
        metadata = {**({SHARE: share} if share else {}), **more.pop("Metadata", {})}
        answer = self.store.put_object(
            Bucket=BUCKET, Key=key, Body=content, Metadata=metadata, **more
        )
        return {"key": key, "version": answer["VersionId"], "size": len(content)}

    def put_manifest(self, document: Any, key: str = KEY, **more: Any) -> str:
        """The version of what was put; `document` is JSON, or bytes as they are."""
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        answer = self.store.put_object(Bucket=BUCKET, Key=key, Body=content, **more)
        return str(answer["VersionId"])

    def hears_of(
        self, key: str = KEY, version: str | None = None, event: str = "ObjectCreated:Put"
    ) -> str:
        """How it ends with an upload, of the newest version if no other is named."""
        version = version or self.store.head_object(Bucket=BUCKET, Key=key)["VersionId"]
        body = arrival_of(key, version=version)
        body["Records"][0]["eventName"] = event
        body["Records"][0]["s3"]["object"]["key"] = quote_plus(key)
        self.world.clock.now = max(self.world.clock.now, datetime.now(UTC))
        [announced] = self.announce(body)
        return announced.outcome

    def announce(self, body: Any) -> list[Announced]:
        return self.world.announce(body, **self.parameters)

    @property
    def is_untouched(self) -> bool:
        """Whether nobody was mailed, nothing claimed and no link made."""
        world = self.world
        return not (world.post_office.calls or world.table.items or world.links_table.items)


def manifest(*files: Any, **members: Any) -> dict[str, Any]:
    """One that names these; a member's name may have underscores."""
    named = {name.replace("_", "-"): value for name, value in members.items()}
    return {
        "s3link": "share",
        "version": 1,
        "recipients": ["bob@example.com"],
        **named,
        "files": list(files),
    }

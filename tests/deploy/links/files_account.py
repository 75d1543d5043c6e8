"""An account whose files are there, too: S3 keeps them as it does, and their links lead to them."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from moto.s3.models import s3_backends
from portal_links.store import NewLink
from portal_links.tokens import new_token

from deploy.lambda_packages import Link
from deploy.links import changing
from deploy.links.changing import Extension, LinkChange
from deploy.links.copying import Pieces
from deploy.links.portal import PortalLinks
from deploy.links.prolonging import Prolonging
from tests.deploy.links.account import DAY, DEPLOYMENT, NOW, TABLE, LinksAccount

BUCKET, LEDGER, KEY = "files", "ledger", "report.pdf"
STAYS = 4 * DAY


class FilesAccount(LinksAccount):
    """Files stay for four days, and may be prolonged up to 30 days after their arrival."""

    def __init__(self) -> None:
        """Call it with AWS mocked."""
        super().__init__()
        self.s3: Any = self.aws.s3
        self.max_extension = "30"
        self.code, self.portals_code = "code-1.zip", "code-1.zip"
        self.told: list[str] = []
        place: Any = {"LocationConstraint": self.region}
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.dynamodb.create_table(
            TableName=LEDGER,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "DeliveryId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "DeliveryId", "AttributeType": "S"}],
        )

    @property
    def portal(self) -> PortalLinks:
        clients: Any = self
        limit = int(self.max_extension)
        return PortalLinks(clients, DEPLOYMENT, TABLE, "LinkMailer", 0, limit, self.portals_code)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - as in the API
        outputs = {"DeliveriesLedgerName": LEDGER}
        parameters = {
            "ExchangableObjectsTTL": str(STAYS.days),
            "LogsTTL": "90",
            "CodeKey": self.code,
        }
        return {"Stacks": [self._stack(StackName, outputs, parameters)]}

    def put(self, content: bytes = b"content", age: timedelta = 3 * DAY, **more: Any) -> str:
        """A file that came so long ago; gives its version."""
        version = self.s3.put_object(Bucket=BUCKET, Key=KEY, Body=content, **more)["VersionId"]
        self._stored(version).last_modified = (NOW - age).replace(tzinfo=None)
        return str(version)

    def link(self, version: str, made: datetime | None = None, file_count: int = 0) -> Link:
        """A link of a file's version that ends with it, and its row in the ledger."""
        modified = self.head(version)["LastModified"]
        ends = modified + STAYS
        link = NewLink(
            token=new_token(os.urandom(16).hex(), os.urandom),
            bucket=BUCKET,
            key=KEY,
            version=version,
            recipient="bob@example.com",
            expires_at=ends,
            file_ends_at=ends,
            removed_at=ends + 90 * DAY,
            modified_at=modified,
            file_count=file_count,
        )
        self.store.make([link], made or modified, pause=lambda tries: False)
        row: Any = {
            "DeliveryId": {"S": link.token.link_id},
            "ExpiresAt": {"N": str(int(link.removed_at.timestamp()))},
        }
        self.dynamodb.put_item(TableName=LEDGER, Item=row)
        return self.now(link.token.link_id)

    def now(self, link_id: str) -> Link:
        """The link as it is now."""
        found = self.store.of_id(link_id)
        assert found
        return found

    def head(self, version: str) -> Any:
        return self.s3.head_object(Bucket=BUCKET, Key=KEY, VersionId=version)

    def content(self, link: Link) -> bytes:
        """What whoever has the link gets."""
        got = self.s3.get_object(Bucket=BUCKET, Key=link.key, VersionId=link.version)
        return bytes(got["Body"].read())

    @property
    def versions(self) -> list[str]:
        """Of the file, the newest first."""
        listed = self.s3.list_object_versions(Bucket=BUCKET, Prefix=KEY)
        return [one["VersionId"] for one in listed.get("Versions", ())]

    @property
    def begun(self) -> list[Any]:
        """Copies in parts that nobody has completed or taken back."""
        return list(self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()))

    def remembered_until(self, link_id: str) -> datetime | None:
        """When the ledger's row of a delivery goes."""
        key = {"DeliveryId": {"S": link_id}}
        row: Any = self.dynamodb.get_item(TableName=LEDGER, Key=key).get("Item")
        return row and datetime.fromtimestamp(int(row["ExpiresAt"]["N"]), NOW.tzinfo)

    def files(self, pieces: Pieces | None = None) -> Prolonging:
        """What one command does about files."""
        return Prolonging(self.portal, NOW, self.told.append, pieces or Pieces())

    def extend(
        self, link: Link, extension: Extension, files: Prolonging | None = None
    ) -> LinkChange:
        return changing.extend(self.portal, link, extension, NOW, files or self.files())

    def _stored(self, version: str) -> Any:
        keys = s3_backends[DEPLOYMENT.account]["aws"].buckets[BUCKET].keys
        return next(one for one in keys.getlist(KEY) if one.version_id == version)

    def grows_older(self, version: str, by: timedelta) -> None:
        """A version of the file, and the links that lead to it."""
        stored = self._stored(version)
        stored.last_modified -= by
        for row in self.dynamodb.scan(TableName=TABLE)["Items"]:
            if row["Version"]["S"] == version:
                for name in ("ModifiedAt", "FileEndsAt", "ExpiresAt"):
                    seconds = int(row[name]["N"]) - int(by.total_seconds())
                    row[name] = {"N": str(seconds)}
                self.dynamodb.put_item(TableName=TABLE, Item=row)

"""Lets hours pass for a file and its links."""

from __future__ import annotations

from datetime import datetime, timedelta

from moto.s3.models import s3_backends

from deploy.lambda_packages import moment_text
from deploy.local import LOCAL_ACCOUNT
from tests.local.account import Account


def grow_older(account: Account, bucket: str, table: str, key: str, by: timedelta) -> None:
    """All versions of the file, and all rows of the links to it, become so much older."""
    for version in s3_backends[LOCAL_ACCOUNT]["aws"].buckets[bucket].keys.getlist(key):
        version.last_modified -= by
    client = account.client("dynamodb")
    for row in client.scan(TableName=table)["Items"]:
        if row["File"]["S"] == key:
            for name in ("ModifiedAt", "ExpiresAt", "FileEndsAt"):
                row[name] = {"N": str(int(row[name]["N"]) - int(by.total_seconds()))}
            made = datetime.fromisoformat(row["CreatedAt"]["S"]) - by
            client.put_item(TableName=table, Item={**row, "CreatedAt": {"S": moment_text(made)}})

"""A table as the tests of DynamoDB use it, and transactions on it."""

from __future__ import annotations

from typing import Any

from tests.local.account import Account

TABLE = "deliveries"
INDEX = "ByDay"

# As a template and the API give it.
SCHEMA: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "Id", "AttributeType": "S"},
        {"AttributeName": "Day", "AttributeType": "S"},
        {"AttributeName": "At", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": INDEX,
            "KeySchema": [
                {"AttributeName": "Day", "KeyType": "HASH"},
                {"AttributeName": "At", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


class Table:
    """A table in which each item can be claimed once."""

    def __init__(self, account: Account) -> None:
        self.client = account.client("dynamodb")
        self.client.create_table(**SCHEMA)

    def put(self, identity: str, **attributes: str) -> None:
        item = {"Id": identity, **attributes}
        self.client.put_item(
            TableName=TABLE, Item={name: {"S": value} for name, value in item.items()}
        )

    def owner(self, identity: str) -> str | None:
        """Who has claimed the item."""
        item = self.client.get_item(TableName=TABLE, Key={"Id": {"S": identity}}).get("Item", {})
        return str(item["Owner"]["S"]) if "Owner" in item else None

    def claim(self, owner: str, *identities: str, **options: Any) -> None:
        """Claim all or none."""
        self.client.transact_write_items(
            TransactItems=[{"Update": claim(owner, identity)} for identity in identities],
            **options,
        )


def claim(owner: str, identity: str) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "Key": {"Id": {"S": identity}},
        "UpdateExpression": "SET #owner = :owner",
        "ConditionExpression": "attribute_not_exists(#owner)",
        "ExpressionAttributeNames": {"#owner": "Owner"},
        "ExpressionAttributeValues": {":owner": {"S": owner}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }

"""Whole rows of a table, whose key may have two attributes: read together, put, and listed by
pages. What is written under a condition goes through `service`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tables.service import TableError, from_dynamodb_row, named_errors, to_dynamodb_row

Key = Mapping[str, str]


class RowsClient(Protocol):
    """The part of a DynamoDB client that is used here."""

    def batch_get_item(self, *args: Any, **parameters: Any) -> Any: ...

    def get_item(self, *args: Any, **parameters: Any) -> Any: ...

    def put_item(self, *args: Any, **parameters: Any) -> Any: ...

    def query(self, *args: Any, **parameters: Any) -> Any: ...

    def scan(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Page:
    """Some rows, and the key after which the next page begins; None when there is none."""

    rows: Sequence[Mapping[str, Any]]
    next: Key | None


@dataclass(frozen=True)
class Rows:
    """One table. All methods raise TableError when DynamoDB does not do it."""

    client: RowsClient
    name: str

    def read(self, key: Key) -> Mapping[str, Any]:
        """The row as it is now, empty when there is none."""
        with named_errors():
            answer = self.client.get_item(
                TableName=self.name, Key=to_dynamodb_row(key), ConsistentRead=True
            )
        return from_dynamodb_row(answer.get("Item", {}))

    def read_all(self, keys: Sequence[Key]) -> list[Mapping[str, Any]]:
        """Those rows of at most 100 that are there now, in no order."""
        wanted = {"Keys": [to_dynamodb_row(key) for key in keys], "ConsistentRead": True}
        with named_errors():
            answer = self.client.batch_get_item(RequestItems={self.name: wanted})
        # A call that succeeds may have left out rows, when the table is busy.
        if answer.get("UnprocessedKeys"):
            raise TableError("UnprocessedKeys")
        return [from_dynamodb_row(item) for item in answer["Responses"].get(self.name, ())]

    def put(self, row: Mapping[str, Any]) -> None:
        """Write the row whole, in place of the one that has its key."""
        with named_errors():
            self.client.put_item(TableName=self.name, Item=to_dynamodb_row(row))

    def page(self, limit: int, after: Key | None = None, of: Key | None = None) -> Page:
        """So many rows, of the whole table or `of` one value of its partition key."""
        parameters: dict[str, Any] = {"TableName": self.name, "Limit": limit}
        if after:
            parameters["ExclusiveStartKey"] = to_dynamodb_row(after)
        with named_errors():
            if of:
                [(name, value)] = of.items()
                answer = self.client.query(
                    **parameters,
                    KeyConditionExpression="#partition = :value",
                    ExpressionAttributeNames={"#partition": name},
                    ExpressionAttributeValues=to_dynamodb_row({":value": value}),
                )
            else:
                answer = self.client.scan(**parameters)
        last = answer.get("LastEvaluatedKey")
        rows = [from_dynamodb_row(item) for item in answer["Items"]]
        return Page(rows, from_dynamodb_row(last) if last else None)

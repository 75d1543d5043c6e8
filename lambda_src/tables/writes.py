"""Transactions of a table whose key may have two attributes: puts, updates and deletions, each with
its condition, all of which are done or none.

Expressions write attributes as `#Name` and values as `:name`, as those of `service.Update` do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tables.rows import Key
from tables.service import TransactionClient, named_errors, to_dynamodb_row, write_together

# One of TransactWriteItems' items.
Write = Mapping[str, Any]


class WritesClient(TransactionClient, Protocol):
    """The part of a DynamoDB client that is used here."""

    def delete_item(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Writes:
    """Of one table."""

    client: WritesClient
    name: str

    def put(self, row: Mapping[str, Any], condition: str = "") -> Write:
        """The row whole, in place of the one that has its key."""
        return {"Put": {**self._table, "Item": to_dynamodb_row(row), **_expressions(condition)}}

    def update(self, key: Key, change: str, condition: str, values: Mapping[str, Any]) -> Write:
        return {
            "Update": {
                **self._row(key),
                "UpdateExpression": change,
                **_expressions(condition, change, values),
            }
        }

    def delete(self, key: Key, condition: str, values: Mapping[str, Any] | None = None) -> Write:
        return {"Delete": {**self._row(key), **_expressions(condition, values=values)}}

    def write_all(self, writes: Sequence[Write]) -> dict[int, Mapping[str, Any]]:
        """Write all, or none and give those whose condition did not hold: by their number the row
        as it is, empty when there is none.

        Raises TableError.
        """
        return write_together(self.client, writes)

    def remove(self, key: Key) -> None:
        """Delete one row, if it is there. Raises TableError."""
        with named_errors():
            self.client.delete_item(**self._row(key))

    @property
    def _table(self) -> dict[str, str]:
        return {"TableName": self.name}

    def _row(self, key: Key) -> dict[str, Any]:
        return {**self._table, "Key": to_dynamodb_row(key)}


def _expressions(
    condition: str, change: str = "", values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What goes beside the row; DynamoDB takes nothing that is empty."""
    parameters: dict[str, Any] = {}
    if condition:
        parameters["ConditionExpression"] = condition
        parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if names := re.findall(r"#(\w+)", f"{change} {condition}"):
        parameters["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        typed = to_dynamodb_row({f":{name}": value for name, value in values.items()})
        parameters["ExpressionAttributeValues"] = typed
    return parameters

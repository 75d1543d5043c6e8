"""The table as the functions use it: updates only, each with its condition.

All attribute names go in as placeholders, because many of them are words of DynamoDB's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from ledger.rows import DELIVERY_ID

_to_dynamodb = TypeSerializer().serialize
_from_dynamodb = TypeDeserializer().deserialize

# Trying again does not help: the table, the permission or the request itself is wrong.
_FINAL_CODES = {
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationError",  # as the reason of a cancelled transaction
    "ValidationException",
}


class LedgerClient(Protocol):
    """The part of a DynamoDB client that the functions use."""

    def transact_write_items(self, *args: Any, **parameters: Any) -> Any: ...

    def update_item(self, *args: Any, **parameters: Any) -> Any: ...


class LedgerError(Exception):
    """DynamoDB did not do it; `code` is its word for why, `final` if trying again cannot help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.final = code in _FINAL_CODES


@dataclass(frozen=True)
class Update:
    """One row's update: values to set, names to remove, and the condition under which.

    `kept` are set only where the row does not have them yet, `counted` is raised by one.
    `condition` writes attributes as `#Name` and values as `:name`, which `operands` gives.
    """

    delivery_id: str
    set: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)
    removed: Sequence[str] = ()
    counted: str | None = None
    condition: str | None = None
    operands: Mapping[str, Any] = field(default_factory=dict)

    def parameters(self, table: str) -> dict[str, Any]:
        """What UpdateItem, and the Update of TransactWriteItems, take."""
        sets = [f"#{name} = :{name}" for name in self.set]
        sets += [f"#{name} = if_not_exists(#{name}, :{name})" for name in self.kept]
        expression = f"SET {', '.join(sets)}"
        if self.removed:
            expression += f" REMOVE {', '.join(f'#{name}' for name in self.removed)}"
        values = {**self.set, **self.kept, **self.operands}
        names = [*self.set, *self.kept, *self.removed]
        names += re.findall(r"#(\w+)", self.condition or "")
        if self.counted:
            expression += f" ADD #{self.counted} :one"
            values["one"] = 1
            names.append(self.counted)
        parameters = {
            "TableName": table,
            "Key": {DELIVERY_ID: _to_dynamodb(self.delivery_id)},
            "UpdateExpression": expression,
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": {
                f":{name}": _to_dynamodb(value) for name, value in values.items()
            },
        }
        if self.condition:
            parameters["ConditionExpression"] = self.condition
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return parameters


@dataclass(frozen=True)
class NotWritten:
    """An update whose condition did not hold, with the row as it is; empty when there is none."""

    row: Mapping[str, Any]


def write_all(client: LedgerClient, table: str, updates: Sequence[Update]) -> dict[str, NotWritten]:
    """Write all rows, or none and give those whose condition did not hold. Raises LedgerError."""
    items = [{"Update": update.parameters(table)} for update in updates]
    try:
        client.transact_write_items(TransactItems=items)
    except ClientError as exc:
        response: Mapping[str, Any] = exc.response
        reasons = response.get("CancellationReasons") or []
        not_written = {
            update.delivery_id: NotWritten(_plain(reason.get("Item", {})))
            for update, reason in zip(updates, reasons, strict=False)
            if reason.get("Code") == "ConditionalCheckFailed"
        }
        if not_written:
            return not_written
        # Another transaction was at the same rows, say, or DynamoDB is throttled.
        causes = [reason["Code"] for reason in reasons if reason.get("Code") not in (None, "None")]
        raise LedgerError(causes[0] if causes else code_of(exc)) from exc
    except BotoCoreError as exc:
        raise LedgerError(code_of(exc)) from exc
    return {}


def write(client: LedgerClient, table: str, update: Update) -> Mapping[str, Any] | NotWritten:
    """Write one row and give it as it is then. Raises LedgerError."""
    try:
        answer = client.update_item(**update.parameters(table), ReturnValues="ALL_NEW")
    except ClientError as exc:
        if code_of(exc) == "ConditionalCheckFailedException":
            response: Mapping[str, Any] = exc.response
            return NotWritten(_plain(response.get("Item", {})))
        raise LedgerError(code_of(exc)) from exc
    except BotoCoreError as exc:
        raise LedgerError(code_of(exc)) from exc
    return _plain(answer["Attributes"])


def code_of(exc: ClientError | BotoCoreError) -> str:
    """AWS's word for what went wrong; without an answer of AWS, botocore's."""
    if isinstance(exc, ClientError):
        return str(exc.response.get("Error", {}).get("Code", "Unknown"))
    return type(exc).__name__


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _from_dynamodb(value) for name, value in row.items()}

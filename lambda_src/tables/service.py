"""A table as the functions use it: rows by their key, and updates, each with its condition.

All attribute names go in as placeholders, because many of them are words of DynamoDB's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.invocation import Pause

_Written = TypeVar("_Written")

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


class TransactionClient(Protocol):
    """The part of a DynamoDB client that writes several rows together."""

    def transact_write_items(self, *args: Any, **parameters: Any) -> Any: ...


class TableClient(TransactionClient, Protocol):
    """The part of a DynamoDB client that the functions use."""

    def update_item(self, *args: Any, **parameters: Any) -> Any: ...

    def get_item(self, *args: Any, **parameters: Any) -> Any: ...

    def query(self, *args: Any, **parameters: Any) -> Any: ...


class TableError(Exception):
    """DynamoDB did not do it; `code` is its word for why, `final` if trying again cannot help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.final = code in _FINAL_CODES


@dataclass(frozen=True)
class Update:
    """One row's update: values to set, names to remove, and the condition under which.

    `kept` are set only where the row does not have them yet, `counted` is raised by one, `added`
    puts members into sets and adds to numbers, `discarded` takes members out of sets.
    `condition` writes attributes as `#Name` and values as `:name`, which `operands` gives.
    What is set or counted may be within a map that is there already: `Map.name`, in the condition
    `#Map.#name`.
    """

    key: str
    set: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)
    removed: Sequence[str] = ()
    counted: str | None = None
    added: Mapping[str, AbstractSet[str] | int] = field(default_factory=dict)
    discarded: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    condition: str | None = None
    operands: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expression(self) -> dict[str, Any]:
        """What UpdateItem, and the Update of TransactWriteItems, take beside table and key."""
        sets = [f"{_path(name)} = :{_placeholder(name)}" for name in self.set]
        sets += [f"#{name} = if_not_exists(#{name}, :{name})" for name in self.kept]
        removes = [f"#{name}" for name in self.removed]
        adds = [f"#{name} :{name}" for name in self.added]
        deletes = [f"#{name} :{name}" for name in self.discarded]
        within = {_placeholder(name): value for name, value in self.set.items()}
        values = {**within, **self.kept, **self.added, **self.discarded, **self.operands}
        names = [*self.set, *self.kept, *self.removed, *self.added, *self.discarded]
        names += re.findall(r"#(\w+)", self.condition or "")
        if self.counted:
            path, values["one"] = _path(self.counted), 1
            names.append(self.counted)
            if path == f"#{self.counted}":
                adds.append(f"{path} :one")
            else:  # ADD takes top-level attributes only
                sets.append(f"{path} = if_not_exists({path}, :none) + :one")
                values["none"] = 0
        clauses = {"SET": sets, "REMOVE": removes, "ADD": adds, "DELETE": deletes}
        parameters: dict[str, Any] = {
            "UpdateExpression": " ".join(
                f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts
            ),
            "ExpressionAttributeNames": {
                f"#{part}": part for name in names for part in name.split(".")
            },
        }
        if values:  # DynamoDB takes no empty map
            parameters["ExpressionAttributeValues"] = {
                f":{name}": _to_dynamodb(value) for name, value in values.items()
            }
        if self.condition:
            parameters["ConditionExpression"] = self.condition
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return parameters


def _path(name: str) -> str:
    return ".".join(f"#{part}" for part in name.split("."))


def _placeholder(name: str) -> str:
    return name.replace(".", "_")


@dataclass(frozen=True)
class NotWritten:
    """An update whose condition did not hold, with the row as it is; empty when there is none."""

    row: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One table, by its name and the name of its partition key (text)."""

    client: TableClient
    name: str
    key: str

    def read(self, key: str) -> Mapping[str, Any]:
        """The row as it is now, empty when there is none. Raises TableError."""
        with named_errors():
            answer = self.client.get_item(**self._row(key), ConsistentRead=True)
        return from_dynamodb_row(answer.get("Item", {}))

    def has(self, key: str) -> bool:
        """Whether there is such a row now; nothing else of it is read. Raises TableError."""
        with named_errors():
            answer = self.client.get_item(
                **self._row(key),
                ConsistentRead=True,
                ProjectionExpression="#key",
                ExpressionAttributeNames={"#key": self.key},
            )
        return "Item" in answer

    def write(self, update: Update) -> Mapping[str, Any] | NotWritten:
        """Write one row and give it as it is then. Raises TableError."""
        try:
            answer = self.client.update_item(**self._parameters(update), ReturnValues="ALL_NEW")
        except ClientError as exc:
            if code_of(exc) == "ConditionalCheckFailedException":
                response: Mapping[str, Any] = exc.response
                return NotWritten(from_dynamodb_row(response.get("Item", {})))
            raise TableError(code_of(exc)) from exc
        except BotoCoreError as exc:
            raise TableError(code_of(exc)) from exc
        return from_dynamodb_row(answer["Attributes"])

    def write_blindly(self, update: Update) -> bool:
        """Write one row and see nothing of it; False when the condition did not hold.

        For roles that may not read the row. Raises TableError.
        """
        parameters = self._parameters(update)
        parameters.pop("ReturnValuesOnConditionCheckFailure", None)
        try:
            self.client.update_item(**parameters, ReturnValues="NONE")
        except ClientError as exc:
            if code_of(exc) == "ConditionalCheckFailedException":
                return False
            raise TableError(code_of(exc)) from exc
        except BotoCoreError as exc:
            raise TableError(code_of(exc)) from exc
        return True

    def write_all(self, updates: Sequence[Update]) -> dict[str, NotWritten]:
        """Write all rows, or none and give those whose condition did not hold.

        Raises TableError.
        """
        items = [{"Update": self._parameters(update)} for update in updates]
        refused = write_together(self.client, items)
        return {updates[number].key: NotWritten(row) for number, row in refused.items()}

    def find(
        self, index: str, conditions: str, operands: Mapping[str, Any], *, last_first: bool = False
    ) -> Iterator[Mapping[str, Any]]:
        """The rows of an index under `conditions`, written as those of an Update.

        In the order of the index's second key, or from its end. A page is read when its first row
        is asked for. Raises TableError.
        """
        query = {
            "TableName": self.name,
            "IndexName": index,
            "ScanIndexForward": not last_first,
            "KeyConditionExpression": conditions,
            "ExpressionAttributeNames": {
                f"#{name}": name for name in re.findall(r"#(\w+)", conditions)
            },
            "ExpressionAttributeValues": {
                f":{name}": _to_dynamodb(value) for name, value in operands.items()
            },
        }
        while True:
            with named_errors():
                answer = self.client.query(**query)
            yield from (from_dynamodb_row(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _parameters(self, update: Update) -> dict[str, Any]:
        return {**self._row(update.key), **update.expression}

    def _row(self, key: str) -> dict[str, Any]:
        return {"TableName": self.name, "Key": {self.key: _to_dynamodb(key)}}


def write_together(
    client: TransactionClient, items: Sequence[Mapping[str, Any]]
) -> dict[int, Mapping[str, Any]]:
    """Write all items of a transaction, or none and give those whose condition did not hold: by
    their number the row as it is, empty when there is none.

    Raises TableError.
    """
    try:
        client.transact_write_items(TransactItems=items)
    except ClientError as exc:
        response: Mapping[str, Any] = exc.response
        reasons = response.get("CancellationReasons") or []
        refused: dict[int, Mapping[str, Any]] = {
            number: from_dynamodb_row(reason.get("Item", {}))
            for number, reason in enumerate(reasons)
            if reason.get("Code") == "ConditionalCheckFailed"
        }
        if refused:
            return refused
        # Another transaction was at the same rows, say, or DynamoDB is throttled.
        causes = [one["Code"] for one in reasons if one.get("Code") not in (None, "None")]
        raise TableError(causes[0] if causes else code_of(exc)) from exc
    except BotoCoreError as exc:
        raise TableError(code_of(exc)) from exc
    return {}


def write_patiently(write: Callable[[], _Written], pause: Pause) -> _Written:
    """Write; a busy table is asked again while `pause` says so. Raises TableError."""
    tries = 0
    while True:
        try:
            return write()
        except TableError as exc:
            if exc.final or not pause(tries):
                raise
            tries += 1


@contextmanager
def named_errors() -> Iterator[None]:
    """Whatever DynamoDB answers, or does not, as a TableError."""
    try:
        yield
    except (ClientError, BotoCoreError) as exc:
        raise TableError(code_of(exc)) from exc


def moment_text(moment: datetime) -> str:
    """A moment (UTC) as rows have it; as text it sorts by time: "2026-11-25T06:58:01.123Z"."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def to_dynamodb_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with plain values as DynamoDB's typed ones."""
    return {name: _to_dynamodb(value) for name, value in row.items()}


def from_dynamodb_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with DynamoDB's typed values as plain ones; numbers are Decimals."""
    return {name: _from_dynamodb(value) for name, value in row.items()}

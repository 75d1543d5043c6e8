"""What a call of DynamoDB needs to be allowed: the tables, and the partitions that it touches.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import Request
from deploy.local.wire.calls import Call

# The parts of transactions and batches are asked for like the calls that they stand for.
_TRANSACTION_PARTS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_EQUALITY = re.compile(r"([\w#.-]+)\s*=\s*(:\w+)")
_Keys = tuple[str, ...]


def of_dynamodb(call: Call) -> Iterator[Request]:
    match call.operation:
        case "TransactWriteItems" | "TransactGetItems":
            enclosing = {"dynamodb:enclosingoperation": call.operation}
            for item in call.parameters.get("TransactItems", []):
                for kind, part in item.items():
                    action = f"dynamodb:{_TRANSACTION_PARTS[kind]}"
                    yield _request(call, action, part, _leading_keys(call, part), enclosing)
        case "BatchWriteItem" | "BatchGetItem":
            for table, batch in call.parameters.get("RequestItems", {}).items():
                keys = tuple(
                    key
                    for part in _batch_parts(batch)
                    for key in _leading_keys(call, {**part, "TableName": table})
                )
                yield _request(call, call.action, {"TableName": table}, keys)
        case _ if "TableName" in call.parameters:
            keys = _leading_keys(call, call.parameters)
            yield _request(call, call.action, call.parameters, keys)
        case _:
            yield Request(call.action, "*")


def _request(
    call: Call,
    action: str,
    part: Mapping[str, Any],
    keys: _Keys,
    more: Mapping[str, str] | None = None,
) -> Request:
    table = str(part.get("TableName", ""))
    arn = table if table.startswith("arn:") else call.arn(f"table/{table}")
    if "IndexName" in part:
        arn = f"{arn}/index/{part['IndexName']}"
    context: dict[str, str | _Keys] = {**(more or {})}
    if keys:
        context["dynamodb:leadingkeys"] = keys
    return Request(action, arn, context)


def _batch_parts(batch: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(batch, dict):  # of a BatchGetItem
        yield from ({"Key": key} for key in batch.get("Keys", []))
    else:
        for write in batch:
            yield from write.values()


def _leading_keys(call: Call, part: Mapping[str, Any]) -> _Keys:
    """The values of the partition key that a part names; none when it is about the whole table."""
    attribute = _partition_key(call, part)
    if attribute is None:
        return ()
    item = part.get("Key") or part.get("Item") or {}
    value = item.get(attribute) or _queried(part, attribute)
    return tuple(str(each) for each in value.values()) if value else ()


def _partition_key(call: Call, part: Mapping[str, Any]) -> str | None:
    name = str(part.get("TableName", "")).rpartition("/")[2]
    table = dynamodb_backends[LOCAL_ACCOUNT][call.region].tables.get(name)
    if table is None:
        return None
    for index in table.all_indexes():
        if index.name == part.get("IndexName"):
            schema = index.schema
            return next(str(k["AttributeName"]) for k in schema if k["KeyType"] == "HASH")
    return str(table.hash_key_attr)


def _queried(part: Mapping[str, Any], attribute: str) -> Mapping[str, Any] | None:
    """The value in `#name = :value` of a query's key condition."""
    names = part.get("ExpressionAttributeNames", {})
    values: Mapping[str, Mapping[str, Any]] = part.get("ExpressionAttributeValues", {})
    for name, value in _EQUALITY.findall(part.get("KeyConditionExpression", "")):
        if names.get(name, name) == attribute:
            return values.get(value)
    return None

"""What DynamoDB asks IAM about a call: the action on each table or index, which rows, and which
attributes.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import Request
from deploy.local.wire.requests import Call

# The parts of transactions and batches are asked for like the calls that they stand for.
_TRANSACTION_PARTS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan"})
_EQUALITY = re.compile(r"([\w#.-]+)\s*=\s*(:\w+)")

# Where a request names attributes: in expressions, and in the parameters that came before them.
_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_LISTS = ("AttributesToGet", "AttributeUpdates", "Expected", "Item", "Key", "KeyConditions")
# The first name of each path; `:value`, `function(` and what follows a dot are none. A placeholder
# may begin with a digit.
_NAME = re.compile(r"(?<![\w:#.])(?:#|[A-Za-z_])\w*(?!\w|\s*\()")
_WORDS = frozenset({"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"})

_Names = tuple[str, ...]


def requested_of_dynamodb(call: Call) -> Iterator[Request]:
    """What has to be allowed, all of it; the context is not complete yet."""
    match call.operation:
        case "TransactWriteItems" | "TransactGetItems":
            enclosing = {"dynamodb:enclosingoperation": call.operation}
            for item in call.parameters.get("TransactItems", []):
                for kind, part in item.items():
                    operation = _TRANSACTION_PARTS[kind]
                    yield _request(call, operation, part, _leading_keys(call, part), enclosing)
        case "BatchWriteItem" | "BatchGetItem":
            for table, batch in call.parameters.get("RequestItems", {}).items():
                parts = [{**part, "TableName": table} for part in _batch_parts(batch)]
                keys = tuple(key for part in parts for key in _leading_keys(call, part))
                names = tuple({name for part in parts for name in attributes_of(part)})
                more = {"dynamodb:attributes": names} if names else {}
                yield _request(call, call.operation, {"TableName": table}, keys, more)
        case _ if "TableName" in call.parameters:
            keys = _leading_keys(call, call.parameters)
            yield _request(call, call.operation, call.parameters, keys)
        case _:
            yield Request(call.action, "*")


def _request(
    call: Call,
    operation: str,
    part: Mapping[str, Any],
    keys: _Names,
    more: Mapping[str, str | _Names] | None = None,
) -> Request:
    table = str(part.get("TableName", ""))
    arn = table if table.startswith("arn:") else call.arn(f"table/{table}")
    if "IndexName" in part:
        arn = f"{arn}/index/{part['IndexName']}"
    context: dict[str, str | _Names] = {}
    if keys:
        context["dynamodb:leadingkeys"] = keys
    attributes = attributes_of(part)
    if attributes:
        context["dynamodb:attributes"] = attributes
    if "ReturnValues" in part:
        context["dynamodb:returnvalues"] = str(part["ReturnValues"])
    if operation in _READS:
        context["dynamodb:select"] = _select(part)
    return Request(f"dynamodb:{operation}", arn, {**context, **(more or {})})


def _batch_parts(batch: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(batch, dict):  # of a BatchGetItem
        yield from ({**batch, "Key": key} for key in batch.get("Keys", []))
    else:
        for write in batch:
            yield from write.values()


def attributes_of(part: Mapping[str, Any]) -> _Names:
    """The attributes that a request names, each by the first name of its path."""
    names = {name for parameter in _LISTS for name in part.get(parameter) or ()}
    placeholders = part.get("ExpressionAttributeNames") or {}
    for parameter in _EXPRESSIONS:
        for word in _NAME.findall(part.get(parameter) or ""):
            if word.upper() not in _WORDS:
                names.add(placeholders.get(word, word))
    return tuple(sorted(names))


def _select(part: Mapping[str, Any]) -> str:
    """What a read gives back; without a list of attributes it is all that there is."""
    if "Select" in part:
        return str(part["Select"])
    if "ProjectionExpression" in part or "AttributesToGet" in part:
        return "SPECIFIC_ATTRIBUTES"
    return "ALL_PROJECTED_ATTRIBUTES" if "IndexName" in part else "ALL_ATTRIBUTES"


def _leading_keys(call: Call, part: Mapping[str, Any]) -> _Names:
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

"""Statements of a deployed role: what each is for, and what lies right beside it.

Braces name what is deployed, by its logical id; `{Other}` is what belongs to somebody else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call of a service; `given` has names in braces."""

    service: str
    operation: str
    given: Mapping[str, Any]

    def with_names(self, names: Mapping[str, str]) -> dict[str, Any]:
        return {key: _filled(value, names) for key, value in self.given.items()}


@dataclass(frozen=True)
class Grant:
    """One statement of a role: the calls that it is for, and neighbours that stay refused."""

    sid: str
    own: tuple[Call, ...]
    neighbours: Mapping[str, Call]


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(names)
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    if isinstance(value, dict):
        return {_filled(key, names): _filled(each, names) for key, each in value.items()}
    return value


def hands_over_events(queue: str = "DeadLetterQueue") -> Grant:
    """`queue` is a logical id, as are the names of the other grants here."""

    def call(operation: str, url: str = f"{{{queue}}}", **more: Any) -> Call:
        return Call("sqs", operation, {"QueueUrl": url, **more})

    return Grant(
        "HandOverEventsThatFailed",
        (call("send_message", MessageBody="x"),),
        {
            "fill another queue": call("send_message", "{OtherQueue}", MessageBody="x"),
            "read its own dead letters": call("receive_message"),
            "delete its own dead letters": call("delete_message", ReceiptHandle="x"),
            "empty the queue": call("purge_queue"),
        },
    )


def writes_log(group: str, *, neighbour: str, sid: str = "WriteItsOwnLog") -> Grant:
    """The log of one function, and that of another."""
    own, other = f"{{{group}}}", f"{{{neighbour}}}"
    return Grant(
        sid,
        (
            _log("create_log_stream", own, logStreamName="{Fresh}"),
            _log("put_log_events", own, logStreamName="one", **_EVENTS),
        ),
        {
            "write another log": _log("put_log_events", "{Other}", logStreamName="one", **_EVENTS),
            "write the other function's log": _log(
                "put_log_events", other, logStreamName="one", **_EVENTS
            ),
            "make a stream in another log": _log(
                "create_log_stream", "{Other}", logStreamName="{Fresh}"
            ),
            "read its own log": _log("get_log_events", own, logStreamName="one"),
            "delete its own log": _log("delete_log_group", own),
        },
    )


def sends_traces() -> Grant:
    return Grant(
        "SendTracesToXRay",
        (
            Call("xray", "put_trace_segments", {"TraceSegmentDocuments": ["{{}}"]}),
            Call("xray", "put_telemetry_records", {"TelemetryRecords": []}),
        ),
        {"read the account's traces": Call("xray", "batch_get_traces", {"TraceIds": ["x"]})},
    )


def writes_rows(
    sid: str,
    table: str = "DeliveriesLedger",
    key: str = "DeliveryId",
    *,
    writes: str = "Attempts",
    leaves: tuple[str, ...] = (),
) -> Grant:
    """Alone, and in a transaction, which needs no permission of its own.

    `writes` is an attribute that it may write, `leaves` are some that it may not.
    """
    whole = {"TableName": f"{{{table}}}"}
    row, other = {**whole, "Key": {key: {"S": "1"}}}, OTHER_ROW
    own = {**row, **_setting(writes)}
    return Grant(
        sid,
        (Call("dynamodb", "update_item", own), _transaction({"Update": own})),
        {
            **{
                f"write {each}{how}": call
                for each in leaves
                for how, call in _ways_to_write(row, writes, each).items()
            },
            "write another table": Call("dynamodb", "update_item", other),
            "write another table beside it": _transaction(
                {"Update": own}, {"Update": {**other, **_setting(writes)}}
            ),
            "delete a row": Call("dynamodb", "delete_item", row),
            "delete a row in a transaction": _transaction({"Delete": row}),
            "replace a row": Call("dynamodb", "put_item", {**whole, "Item": {key: {"S": "1"}}}),
            "read a row": Call("dynamodb", "get_item", row),
            "read all rows": Call("dynamodb", "scan", whole),
            "delete the table": Call("dynamodb", "delete_table", whole),
        },
    )


def reads_rows(sid: str, table: str, key: str) -> Grant:
    """A row by its key; no update of it, alone or in a transaction."""
    written = writes_rows(sid, table, key)
    read = written.neighbours["read a row"]
    return Grant(
        sid,
        (read,),
        {
            **{what: call for what, call in written.neighbours.items() if call != read},
            "update a row": written.own[0],
            "update a row in a transaction": written.own[1],
            "read another table": Call("dynamodb", "get_item", OTHER_ROW),
        },
    )


def learns_of_rows(sid: str, table: str, key: str) -> Grant:
    """Whether there is a row of a key; nothing else of it."""
    row = {"TableName": f"{{{table}}}", "Key": {key: {"S": "1"}}}

    def read(projection: str) -> Call:
        return Call("dynamodb", "get_item", {**row, "ProjectionExpression": projection})

    whole = writes_rows(sid, table, key).neighbours
    return Grant(
        sid,
        (read(key),),
        {
            "read what is in the row": whole["read a row"],
            "read another attribute": read("Recipient"),
            "read another attribute beside it": read(f"{key}, Recipient"),
            "read all rows": whole["read all rows"],
            "look into another table": Call(
                "dynamodb", "get_item", {**OTHER_ROW, "ProjectionExpression": key}
            ),
        },
    )


def _ways_to_write(row: Mapping[str, Any], writes: str, leaves: str) -> dict[str, Call]:
    """By its name, by a placeholder, beside what may be written, as a set, and of old."""
    value = {"ExpressionAttributeValues": {":v": {"S": "x"}}}
    beside = f"SET {writes} = :v, {leaves} = :v"
    ways: dict[str, dict[str, Any]] = {
        "": _setting(leaves),
        " by a placeholder": {**_setting("#a"), "ExpressionAttributeNames": {"#a": leaves}},
        " beside others": {**value, "UpdateExpression": beside},
        " by removing it": {"UpdateExpression": f"REMOVE {leaves}"},
        " in the old way": {"AttributeUpdates": {leaves: {"Value": {"S": "x"}}}},
    }
    calls = {how: Call("dynamodb", "update_item", {**row, **way}) for how, way in ways.items()}
    calls[" in a transaction"] = _transaction({"Update": {**row, **_setting(leaves)}})
    return calls


def reads_and_writes_rows(sid: str, table: str, key: str, *, writes: str) -> Grant:
    """A row by its key, and an update of it."""
    written = writes_rows(sid, table, key, writes=writes)
    read = written.neighbours["read a row"]
    return Grant(
        sid,
        (*written.own, read),
        {
            **{what: call for what, call in written.neighbours.items() if call != read},
            "read another table": Call("dynamodb", "get_item", OTHER_ROW),
        },
    )


def _transaction(*items: dict[str, Any]) -> Call:
    return Call("dynamodb", "transact_write_items", {"TransactItems": list(items)})


def _log(operation: str, group: str, **more: Any) -> Call:
    return Call("logs", operation, {"logGroupName": group, **more})


OTHER_ROW = {"TableName": "{Other}", "Key": {"DeliveryId": {"S": "1"}}}
_EVENTS = {"logEvents": [{"timestamp": int(time.time() * 1000), "message": "x"}]}


def _setting(attribute: str) -> dict[str, Any]:
    return {
        "UpdateExpression": f"SET {attribute} = :v",
        "ExpressionAttributeValues": {":v": {"S": "1"}},
    }


def invoke(function: str) -> Call:
    return Call("lambda", "invoke", {"FunctionName": function, "InvocationType": "DryRun"})


def with_neighbours(grant: Grant, **more: Call) -> Grant:
    """The grant, with neighbours of its role alone."""
    named = {name.replace("_", " "): call for name, call in more.items()}
    return Grant(grant.sid, grant.own, {**grant.neighbours, **named})

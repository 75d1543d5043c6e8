"""What LinkGenerator and EventBridge Scheduler may do with GatherPeriod, and what lies beside."""

from __future__ import annotations

from typing import Any

from tests.local.iam.grants import OTHER_ROW, Call, Grant, invoke

_TABLE = {"TableName": "{GatheredFiles}"}
_KEY = {"Subject": {"S": "0"}, "Item": {"S": "file"}}
_ROW = {**_TABLE, "Key": _KEY}
_ROLE = "arn:aws:iam::123456789012:role/{}"
_MANIFEST = ".s3link/shares/gathered-{Fresh}.json"


def lets_files_wait() -> Grant:
    """Whole rows, for nobody else writes there."""

    def call(operation: str, **given: Any) -> Call:
        return Call("dynamodb", operation, given)

    change = {
        "UpdateExpression": "SET Share = :v",
        "ExpressionAttributeValues": {":v": {"S": "1"}},
    }
    key, value = "KeyConditionExpression", "ExpressionAttributeValues"
    others = {"TableName": "{Other}", "Item": {"DeliveryId": {"S": "1"}}}
    return Grant(
        "LetFilesWaitForOthers",
        (
            call("transact_write_items", TransactItems=[{"Put": {**_TABLE, "Item": _KEY}}]),
            call("transact_write_items", TransactItems=[{"Update": {**_ROW, **change}}]),
            call("transact_write_items", TransactItems=[{"Delete": _ROW}]),
            call("delete_item", **_ROW),
            call("query", **_TABLE, **{key: "Subject = :v", value: {":v": {"S": "0"}}}),
            call("batch_get_item", RequestItems={"{GatheredFiles}": {"Keys": [_KEY]}}),
        ),
        {
            "write a whole row of another table": call("put_item", **others),
            "delete a row of another table": call("delete_item", **OTHER_ROW),
            "read all that waits": call("scan", **_TABLE),
            "delete the table of gathered files": call("delete_table", **_TABLE),
            "delete a delivery": call(
                "delete_item", TableName="{DeliveriesLedger}", Key={"DeliveryId": {"S": "1"}}
            ),
        },
    )


def has_itself_invoked() -> Grant:
    """By a schedule of its own group."""
    return Grant(
        "HaveItselfInvokedOnceFilesAreComplete",
        (_schedule(),),
        {
            "make a schedule of another group": _schedule(GroupName="default"),
            "delete a schedule": Call(
                "scheduler",
                "delete_schedule",
                {"Name": "x", "GroupName": "{GatheringScheduleGroup}"},
            ),
            "make a group": Call("scheduler", "create_schedule_group", {"Name": "{Fresh}"}),
        },
    )


def hands_the_role_over() -> Grant:
    """One role, and no other."""
    return Grant(
        "HandThisRoleToSchedulesOnly",
        (_schedule(),),
        {
            f"hand {role} to a schedule": _schedule(role)
            for role in ("LinkGeneratorRole", "RemindersScheduleRole")
        },
    )


def puts_manifests() -> Grant:
    def call(operation: str, key: str, bucket: str = "{FileExchangeBucket}", **more: Any) -> Call:
        return Call("s3", operation, {"Bucket": bucket, "Key": key, **more})

    return Grant(
        "PutManifestsOfFilesThatWaited",
        (call("put_object", _MANIFEST, Body=b"{{}}"),),
        {
            "put a file": call("put_object", "{Fresh}.pdf", Body=b"x"),
            "put the manifest of a sender": call(
                "put_object", ".s3link/shares/{Fresh}.json", Body=b"x"
            ),
            "put into another bucket": call("put_object", _MANIFEST, "{Other}", Body=b"x"),
            "delete a manifest": call("delete_object", _MANIFEST),
        },
    )


def calls_link_generator() -> Grant:
    return Grant(
        "CallLinkGenerator",
        (invoke("{LinkGenerator}"),),
        {"call another function": invoke("{FateRecorder}")},
    )


def hands_over_calls() -> Grant:
    given = {"QueueUrl": "{DeadLetterQueue}", "MessageBody": "x"}
    return Grant(
        "HandOverCallsThatFailed",
        (Call("sqs", "send_message", given),),
        {
            "fill another queue": Call(
                "sqs", "send_message", {**given, "QueueUrl": "{OtherQueue}"}
            ),
            "read dead letters": Call("sqs", "receive_message", {"QueueUrl": "{DeadLetterQueue}"}),
        },
    )


def _schedule(role: str = "GatheringRole", **changes: str) -> Call:
    function = "arn:aws:lambda:eu-west-1:123456789012:function:{LinkGenerator}"
    return Call(
        "scheduler",
        "create_schedule",
        {
            "Name": "{Fresh}",
            "GroupName": "{GatheringScheduleGroup}",
            "ScheduleExpression": "at(2099-01-01T00:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": function, "RoleArn": _ROLE.format(f"{{{role}}}")},
            **changes,
        },
    )

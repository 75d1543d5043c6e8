"""What each role of the generator stack is for, and what lies right beside it.

Braces name what is deployed, by logical id; `{Other}` is what a neighbour calls `other`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FILE = "bob@example.com/report.pdf"


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
        return {key: _filled(each, names) for key, each in value.items()}
    return value


def _file(operation: str, bucket: str = "{FileExchangeBucket}", **more: Any) -> Call:
    return Call("s3", operation, {"Bucket": bucket, "Key": FILE, **more})


def _bucket(operation: str, bucket: str = "{FileExchangeBucket}") -> Call:
    return Call("s3", operation, {"Bucket": bucket})


_TO_BOB = {"ToAddresses": ["bob@example.com"]}


def _mail(**other: Any) -> Call:
    given = {
        "Source": "links@example.com",
        "Template": "{LinkTemplate}",
        "ConfigurationSetName": "{ConfigurationSet}",
        "DefaultTemplateData": "[]",
        "Destinations": [{"Destination": _TO_BOB}],
    }
    return Call("ses", "send_bulk_templated_email", {**given, **other})


def _queue(operation: str, queue: str = "{DeadLetterQueue}", **more: Any) -> Call:
    return Call("sqs", operation, {"QueueUrl": queue, **more})


def _log(operation: str, group: str, **more: Any) -> Call:
    return Call("logs", operation, {"logGroupName": group, **more})


_TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}
_EVENTS = {"logEvents": [{"timestamp": int(time.time() * 1000), "message": "x"}]}
_MAILING = (_mail(),)

ROLES: dict[str, list[Grant]] = {
    "LinkGeneratorRole": [
        Grant(
            "ReadFilesAndSignLinksToThem",
            (
                _file("get_object"),
                _file("head_object"),
                _file("get_object", VersionId="{Version}"),
                _file("head_object", VersionId="{Version}"),
            ),
            {
                "read another bucket": _file("get_object", "{Other}"),
                "overwrite a file": _file("put_object", Body=b"x"),
                "delete a file": _file("delete_object"),
                "delete a version": _file("delete_object", VersionId="{Version}"),
                "read a file's tags": _file("get_object_tagging"),
                "read the access log": _file("get_object", "{FileExchangeBucketLogs}"),
            },
        ),
        Grant(
            "LearnThatAFileIsGone",
            (_bucket("list_objects_v2"), _bucket("list_object_versions")),
            {
                "list another bucket": _bucket("list_objects_v2", "{Other}"),
                "list another bucket's versions": _bucket("list_object_versions", "{Other}"),
                "list the account's buckets": Call("s3", "list_buckets", {}),
                "delete the bucket": _bucket("delete_bucket"),
                "take the bucket's policy away": _bucket("delete_bucket_policy"),
            },
        ),
        Grant(
            "SendMailsFromOneAddressOnly",
            _MAILING,
            {
                "send from another address": _mail(Source="ceo@example.com"),
                "send plain mails": Call(
                    *("ses", "send_email"),
                    {"Source": "links@example.com", "Destination": _TO_BOB, "Message": _TEXT},
                ),
                "verify another sender": Call(
                    "ses", "verify_email_identity", {"EmailAddress": "eve@example.net"}
                ),
            },
        ),
        Grant(
            "SendMailsFromOneTemplateOnly",
            _MAILING,
            {
                "send another template": _mail(Template="{Other}"),
                "delete the template": Call(
                    "ses", "delete_template", {"TemplateName": "{LinkTemplate}"}
                ),
            },
        ),
        Grant(
            "SendMailsThroughOneConfigurationSetOnly",
            _MAILING,
            {"send through another configuration set": _mail(ConfigurationSetName="{Other}")},
        ),
        Grant(
            "HandOverEventsThatFailed",
            (_queue("send_message", MessageBody="x"),),
            {
                "fill another queue": _queue("send_message", "{OtherQueue}", MessageBody="x"),
                "read its own dead letters": _queue("receive_message"),
                "delete its own dead letters": _queue("delete_message", ReceiptHandle="x"),
                "empty the queue": _queue("purge_queue"),
            },
        ),
        Grant(
            "WriteItsOwnLog",
            (
                _log("create_log_stream", "{LinkGeneratorLogGroup}", logStreamName="{Fresh}"),
                _log("put_log_events", "{LinkGeneratorLogGroup}", logStreamName="one", **_EVENTS),
            ),
            {
                "write another log": _log(
                    "put_log_events", "{Other}", logStreamName="one", **_EVENTS
                ),
                "make a stream in another log": _log(
                    "create_log_stream", "{Other}", logStreamName="{Fresh}"
                ),
                "read its own log": _log(
                    "get_log_events", "{LinkGeneratorLogGroup}", logStreamName="one"
                ),
                "delete its own log": _log("delete_log_group", "{LinkGeneratorLogGroup}"),
            },
        ),
        Grant(
            "SendTracesToXRay",
            (
                Call("xray", "put_trace_segments", {"TraceSegmentDocuments": ["{{}}"]}),
                Call("xray", "put_telemetry_records", {"TelemetryRecords": []}),
            ),
            {"read the account's traces": Call("xray", "batch_get_traces", {"TraceIds": ["x"]})},
        ),
    ],
}

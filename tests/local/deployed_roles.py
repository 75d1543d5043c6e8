"""What each role of the generator stack is for, and what lies right beside it."""

from __future__ import annotations

from typing import Any

from tests.local.grants import (
    Call,
    Grant,
    hands_over_events,
    sends_traces,
    writes_ledger,
    writes_log,
)

FILE = "bob@example.com/report.pdf"


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


def _message(topic: str) -> Call:
    return Call("sns", "publish", {"TopicArn": topic, "Message": "x"})


_TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}
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
        writes_ledger("ClaimAndRecordDeliveries"),
        hands_over_events(),
        writes_log("LinkGeneratorLogGroup", neighbour="FateRecorderLogGroup"),
        sends_traces(),
    ],
    "FateRecorderRole": [
        writes_ledger("RecordTheFatesOfDeliveries"),
        Grant(
            "TellTheAdminOfBadFates",
            (_message("{CommonAlarmTopic}"),),
            {
                "publish to the mail events": _message("{MailEventsTopic}"),
                "publish to another topic": _message("{OtherTopic}"),
                "subscribe to the topic": Call(
                    *("sns", "subscribe"),
                    {
                        "TopicArn": "{CommonAlarmTopic}",
                        "Protocol": "email",
                        "Endpoint": "eve@example.net",
                    },
                ),
                "read a file": _file("get_object"),
                "send a mail": _mail(),
            },
        ),
        hands_over_events(),
        writes_log("FateRecorderLogGroup", neighbour="LinkGeneratorLogGroup"),
        sends_traces(),
    ],
}

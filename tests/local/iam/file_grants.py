"""Statements that several functions have: about files of the bucket, mails and the alarm topic."""

from __future__ import annotations

from typing import Any

from tests.local.iam.grants import Call, Grant

FILE = "programs/bob@example.com/report.pdf"
# Not among the keys that programs may use.
ENCRYPTED_FILE = "programs/bob@example.com/encrypted.pdf"
OTHERWISE_ENCRYPTED_FILE = "programs/bob@example.com/encrypted otherwise.pdf"
OTHER_FILE = "bob@example.com/report.pdf"


def of_file(operation: str, bucket: str = "{FileExchangeBucket}", **more: Any) -> Call:
    return Call("s3", operation, {"Bucket": bucket, "Key": FILE} | more)


def of_bucket(operation: str, bucket: str = "{FileExchangeBucket}", **more: Any) -> Call:
    return Call("s3", operation, {"Bucket": bucket, **more})


def reads_files(sid: str, bucket: str = "FileExchangeBucket") -> Grant:
    """`bucket` is a logical id."""
    own, version = f"{{{bucket}}}", f"{{{bucket}Version}}"
    return Grant(
        sid,
        (
            of_file("get_object", own),
            of_file("head_object", own),
            of_file("get_object", own, VersionId=version),
            of_file("head_object", own, VersionId=version),
        ),
        {
            "read another bucket": of_file("get_object", "{Other}"),
            "overwrite a file": of_file("put_object", own, Body=b"x"),
            "delete a file": of_file("delete_object", own),
            "delete a version": of_file("delete_object", own, VersionId=version),
            "read a file's tags": of_file("get_object_tagging", own),
            "read the access log": of_file("get_object", f"{{{bucket}Logs}}"),
        },
    )


def decrypts_files() -> Grant:
    """Only through S3, and only with the keys of FileKeyArns."""
    return Grant(
        "DecryptFilesUnderTheseKeys",
        (of_file("get_object", Key=ENCRYPTED_FILE),),
        {
            "read a file under another key": of_file("get_object", Key=OTHERWISE_ENCRYPTED_FILE),
            "decrypt by itself": Call("kms", "decrypt", {"CiphertextBlob": b"x"}),
        },
    )


def learns_that_a_file_is_gone() -> Grant:
    return Grant(
        "LearnThatAFileIsGone",
        (of_bucket("list_objects_v2"), of_bucket("list_object_versions")),
        {
            "list another bucket": of_bucket("list_objects_v2", "{Other}"),
            "list another bucket's versions": of_bucket("list_object_versions", "{Other}"),
            "list the account's buckets": Call("s3", "list_buckets", {}),
            "delete the bucket": of_bucket("delete_bucket"),
            "take the bucket's policy away": of_bucket("delete_bucket_policy"),
        },
    )


_TO_BOB = {"ToAddresses": ["bob@example.com"]}
_TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}


def mail(template: str, **other: Any) -> Call:
    """`template` is its name, or a logical id in braces."""
    given = {
        "Source": "links@example.com",
        "Template": template,
        "ConfigurationSetName": "{ConfigurationSet}",
        "DefaultTemplateData": "[]",
        "Destinations": [{"Destination": _TO_BOB}],
    }
    return Call("ses", "send_bulk_templated_email", {**given, **other})


def sends_mails(template: str, neighbour: str) -> list[Grant]:
    """With one sender, one template and one configuration set; all three are asked for."""
    own = (mail(template),)
    return [
        Grant(
            "SendMailsFromOneAddressOnly",
            own,
            {
                "send from another address": mail(template, Source="ceo@example.com"),
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
            own,
            {
                "send another template": mail("{Other}"),
                "send the other stack's template": mail(neighbour),
                "delete the template": Call("ses", "delete_template", {"TemplateName": template}),
            },
        ),
        Grant(
            "SendMailsThroughOneConfigurationSetOnly",
            own,
            {
                "send through another configuration set": mail(
                    template, ConfigurationSetName="{Other}"
                )
            },
        ),
    ]


def tells_the_admin(sid: str, **more: Call) -> Grant:
    return Grant(
        sid,
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
            **{name.replace("_", " "): call for name, call in more.items()},
        },
    )


def _message(topic: str) -> Call:
    return Call("sns", "publish", {"TopicArn": topic, "Message": "x"})

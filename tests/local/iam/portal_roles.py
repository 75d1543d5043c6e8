"""What each role of the portal stack is for, and what lies right beside it.

Programs may use keys that begin with `programs/`.
"""

from __future__ import annotations

from typing import Any

from tests.local.iam.file_grants import (
    OTHER_FILE,
    learns_that_a_file_is_gone,
    mail,
    of_bucket,
    of_file,
    reads_files,
    sends_mails,
    tells_the_admin,
)
from tests.local.iam.grants import (
    Call,
    Grant,
    hands_over_events,
    reads_and_writes_rows,
    sends_traces,
    writes_log,
    writes_rows,
)

LINK_MAIL, PORTAL_MAIL = "{LinkTemplate}", "{PortalMailTemplate}"


def _links(sid: str) -> Grant:
    """One link by its id; never a list of them."""
    found = reads_and_writes_rows(sid, "LinksTable", "LinkId")
    return Grant(found.sid, found.own, {**found.neighbours, **_LISTS})


def _query(index: str | None, key: str, table: str = "{LinksTable}") -> Call:
    given: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": f"{key} = :k",
        "ExpressionAttributeValues": {":k": {"S": "x"}},
    }
    return Call("dynamodb", "query", given | ({"IndexName": index} if index else {}))


_BY_RECIPIENT = _query("LinksByRecipient", "RecipientId")
_TO_REMIND = _query("LinksToRemind", "Reminder")
_LISTS = {"list somebody's links": _BY_RECIPIENT, "list links to remind of": _TO_REMIND}


def _counts() -> Grant:
    return writes_rows("CountRequestsForLinks", "RequestCountsTable", "CountId")


def _invoke(function: str) -> Call:
    return Call("lambda", "invoke", {"FunctionName": function, "InvocationType": "DryRun"})


def _calls_link_mailer(sid: str) -> Grant:
    own = "{LinkMailer}"
    return Grant(
        sid,
        (_invoke(own),),
        {
            "call LinkGenerator": _invoke("{LinkGenerator}"),
            "call PresignApi": _invoke("{PresignApi}"),
            "read its code": Call("lambda", "get_function", {"FunctionName": own}),
            "change its settings": Call(
                "lambda", "update_function_configuration", {"FunctionName": own, "Timeout": 1}
            ),
        },
    )


def _files_of_programs() -> Grant:
    """Reading and writing, whole or in parts, below `programs/`."""
    outside = {"Key": OTHER_FILE}
    return Grant(
        "ReadAndWriteFilesOfPrograms",
        (
            *reads_files("").own,
            of_file("put_object", Body=b"x"),
            of_file("create_multipart_upload"),
            of_file("upload_part", UploadId="x", PartNumber=1, Body=b"x"),
            of_file("abort_multipart_upload", UploadId="x"),
        ),
        {
            "read another file": of_file("get_object", **outside),
            "overwrite another file": of_file("put_object", Body=b"x", **outside),
            "begin another file": of_file("create_multipart_upload", **outside),
            "read another bucket": of_file("get_object", "{Other}"),
            "write another bucket": of_file("put_object", "{Other}", Body=b"x"),
            "delete a file": of_file("delete_object"),
            "delete a version": of_file("delete_object", VersionId="{Version}"),
            "open a file to the world": of_file("put_object_acl", ACL="public-read"),
            "read the access log": of_file("get_object", "{FileExchangeBucketLogs}"),
        },
    )


def _of_every_function(neighbour: str = "PortalApiLogGroup") -> list[Grant]:
    return [
        writes_log("PortalLogGroup", neighbour=neighbour, sid="WriteThePortalsLog"),
        sends_traces(),
    ]


def _with(grant: Grant, **more: Call) -> Grant:
    """The grant, with neighbours of its role alone."""
    named = {name.replace("_", " "): call for name, call in more.items()}
    return Grant(grant.sid, grant.own, {**grant.neighbours, **named})


ROLES: dict[str, list[Grant]] = {
    "PortalRole": [
        _with(reads_files("ReadFilesAndSignLinksToThem"), send_a_mail=mail(PORTAL_MAIL)),
        learns_that_a_file_is_gone(),
        _links("FindLinksAndCountDownloads"),
        _counts(),
        _calls_link_mailer("LetLinkMailerMail"),
        *_of_every_function(),
    ],
    "NonceGateRole": [
        _with(
            _links("FindLinksAndCountDownloads"),
            read_a_file=of_file("get_object"),
            list_files=of_bucket("list_objects_v2"),
            call_LinkMailer=_invoke("{LinkMailer}"),
        ),
        *_of_every_function(),
    ],
    "PresignApiRole": [
        _files_of_programs(),
        learns_that_a_file_is_gone(),
        _with(
            writes_rows("MakeOneTimeLinks", "LinksTable", "LinkId"),
            list_somebodys_links=_BY_RECIPIENT,
            call_LinkMailer=_invoke("{LinkMailer}"),
        ),
        *_of_every_function(),
    ],
    "LinkMailerRole": [
        reads_files("ReadWhatMailsSayOfFiles"),
        learns_that_a_file_is_gone(),
        reads_and_writes_rows("FindLinksAndAddTokens", "LinksTable", "LinkId"),
        Grant(
            "FindLinksByRecipient",
            (_BY_RECIPIENT,),
            {
                "query another table": _query(None, "DeliveryId", "{Other}"),
                "read the whole index": Call(
                    *("dynamodb", "scan"),
                    {"TableName": "{LinksTable}", "IndexName": "LinksByRecipient"},
                ),
            },
        ),
        Grant(
            "FindLinksToRemind",
            (_TO_REMIND,),
            {"query the table itself": _query(None, "LinkId")},
        ),
        _counts(),
        *sends_mails(PORTAL_MAIL, LINK_MAIL),
        tells_the_admin("TellTheAdminOfDownloads", call_itself=_invoke("{LinkMailer}")),
        hands_over_events("PortalDeadLetterQueue"),
        *_of_every_function("LinkGeneratorLogGroup"),
    ],
    "RemindersScheduleRole": [_calls_link_mailer("CallLinkMailer")],
}

"""What each role of the portal stack is for, and what lies right beside it."""

from __future__ import annotations

from typing import Any

from tests.local.iam.file_grants import (
    decrypts_files,
    learns_that_a_file_is_gone,
    mail,
    reads_files,
    sends_mails,
    tells_the_admin,
)
from tests.local.iam.grants import (
    Call,
    Grant,
    hands_over_events,
    invoke,
    reads_rows,
    sends_traces,
    with_neighbours,
    writes_log,
    writes_rows,
)

LINK_MAIL, PORTAL_MAIL = "{LinkTemplate}", "{PortalMailTemplate}"


_TABLE = ("LinksTable", "LinkId")
# Where a link leads, and for whom.
_WHERE = ("Bucket", "File", "Version", "Recipient", "RecipientId")


def _written(sid: str, writes: str, *leaves: str) -> Grant:
    """Its role may read a link, too."""
    grant = writes_rows(sid, *_TABLE, writes=writes, leaves=leaves)
    others = {what: call for what, call in grant.neighbours.items() if what != "read a row"}
    return Grant(sid, grant.own, others)


def _query(index: str | None, key: str, table: str = "{LinksTable}") -> Call:
    given: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": f"{key} = :k",
        "ExpressionAttributeValues": {":k": {"S": "x"}},
    }
    return Call("dynamodb", "query", given | ({"IndexName": index} if index else {}))


_BY_RECIPIENT = _query("LinksByRecipient", "RecipientId")
_TO_REMIND = _query("LinksToRemind", "Reminder")
_LISTS = {"list_somebodys_links": _BY_RECIPIENT, "list_links_to_remind_of": _TO_REMIND}


def _counts() -> Grant:
    """Not what LinkMailer notes of its tasks."""
    return writes_rows(
        *("CountRequestsForLinks", "RequestCountsTable", "CountId"),
        writes="Count",
        leaves=("DoneAt", "Holder", "LinksMailed"),
    )


def _counts_and_notes_tasks() -> Grant:
    return writes_rows("CountMailsAndNoteTasks", "RequestCountsTable", "CountId")


def _calls_link_mailer(sid: str) -> Grant:
    own = "{LinkMailer}"
    return Grant(
        sid,
        (invoke(own),),
        {
            "call LinkGenerator": invoke("{LinkGenerator}"),
            "call Programs": invoke("{Programs}"),
            "read its code": Call("lambda", "get_function", {"FunctionName": own}),
            "change its settings": Call(
                "lambda", "update_function_configuration", {"FunctionName": own, "Timeout": 1}
            ),
        },
    )


def _of_every_function(neighbour: str = "PortalApiLogGroup") -> list[Grant]:
    return [
        writes_log("PortalLogGroup", neighbour=neighbour, sid="WriteThePortalsLog"),
        sends_traces(),
    ]


ROLES: dict[str, list[Grant]] = {
    "PortalRole": [
        with_neighbours(reads_files("ReadFilesAndSignLinksToThem"), send_a_mail=mail(PORTAL_MAIL)),
        decrypts_files(),
        learns_that_a_file_is_gone(),
        with_neighbours(reads_rows("FindLinksByTheirIds", *_TABLE), **_LISTS),
        _written("CountDownloadsAndGuesses", "WrongAnswers", "TokenHashes", *_WHERE),
        _counts(),
        _calls_link_mailer("LetLinkMailerMail"),
        *_of_every_function(),
    ],
    "LinkMailerRole": [
        reads_files("ReadWhatMailsSayOfFiles"),
        learns_that_a_file_is_gone(),
        reads_rows("FindLinksByTheirIds", *_TABLE),
        _written("AddTokensAndTakeReminders", "RemindedAt", "MaxDownloads", *_WHERE),
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
        _counts_and_notes_tasks(),
        *sends_mails(PORTAL_MAIL, LINK_MAIL),
        tells_the_admin("TellTheAdminOfDownloads", call_itself=invoke("{LinkMailer}")),
        hands_over_events("PortalDeadLetterQueue"),
        *_of_every_function("LinkGeneratorLogGroup"),
    ],
    "RemindersScheduleRole": [_calls_link_mailer("CallLinkMailer")],
}

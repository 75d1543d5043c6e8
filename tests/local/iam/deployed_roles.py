"""What each role of the generator stack is for, and what lies right beside it."""

from __future__ import annotations

from tests.local.iam.file_grants import (
    decrypts_files,
    learns_that_a_file_is_gone,
    mail,
    of_file,
    reads_files,
    sends_mails,
    tells_the_admin,
)
from tests.local.iam.grants import Grant, hands_over_events, sends_traces, writes_log, writes_rows

LINK_MAIL, PORTAL_MAIL = "{LinkTemplate}", "{PortalMailTemplate}"

ROLES: dict[str, list[Grant]] = {
    "LinkGeneratorRole": [
        reads_files("ReadFilesAndSignLinksToThem"),
        decrypts_files(),
        learns_that_a_file_is_gone(),
        *sends_mails(LINK_MAIL, PORTAL_MAIL),
        writes_rows("ClaimAndRecordDeliveries"),
        writes_rows("MakeLinksOfThePortal", "LinksTable", "LinkId"),
        hands_over_events(),
        writes_log("LinkGeneratorLogGroup", neighbour="FateRecorderLogGroup"),
        sends_traces(),
    ],
    "FateRecorderRole": [
        writes_rows("RecordTheFatesOfDeliveries"),
        writes_rows("RemindNobodyAfterBadFates", "LinksTable", "LinkId"),
        tells_the_admin(
            "TellTheAdminOfBadFates",
            read_a_file=of_file("get_object"),
            send_a_mail=mail(LINK_MAIL),
        ),
        hands_over_events(),
        writes_log("FateRecorderLogGroup", neighbour="LinkGeneratorLogGroup"),
        sends_traces(),
    ],
}

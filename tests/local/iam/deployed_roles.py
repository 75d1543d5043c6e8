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
from tests.local.iam.gathering_roles import (
    calls_link_generator,
    hands_over_calls,
    hands_the_role_over,
    has_itself_invoked,
    lets_files_wait,
    puts_manifests,
)
from tests.local.iam.grants import (
    Call,
    Grant,
    hands_over_events,
    learns_of_rows,
    sends_traces,
    with_neighbours,
    writes_log,
    writes_rows,
)

LINK_MAIL, PORTAL_MAIL = "{LinkTemplate}", "{PortalMailTemplate}"


def _forgets_reminders() -> Grant:
    """Nothing that opens a link, says where it leads, or tells what is in it."""
    grant = writes_rows(
        *("RemindNobodyAfterBadFates", "LinksTable", "LinkId"),
        writes="Reminder",
        leaves=("TokenHashes", "Recipient", "File", "Version", "ExpiresAt", "RevokedAt"),
    )
    forget = {**grant.own[0].given, "ReturnValues": "ALL_NEW"}
    return with_neighbours(grant, read_a_row_by_writing=Call("dynamodb", "update_item", forget))


ROLES: dict[str, list[Grant]] = {
    "LinkGeneratorRole": [
        reads_files("ReadFilesAndSignLinksToThem"),
        decrypts_files(),
        learns_that_a_file_is_gone(),
        *sends_mails(LINK_MAIL, PORTAL_MAIL),
        writes_rows("ClaimAndRecordDeliveries", leaves=("Fate", "AdminToldAt")),
        learns_of_rows("LookForDeliveriesOfOlderVersions", "DeliveriesLedger", "DeliveryId"),
        writes_rows(
            *("MakeLinksOfThePortal", "LinksTable", "LinkId"),
            writes="TokenHashes",
            leaves=("LockedUntil", "WrongAnswers", "FirstDownloadAt"),
        ),
        lets_files_wait(),
        has_itself_invoked(),
        hands_the_role_over(),
        puts_manifests(),
        hands_over_events(),
        writes_log("LinkGeneratorLogGroup", neighbour="FateRecorderLogGroup"),
        sends_traces(),
    ],
    "GatheringRole": [calls_link_generator(), hands_over_calls()],
    "FateRecorderRole": [
        writes_rows(
            "RecordTheFatesOfDeliveries",
            writes="Fate",
            leaves=("Recipient", "File", "ClaimedUntil"),
        ),
        _forgets_reminders(),
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

"""What a row of the ledger says. Pure.

A row is made when a delivery is first claimed, and removed by DynamoDB after `ExpiresAt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

# The table's key, and the index that lists rows by time. DynamoDB takes 1,000 writes a second for
# one value of an index's key, and a mail comes to three: each year has several.
DELIVERY_ID = "DeliveryId"
TIME_INDEX = "DeliveriesByTime"
YEAR_PART = "YearPart"
RECEIVED_AT = "ReceivedAt"
PARTS_OF_A_YEAR = 8

# What was uploaded, and for whom.
BUCKET = "Bucket"
FILE = "File"  # the key
NAME = "Name"  # where it is not the key's own
VERSION = "Version"
RECIPIENT = "Recipient"

# Who is mailing it, until when (epoch seconds), and how often it was tried.
CLAIMED_BY = "ClaimedBy"
CLAIM_TOKEN = "ClaimToken"  # noqa: S105 - marks one attempt, opens nothing
CLAIMED_UNTIL = "ClaimedUntil"
ATTEMPTS = "Attempts"

# What SES said: a message id when it took the mail, else why it did not.
MESSAGE_ID = "MessageId"
MAILED_AT = "MailedAt"
LINK_EXPIRES_AT = "LinkExpiresAt"
REFUSAL = "Refusal"

# What became of the mail.
FATE = "Fate"
FATE_RANK = "FateRank"
FATE_AT = "FateAt"
FATE_REASON = "FateReason"
ADMIN_TOLD_AT = "AdminToldAt"

EXPIRES_AT = "ExpiresAt"  # DynamoDB's time to live, epoch seconds

# States of a delivery without a fate.
CLAIMED = "Claimed"
REFUSED = "Refused"
MAILED = "Mailed"

# Fates, and how bad they are: only a worse one replaces another, in whatever order they arrive.
DELAYED = "Delayed"
SOFT_BOUNCED = "SoftBounced"
DELIVERED = "Delivered"
BOUNCED = "Bounced"
REJECTED = "Rejected"
RENDERING_FAILED = "RenderingFailed"
COMPLAINED = "Complained"
FATE_RANKS: Mapping[str, Decimal] = {
    DELAYED: Decimal(1),
    # Below Delivered, for it may be an automatic reply to a mail that arrived.
    SOFT_BOUNCED: Decimal("1.5"),
    DELIVERED: Decimal(2),
    BOUNCED: Decimal(3),
    REJECTED: Decimal(3),
    RENDERING_FAILED: Decimal(3),
    COMPLAINED: Decimal(4),
}
FAILED_STATES = frozenset({REFUSED, SOFT_BOUNCED, BOUNCED, REJECTED, RENDERING_FAILED, COMPLAINED})


def state_of(row: Mapping[str, Any]) -> str:
    """How far a delivery has come; `row` has plain values, not DynamoDB's typed ones."""
    if row.get(FATE):
        return str(row[FATE])
    if row.get(MESSAGE_ID):
        return MAILED
    return REFUSED if row.get(REFUSAL) else CLAIMED


def year_part(delivery_id: str, received: datetime) -> str:
    """The part of its year (UTC) under which a row is listed."""
    return year_parts(received.year)[crc32(delivery_id.encode()) % PARTS_OF_A_YEAR]


def year_parts(year: int) -> list[str]:
    """All parts of a year: its rows are in these, each by time."""
    return [f"{year}-{part}" for part in range(PARTS_OF_A_YEAR)]

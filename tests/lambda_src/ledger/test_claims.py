"""Claims and records, on the table in memory and on moto's DynamoDB: the same for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from ledger.claims import CLAIM_LASTS, Claimant, Claims, Entry, Ledger
from mail.sending import Reply
from moto import mock_aws
from tables.service import TableError

from tests.lambda_src.fakes import NOW
from tests.lambda_src.table import Table
from tests.templates.reading import GENERATOR

TABLE = "ledger"
LATER = timedelta(days=30)
BOB = Entry("b" * 32, "files", "a file.pdf", "v1", "bob@example.com", NOW + LATER)
EVE = Entry("e" * 32, "files", "a file.pdf", "v1", "eve@example.com", NOW + LATER)
FIRST = Claimant("request-1", "token-1")
TWIN = Claimant("request-2", "token-2")
RETRY = Claimant("request-1", "token-3")
LAPSED = NOW + CLAIM_LASTS


def never(tries: int) -> bool:
    """Give up at once."""
    return False


def moto_table() -> Any:
    properties = GENERATOR.properties("DeliveriesLedger")
    names = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    client = boto3.client("dynamodb", region_name="eu-west-1")
    client.create_table(TableName=TABLE, **{name: properties[name] for name in names})
    return client


@pytest.fixture(params=["in memory", "moto"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "in memory":
        yield Ledger(Table(), TABLE)
        return
    with mock_aws():
        yield Ledger(moto_table(), TABLE)


def accepted(*entries: Entry) -> dict[str, Reply]:
    return {
        entry.delivery_id: Reply("Success", f"message for {entry.recipient}") for entry in entries
    }


def claim(ledger: Ledger, who: Claimant, *entries: Entry, at: Any = NOW) -> Claims:
    return ledger.claim(entries, who, at, never)


def ids(*entries: Entry) -> frozenset[str]:
    return frozenset(entry.delivery_id for entry in entries)


def test_what_nobody_has_claimed_is_ours(ledger: Ledger) -> None:
    """The first to come may mail everybody."""
    assert claim(ledger, FIRST, BOB, EVE) == Claims(ids(BOB, EVE), frozenset(), {})


def test_a_twin_gets_nothing_while_the_claim_lives(ledger: Ledger) -> None:
    """It learns which request is at it."""
    claim(ledger, FIRST, BOB, EVE)

    claims = claim(ledger, TWIN, BOB, EVE, at=LAPSED - timedelta(seconds=1))

    assert claims == Claims(
        frozenset(), frozenset(), dict.fromkeys((BOB.delivery_id, EVE.delivery_id), "request-1")
    )


def test_what_was_mailed_is_never_claimed_again(ledger: Ledger) -> None:
    """By nobody, however much later."""
    claim(ledger, FIRST, BOB, EVE)
    ledger.record(accepted(BOB), FIRST, NOW, NOW, never)

    assert claim(ledger, RETRY, BOB, at=NOW + LATER) == Claims(frozenset(), ids(BOB), {})


def test_a_retry_claims_only_those_not_mailed(ledger: Ledger) -> None:
    """Half of a bulk call failed: the other half keeps its mail and gets no second one."""
    claim(ledger, FIRST, BOB, EVE)
    refused = {EVE.delivery_id: Reply("AccountThrottled")}
    ledger.record(accepted(BOB) | refused, FIRST, NOW, NOW, never)

    assert claim(ledger, RETRY, BOB, EVE) == Claims(ids(EVE), ids(BOB), {})


def test_a_claim_that_lapsed_is_taken_over(ledger: Ledger) -> None:
    """Its holder died; a claim is shorter than Lambda's first wait."""
    claim(ledger, FIRST, BOB)

    assert claim(ledger, RETRY, BOB, at=LAPSED).ours == ids(BOB)
    assert timedelta(seconds=60) > CLAIM_LASTS


def test_an_answer_that_never_came_does_not_lock_us_out(ledger: Ledger) -> None:
    """The claim was written, its answer lost: asking again with the same token succeeds."""
    claim(ledger, FIRST, BOB)

    assert claim(ledger, FIRST, BOB).ours == ids(BOB)


def test_only_the_holder_gives_a_claim_back(ledger: Ledger) -> None:
    """A refusal that comes late leaves the claim of whoever holds the row by then."""
    claim(ledger, FIRST, BOB)
    claim(ledger, TWIN, BOB, at=LAPSED)
    ledger.record({BOB.delivery_id: Reply("Failed")}, FIRST, LAPSED, LAPSED, never)

    assert claim(ledger, RETRY, BOB, at=LAPSED).held_by == {BOB.delivery_id: "request-2"}


def test_a_mail_is_recorded_whoever_holds_the_row(ledger: Ledger) -> None:
    """SES took it: that is a fact, also when the claim was lost meanwhile, beside a refusal."""
    claim(ledger, FIRST, BOB, EVE)
    claim(ledger, TWIN, BOB, EVE, at=LAPSED)
    late = accepted(BOB) | {EVE.delivery_id: Reply("Failed")}
    ledger.record(late, FIRST, LAPSED, LAPSED, never)

    assert claim(ledger, RETRY, BOB, at=LAPSED).mailed == ids(BOB)


def test_a_row_says_who_was_told_of_what(ledger: Ledger) -> None:
    """Its whole content, in the words that the tool and people read."""
    claim(ledger, FIRST, replace(BOB, version=None), at=NOW - timedelta(days=1))
    ledger.record({BOB.delivery_id: Reply("Failed")}, FIRST, NOW, NOW, never)
    claim(ledger, RETRY, BOB)
    ledger.record(accepted(BOB), RETRY, NOW, NOW + timedelta(hours=5), never)

    [row] = rows_of(ledger)
    assert row == {
        "DeliveryId": "b" * 32,
        "Bucket": "files",
        "File": "a file.pdf",
        "Version": "v1",
        "Recipient": "bob@example.com",
        "YearPart": "2026-4",
        "ReceivedAt": "2026-11-20T13:05:30.250Z",
        "ClaimedBy": "request-1",
        "ClaimToken": "token-3",
        "Attempts": 2,
        "MessageId": "message for bob@example.com",
        "MailedAt": "2026-11-21T13:05:30.250Z",
        "LinkExpiresAt": "2026-11-21T18:05:30.250Z",
        "ExpiresAt": int((NOW + LATER).timestamp()),
    }


def rows_of(ledger: Ledger) -> list[dict[str, Any]]:
    client: Any = ledger.client
    if isinstance(client, Table):
        return client.rows
    table = boto3.resource("dynamodb", region_name="eu-west-1").Table(TABLE)
    return list(table.scan()["Items"])


@pytest.mark.parametrize("count", [1, 50])
def test_a_claim_and_a_record_are_one_call_each(count: int) -> None:
    """For as many recipients as one mail to SES can have."""
    table = Table()
    ledger = Ledger(table, TABLE)
    entries = [replace(BOB, delivery_id=f"{number:032}") for number in range(count)]

    ledger.claim(entries, FIRST, NOW, never)
    ledger.record(accepted(*entries), FIRST, NOW, NOW, never)

    assert table.calls == 2


def test_a_ledger_that_does_not_answer_is_asked_again() -> None:
    """While there is time."""
    table = Table()
    table.fails("ThrottlingException", "InternalServerError")
    waits: list[int] = []

    def patient(tries: int) -> bool:
        waits.append(tries)
        return True

    assert Ledger(table, TABLE).claim([BOB], FIRST, NOW, patient).ours == ids(BOB)
    assert waits == [0, 1]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_what_waiting_cannot_mend_is_told_at_once(code: str) -> None:
    """No time is lost on a table that is not there."""
    table = Table()
    table.fails(code)

    with pytest.raises(TableError, match=code):
        Ledger(table, TABLE).claim([BOB], FIRST, NOW, lambda tries: True)

    assert table.calls == 1


@pytest.mark.parametrize(
    ("reason", "tries"),
    [("TransactionConflict", 2), ("ThrottlingError", 2), ("ValidationError", 1)],
)
def test_a_cancelled_transaction_says_why(reason: str, tries: int) -> None:
    """Tried again where that can help; a request that is wrong stays wrong."""
    table = Table()
    table.cancels(*[reason] * 2)

    with pytest.raises(TableError, match=reason):
        Ledger(table, TABLE).claim([BOB], FIRST, NOW, lambda before: before < 1)

    assert table.calls == tries

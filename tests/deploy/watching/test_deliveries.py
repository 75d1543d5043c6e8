"""Reading the ledger: years, pages, choices; and how a delivery reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ledger.rows import PARTS_OF_A_YEAR, year_part, year_parts

from deploy.aws.clients import Clients, connect_with_keys
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from deploy.stacks.lookup import StackState
from deploy.watching.deliveries import (
    ALL_DELIVERIES,
    Delivery,
    DeliveryFilter,
    Ledger,
    last_deliveries,
    ledger_of,
    read_deliveries,
)
from tests.clock import BERLIN, zone

TABLE = "ledger"
SHARE = {
    "file": ".s3link/shares/20261130-9f86d081.json",
    "name": "report.pdf and 11 more files",
}
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
# When each file was received, counted back from NOW; several on one day, and a day with none.
AGES = {
    "new.pdf": timedelta(minutes=1),
    "morning.pdf": timedelta(hours=11),
    "yesterday.pdf": timedelta(hours=13),
    "week.pdf": timedelta(days=7),
    "old.pdf": timedelta(days=90),
}


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    """An account with a ledger that holds one delivery for each of AGES."""
    with EmbeddedAws() as aws:
        clients = connect_with_keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, aws.region, aws.endpoint)
        make_table(clients)
        for file, age in AGES.items():
            put(clients, File=file, ReceivedAt=NOW - age)
        yield clients


def make_table(clients: Clients) -> None:
    kinds = {"DeliveryId": "S", "YearPart": "S", "ReceivedAt": "S"}
    index: Any = {
        "IndexName": "DeliveriesByTime",
        "KeySchema": [
            {"AttributeName": "YearPart", "KeyType": "HASH"},
            {"AttributeName": "ReceivedAt", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL_DELIVERIES"},
    }
    clients.dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "DeliveryId", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()
        ],
        GlobalSecondaryIndexes=[index],
    )


def put(clients: Clients, **attributes: Any) -> None:
    received: datetime = attributes.pop("ReceivedAt")
    row = {
        "DeliveryId": attributes["File"],
        "Recipient": "bob@example.com",
        "YearPart": year_part(attributes["File"], received),
        "ReceivedAt": f"{received:%Y-%m-%dT%H:%M:%S}.000Z",
        **attributes,
    }
    clients.dynamodb.put_item(
        TableName=TABLE,
        Item={name: {"S": value} for name, value in row.items()} | {"Attempts": {"N": "1"}},
    )


@pytest.fixture
def ledger(clients: Clients) -> Ledger:
    return Ledger(clients.dynamodb, TABLE, timedelta(days=95))


def files(deliveries: Iterator[Delivery]) -> list[str]:
    return [delivery.file for delivery in deliveries]


def delivery(**fields: Any) -> Delivery:
    """A delivery that was mailed, but for the fields given."""
    usual: dict[str, Any] = {
        "id": "00ff",
        "received_at": "2026-11-25T06:58:01.123Z",
        "file": "report.pdf",
        "version": "v1",
        "recipient": "bob@example.com",
        "state": "Mailed",
        "reason": None,
        "attempts": 1,
        "message_id": "0102",
        "mailed_at": "2026-11-25T06:58:02.123Z",
        "link_expires_at": "2026-11-25T11:58:02.000Z",
        "fate_at": None,
    }
    return Delivery(**{**usual, **fields})


def test_all_deliveries_come_newest_first(ledger: Ledger) -> None:
    """As far back as the ledger remembers."""
    assert files(read_deliveries(ledger, ALL_DELIVERIES, NOW)) == list(AGES)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (NOW - timedelta(hours=11), ["new.pdf", "morning.pdf"]),
        (NOW - timedelta(hours=10), ["new.pdf"]),
        (NOW - timedelta(days=7), ["new.pdf", "morning.pdf", "yesterday.pdf", "week.pdf"]),
        (NOW, []),
    ],
)
def test_since_is_a_moment_within_a_day(ledger: Ledger, since: datetime, found: list[str]) -> None:
    """Also where it is not the beginning of one."""
    assert files(read_deliveries(ledger, ALL_DELIVERIES, NOW, since)) == found


def test_pages_are_followed(clients: Clients, ledger: Ledger) -> None:
    """DynamoDB ends a page after a megabyte; here after each delivery."""
    with queries(clients) as asked:
        found = [one.file for one in ledger.deliveries(NOW, NOW - timedelta(days=1), page_size=1)]

    assert found == list(AGES)[:3]
    assert len(asked) > PARTS_OF_A_YEAR


def test_the_years_are_read_one_after_the_other(clients: Clients, ledger: Ledger) -> None:
    """Whoever wants one does not wait for ten years to be read."""
    ten_years = NOW - timedelta(days=3653)

    with queries(clients) as asked:
        assert files(read_deliveries(ledger, ALL_DELIVERIES, NOW, ten_years, 1)) == ["new.pdf"]
    assert set(asked) == set(year_parts(2026))

    with queries(clients) as asked:
        assert files(read_deliveries(ledger, ALL_DELIVERIES, NOW, ten_years)) == list(AGES)
    assert len(set(asked)) == len(asked) == 11 * PARTS_OF_A_YEAR


@contextmanager
def queries(clients: Clients) -> Iterator[list[str]]:
    """The parts of years that are asked for meanwhile, those of which more than a page is there
    again."""
    asked: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["ExpressionAttributeValues"][":part"]["S"])

    events = clients.dynamodb.meta.events
    events.register("provide-client-params.dynamodb.Query", note, unique_id="count")
    yield asked
    events.unregister("provide-client-params.dynamodb.Query", unique_id="count")


def test_the_last_deliveries_at_a_glance(ledger: Ledger) -> None:
    """As many as asked for, if there were so many since then."""
    assert [one.file for one in last_deliveries(ledger, 2, NOW - timedelta(days=14), NOW)] == list(
        AGES
    )[:2]
    assert [one.file for one in last_deliveries(ledger, 9, NOW - timedelta(days=14), NOW)] == list(
        AGES
    )[:4]


@pytest.mark.parametrize(
    ("wanted", "fields", "is_included"),
    [
        (ALL_DELIVERIES, {}, True),
        (DeliveryFilter(file="report.pdf"), {}, True),
        (DeliveryFilter(file="report"), {}, False),
        (DeliveryFilter(file="Report.pdf"), {}, False),
        (DeliveryFilter(file="*.pdf"), {}, True),
        (DeliveryFilter(file="r*t.p*"), {}, True),
        (DeliveryFilter(file="*"), {"file": "a\nb/c"}, True),
        (DeliveryFilter(file="report*"), {"file": "7f3e", "name": "report.pdf"}, True),
        (DeliveryFilter(file="7f3e"), {"file": "7f3e", "name": "report.pdf"}, True),
        (DeliveryFilter(file="report.pdf and*"), SHARE, True),
        (DeliveryFilter(file="20261130-9f86d081"), SHARE, True),
        (DeliveryFilter(file="20261130-9f86d081.json"), SHARE, False),
        (DeliveryFilter(file="7f3e.pdf"), {"file": "7f3e", "name": "report.pdf"}, False),
        (DeliveryFilter(file="gr\u00fc\u00dfe.txt"), {"file": "gru\u0308\u00dfe.txt"}, True),
        (DeliveryFilter(file="gru\u0308*.txt"), {"file": "gr\u00fc\u00dfe.txt"}, True),
        (DeliveryFilter(file="gru*e.txt"), {"file": "gru\u0308\u00dfe.txt"}, False),
        (DeliveryFilter(file="*.pdf"), {"file": "report.pdf.exe"}, False),
        (DeliveryFilter(file="r?port.pdf"), {}, False),
        (DeliveryFilter(file="[r]eport.pdf"), {"file": "[r]eport.pdf"}, True),
        (DeliveryFilter(recipient="BOB@example.com"), {"recipient": "Bob@example.com"}, True),
        (DeliveryFilter(recipient="bob@example.com"), {"recipient": "bob@example.com.au"}, False),
        (DeliveryFilter(failed=True), {}, False),
        (DeliveryFilter(failed=True), {"state": "Claimed"}, False),
        (DeliveryFilter(failed=True), {"state": "Delayed"}, False),
        (DeliveryFilter(failed=True), {"state": "Refused"}, True),
        (DeliveryFilter(failed=True), {"state": "Bounced"}, True),
        (DeliveryFilter(failed=True), {"state": "Rejected"}, True),
        (DeliveryFilter(failed=True), {"state": "RenderingFailed"}, True),
        (DeliveryFilter(failed=True), {"state": "Complained"}, True),
        (DeliveryFilter("*.pdf", "bob@example.com", failed=True), {"state": "Bounced"}, True),
        (DeliveryFilter("*.txt", "bob@example.com", failed=True), {"state": "Bounced"}, False),
    ],
)
def test_which_deliveries_are_wanted(
    wanted: DeliveryFilter, fields: dict[str, str], is_included: bool
) -> None:
    """A key matches exactly, * stands for anything; choices can be combined."""
    assert wanted.includes(delivery(**fields)) == is_included


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        ({}, ("Mailed", "bob@example.com", "report.pdf", "", "")),
        (SHARE, ("Mailed", "bob@example.com", "share 20261130-9f86d081", SHARE["name"], "")),
        (
            {"state": "Bounced", "reason": "550 no such user"},
            ("Bounced", "bob@example.com", "report.pdf", "", "550 no such user"),
        ),
        (
            {"file": "7f3e", "name": "Q3 report.pdf"},
            ("Mailed", "bob@example.com", "7f3e", "Q3 report.pdf", ""),
        ),
        (
            {"state": "Delivered", "reason": "250 ok"},
            ("Delivered", "bob@example.com", "report.pdf", "", ""),
        ),
    ],
)
def test_a_delivery_is_one_row(fields: dict[str, str], cells: tuple[str, ...]) -> None:
    """Local time first; at its end the reason of one that failed, which is red."""
    with zone(BERLIN):
        row = delivery(**fields).row

    assert row.cells == ("2026-11-25 07:58 CET", *cells)
    assert row.colour == ("red" if cells[0] == "Bounced" else None)


@pytest.mark.parametrize(
    ("attributes", "state", "reason"),
    [
        ({}, "Claimed", None),
        ({"Refusal": "AccountThrottled"}, "Refused", "AccountThrottled"),
        ({"MessageId": "0102", "Refusal": "AccountThrottled"}, "Mailed", "AccountThrottled"),
        (
            {"MessageId": "0102", "Fate": "Bounced", "FateReason": "no such user"},
            "Bounced",
            "no such user",
        ),
    ],
)
def test_the_state_is_the_latest_that_is_known(
    clients: Clients, ledger: Ledger, attributes: dict[str, str], state: str, reason: str | None
) -> None:
    """The fate, else what SES said, else that somebody is at it."""
    long_ago = NOW - timedelta(days=400)
    put(clients, File="state.pdf", ReceivedAt=long_ago, **attributes)

    [found] = read_deliveries(ledger, DeliveryFilter("state.pdf"), long_ago, long_ago)

    assert (found.state, found.reason, found.attempts) == (state, reason, 1)


def generator(**outputs: str) -> StackState:
    parameters = {"ExchangableObjectsTTL": "3", "LogsTTL": "30"}
    return StackState(
        "s3link-generator", "id", "CREATE_COMPLETE", "", parameters, outputs, {}, False
    )


def test_how_far_back_there_can_be_a_row(clients: Clients) -> None:
    """A row outlives its file by as many days as logs are kept, and DynamoDB is slow to remove."""
    ledger = ledger_of(clients, generator(DeliveriesLedgerName=TABLE))

    assert ledger is not None
    assert ledger.retention == timedelta(days=37)


def test_a_stack_older_than_the_ledger_has_none(clients: Clients) -> None:
    """It has no such output."""
    assert ledger_of(clients, generator()) is None

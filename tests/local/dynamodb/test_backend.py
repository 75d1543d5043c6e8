"""DynamoDB's conditional writes and transactions, as a ledger of deliveries needs them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account
from tests.local.dynamodb.tables import INDEX, TABLE, Table, claim


@pytest.fixture
def table(account: Account) -> Table:
    return Table(account)


def test_a_condition_that_does_not_hold(table: Table) -> None:
    """The error of an update brings the item that stood in its way."""
    table.put("a", Owner="ann")

    with pytest.raises(table.client.exceptions.ConditionalCheckFailedException) as refused:
        table.client.update_item(**claim("bob", "a"))

    assert refused.value.response["Item"] == {"Id": {"S": "a"}, "Owner": {"S": "ann"}}
    assert table.owner("a") == "ann"


def test_a_cancelled_transaction(table: Table) -> None:
    """Nothing of it is written; each operation has its reason, the failed ones their item."""
    table.put("b", Owner="ann")
    table.put("d", Note="mine")

    with pytest.raises(table.client.exceptions.TransactionCanceledException) as cancelled:
        table.claim("bob", "a", "b", "c", "d")

    none = {"Code": "None"}
    assert cancelled.value.response["CancellationReasons"] == [
        none,
        {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
            "Item": {"Id": {"S": "b"}, "Owner": {"S": "ann"}},
        },
        none,
        none,
    ]
    items = table.client.scan(TableName=TABLE)["Items"]
    assert sorted(items, key=str) == [
        {"Id": {"S": "b"}, "Owner": {"S": "ann"}},
        {"Id": {"S": "d"}, "Note": {"S": "mine"}},
    ]


def test_a_transaction_that_breaks_off(table: Table) -> None:
    """What was written before an operation that is wrong is as it was before."""
    table.put("a", Note="mine")
    wrong = {**claim("bob", "c"), "UpdateExpression": "SET #owner = :owner, Nobody = Unknown"}

    with pytest.raises(ClientError) as refused:
        table.client.transact_write_items(
            TransactItems=[
                {"Update": claim("bob", "a")},
                {"Put": {"TableName": TABLE, "Item": {"Id": {"S": "b"}}}},
                {"Update": wrong},
            ]
        )

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert table.client.scan(TableName=TABLE)["Items"] == [
        {"Id": {"S": "a"}, "Note": {"S": "mine"}}
    ]


def test_every_kind_of_operation(table: Table) -> None:
    """A transaction can put, delete, update and check."""
    for identity in ("a", "b", "c"):
        table.put(identity)
    key = {"TableName": TABLE, "Key": {"Id": {"S": "a"}}}

    table.client.transact_write_items(
        TransactItems=[
            {"Delete": key},
            {
                "ConditionCheck": {
                    **key,
                    "Key": {"Id": {"S": "b"}},
                    "ConditionExpression": "attribute_exists(Id)",
                }
            },
            {"Put": {"TableName": TABLE, "Item": {"Id": {"S": "c"}, "New": {"N": "1"}}}},
            {"Update": claim("bob", "d")},
        ]
    )

    items = table.client.scan(TableName=TABLE)["Items"]
    assert sorted(items, key=str) == [
        {"Id": {"S": "b"}},
        {"Id": {"S": "c"}, "New": {"N": "1"}},
        {"Id": {"S": "d"}, "Owner": {"S": "bob"}},
    ]


@pytest.mark.parametrize(
    ("operations", "code"),
    [
        ([{"Update": claim("a", "a")}, {"Update": claim("b", "a")}], "ValidationException"),
        ([{"Update": claim("a", str(number))} for number in range(101)], "ValidationException"),
        ([{"Update": {**claim("a", "a"), "TableName": "none"}}], "ResourceNotFoundException"),
    ],
    ids=["one item twice", "over 100 operations", "no such table"],
)
def test_transactions_that_dynamodb_refuses(
    table: Table, operations: list[dict[str, Any]], code: str
) -> None:
    """What is wrong with a transaction is an error of the call, and nothing is written."""
    with pytest.raises(ClientError) as refused:
        table.client.transact_write_items(TransactItems=operations)

    assert refused.value.response["Error"]["Code"] == code
    assert table.client.scan(TableName=TABLE)["Items"] == []


def test_a_transaction_sent_again(table: Table) -> None:
    """With the same token it succeeds and writes nothing; another one may not take the token."""
    table.claim("ann", "a", ClientRequestToken="token")

    table.claim("ann", "a", ClientRequestToken="token")
    with pytest.raises(ClientError) as refused:
        table.claim("bob", "b", ClientRequestToken="token")

    assert refused.value.response["Error"]["Code"] == "IdempotentParameterMismatchException"
    assert (table.owner("a"), table.owner("b")) == ("ann", None)


@pytest.mark.slow
def test_twenty_callers_and_the_same_fifty_items(table: Table) -> None:
    """Exactly one gets all of them, and the others get none."""
    identities = [str(number) for number in range(50)]

    def attempt(number: int) -> bool:
        try:
            table.claim(f"caller {number}", *identities)
        except table.client.exceptions.TransactionCanceledException:
            return False
        return True

    with ThreadPoolExecutor(20) as callers:
        outcomes = list(callers.map(attempt, range(20)))

    assert outcomes.count(True) == 1
    winner = f"caller {outcomes.index(True)}"
    assert {table.owner(identity) for identity in identities} == {winner}


def test_pages_of_an_index(table: Table) -> None:
    """An index is read newest first, page by page."""
    for number in range(5):
        table.put(str(number), Day="2026-11-25", At=f"2026-11-25T0{number}:00:00Z")
    table.put("other", Day="2026-11-24", At="2026-11-24T00:00:00Z")

    pages = table.client.get_paginator("query").paginate(
        TableName=TABLE,
        IndexName=INDEX,
        KeyConditionExpression="#day = :day",
        ExpressionAttributeNames={"#day": "Day"},
        ExpressionAttributeValues={":day": {"S": "2026-11-25"}},
        ScanIndexForward=False,
        PaginationConfig={"PageSize": 2},
    )

    found = [[item["Id"]["S"] for item in page["Items"]] for page in pages]
    assert found[:3] == [["4", "3"], ["2", "1"], ["0"]]

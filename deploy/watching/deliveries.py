"""Reads the deliveries ledger: who was told of which file, and what became of the mail.

The parts of each year are read side by side, newest first, page by page. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from deploy.aws.side_by_side import Readers, begun
from deploy.errors import LedgerError
from deploy.lambda_packages import DEAD_LETTERS_LAST, moment_text, rows
from deploy.patterns import file_pattern, share_of
from deploy.stacks.lookup import require_generator
from deploy.table import Row, columns
from deploy.wording import moment

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryInputTypeDef

    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState

# DynamoDB removes a row "within a few days" after its time; days of the clock add some hours.
_SOME_DAYS = 4
# Rows of a page. DynamoDB would give some thousands; of each of a year's parts two pages are in
# memory at a time, and the first row is printed when the first pages have come.
_PAGE = 500

COLUMNS = columns("RECEIVED", "STATE", "RECIPIENT", "FILE", "NAME", "WHY")


@dataclass(frozen=True)
class Delivery:
    """One row of the ledger: one upload for one recipient. Times are as the ledger has them.

    `file` is the key, `name` what the mail called it, where that is another.
    """

    id: str
    received_at: str
    file: str
    version: str | None
    recipient: str
    state: str
    reason: str | None
    attempts: int
    message_id: str | None
    mailed_at: str | None
    link_expires_at: str | None
    fate_at: str | None
    name: str | None = None

    @property
    def is_failed(self) -> bool:
        return self.state in rows.FAILED_STATES

    @property
    def row(self) -> Row:
        """The delivery for reading, as COLUMNS have it; why, if it failed."""
        return Row(
            (
                moment(self.received_at),
                self.state,
                self.recipient,
                f"share {share}" if (share := share_of(self.file)) else self.file,
                self.name or "",
                (self.reason or "") if self.is_failed else "",
            ),
            "red" if self.is_failed else None,
        )


@dataclass(frozen=True)
class DeliveryFilter:
    """Which deliveries are asked for. In `file`, each * stands for any characters; it may be the
    key, the name that the mails said, or the id of a share."""

    file: str | None = None
    recipient: str | None = None
    failed: bool = False

    def includes(self, delivery: Delivery) -> bool:
        return (
            (self._file is None or self._file(delivery.file, delivery.name or ""))
            and (self.recipient is None or self.recipient.lower() == delivery.recipient.lower())
            and (delivery.is_failed or not self.failed)
        )

    @cached_property
    def _file(self) -> Callable[[str, str], bool] | None:
        return None if self.file is None else file_pattern(self.file)


ALL_DELIVERIES = DeliveryFilter()


@dataclass(frozen=True)
class Ledger:
    """The table, and how long it remembers."""

    client: DynamoDBClient
    table: str
    retention: timedelta

    def deliveries(
        self, now: datetime, since: datetime | None = None, page_size: int | None = None
    ) -> Iterator[Delivery]:
        """All since a moment, newest first; without one, as far back as it remembers."""
        start = since or now - self.retention
        with Readers() as running:
            for year in range(now.year, start.year - 1, -1):
                parts = [
                    begun(self._pages(part, moment_text(start), page_size), running)
                    for part in rows.year_parts(year)
                ]
                yield from merge(
                    *map(chain.from_iterable, parts),
                    key=lambda delivery: delivery.received_at,
                    reverse=True,
                )

    def _pages(self, part: str, start: str, page_size: int | None) -> Iterator[list[Delivery]]:
        query: QueryInputTypeDef = {
            "TableName": self.table,
            "IndexName": rows.TIME_INDEX,
            "KeyConditionExpression": "#part = :part AND #received >= :start",
            "ExpressionAttributeNames": {"#part": rows.YEAR_PART, "#received": rows.RECEIVED_AT},
            "ExpressionAttributeValues": {":part": {"S": part}, ":start": {"S": start}},
            "ScanIndexForward": False,
        }
        query["Limit"] = min(page_size or _PAGE, _PAGE)
        while True:
            page, further = self._page(query)
            yield page
            if not further:
                return
            query["ExclusiveStartKey"] = further

    def _page(self, query: QueryInputTypeDef) -> tuple[list[Delivery], Any]:
        """One page, and from where the next one goes on; of the whole answer nothing is kept."""
        answer = self.client.query(**query)
        return [_delivery(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")


def find_ledger(clients: Clients, deployment: Deployment) -> Ledger:
    """The deployment's ledger. Raises StackError without a stack, LedgerError without a ledger."""
    return require_ledger(clients, deployment, require_generator(clients, deployment))


def require_ledger(clients: Clients, deployment: Deployment, generator: StackState) -> Ledger:
    """The ledger of a generator stack; raises LedgerError without one."""
    ledger = ledger_of(clients, generator)
    if ledger is None:
        raise LedgerError(
            f"Stack {generator.name} has no deliveries ledger yet, because it was deployed by an "
            f"older s3link; run `{deployment.command('deploy')}`."
        )
    return ledger


def ledger_of(clients: Clients, generator: StackState) -> Ledger | None:
    """The ledger of a generator stack; None when the stack is older than the ledger."""
    table = generator.outputs.get("DeliveriesLedgerName")
    return Ledger(clients.dynamodb, table, _retention(generator.parameters)) if table else None


def read_deliveries(
    ledger: Ledger,
    delivery_filter: DeliveryFilter,
    now: datetime,
    since: datetime | None = None,
    limit: int | None = None,
) -> Iterator[Delivery]:
    """The deliveries that pass the filter, newest first, as they are read; at most `limit`."""
    # A limit without a filter says how much of each part is looked at, at the most.
    page_size = limit if delivery_filter == ALL_DELIVERIES else None
    found = (
        one for one in ledger.deliveries(now, since, page_size) if delivery_filter.includes(one)
    )
    return islice(found, limit)


def last_deliveries(
    ledger: Ledger, number: int, since: datetime, now: datetime
) -> tuple[Delivery, ...]:
    """The last deliveries, if there were so many since then."""
    return tuple(islice(ledger.deliveries(now, since, page_size=number), number))


def _retention(parameters: Mapping[str, str]) -> timedelta:
    """How old a row can be: see `row_ends` of LinkGenerator; S3 lets files go at midnight."""
    remembered = max(int(parameters["LogsTTL"]), DEAD_LETTERS_LAST.days)
    days = int(parameters["ExchangableObjectsTTL"]) + remembered + _SOME_DAYS
    return timedelta(days=days)


def _delivery(item: Mapping[str, Any]) -> Delivery:
    row = {name: next(iter(value.values())) for name, value in item.items()}
    return Delivery(
        id=row[rows.DELIVERY_ID],
        received_at=row[rows.RECEIVED_AT],
        file=row.get(rows.FILE, ""),
        version=row.get(rows.VERSION),
        recipient=row.get(rows.RECIPIENT, ""),
        state=rows.state_of(row),
        reason=row.get(rows.FATE_REASON) or row.get(rows.REFUSAL),
        attempts=int(row.get(rows.ATTEMPTS, 0)),
        message_id=row.get(rows.MESSAGE_ID),
        mailed_at=row.get(rows.MAILED_AT),
        link_expires_at=row.get(rows.LINK_EXPIRES_AT),
        fate_at=row.get(rows.FATE_AT),
        name=row.get(rows.NAME),
    )

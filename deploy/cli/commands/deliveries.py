"""`s3link deliveries`: who was told of which file, and what became of the mail."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.types import ADDRESS, MOMENT
from deploy.table import Table

if TYPE_CHECKING:
    from deploy.watching.deliveries import DeliveryFilter


@click.command()
@click.option(
    "--file", metavar="KEY", help="Only this file, by its key or its name; * stands for anything."
)
@click.option("--recipient", type=ADDRESS, metavar="ADDRESS", help="Only mails to this address.")
@click.option("--failed", is_flag=True, help="Only what SES refused, or what did not arrive.")
@click.option(
    "--since",
    type=MOMENT,
    metavar="7d|DATE",
    help="How far to look back.  [default: as far as the ledger remembers]",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the newest ones.")
@common_options
def command(
    invocation: Invocation,
    file: str | None,
    recipient: str | None,
    failed: bool,
    since: datetime | None,
    limit: int | None,
) -> None:
    """Show the deliveries, newest first: a row for each upload and recipient.

    \b
    s3link deliveries --limit 20
    s3link deliveries --file "reports/*" --recipient bob@example.com
    s3link deliveries --failed --since 7d --output json
    """
    from deploy.watching import deliveries

    ledger = deliveries.find_ledger(invocation.clients, invocation.deployment)
    delivery_filter, now = deliveries.DeliveryFilter(file, recipient, failed), datetime.now(UTC)
    console = invocation.console
    found = deliveries.read_deliveries(ledger, delivery_filter, now, since, limit)
    first = next(found, None)
    rows = chain([first] if first else [], found)
    if invocation.output == "json":
        console.result_rows("deliveries", map(vars, rows))
    else:
        console.table(Table(deliveries.COLUMNS, (one.row for one in rows)))
    if first is None:
        nothing = _nothing(invocation, delivery_filter, since or now - ledger.retention)
        tell = console.progress if invocation.output == "json" else partial(console.result, {})
        tell(nothing)


def _nothing(invocation: Invocation, delivery_filter: DeliveryFilter, start: datetime) -> str:
    """That nothing was found, and where else an upload might be."""
    from deploy.stacks.lookup import require_generator
    from deploy.watching.deliveries import ALL_DELIVERIES
    from deploy.watching.status import queue_depth
    from deploy.wording import counted, moment

    what = "delivery" if delivery_filter == ALL_DELIVERIES else "delivery of this kind"
    sentence = f"The ledger has no {what} since {moment(start)}."
    generator = require_generator(invocation.clients, invocation.deployment)
    waiting = queue_depth(invocation.clients, generator.outputs["DeadLetterQueueUrl"])
    if not waiting:
        return sentence
    advice = invocation.deployment.command("dlq list")
    return (
        f"{sentence} {counted(waiting, 'event')} could not be announced and may be about it: "
        f"`{advice}`."
    )

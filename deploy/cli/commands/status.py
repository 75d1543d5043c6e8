"""`s3link status`: what needs doing, then how much there is of everything; names with --verbose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.table import Row, Table, columns
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.watching.needs import Need
    from deploy.watching.status import Status

_COLOURS = {"broken": "red", "waiting": "yellow"}


@click.command()
@click.option("--verbose", is_flag=True, help="Name all stacks, outputs, alarms and deliveries.")
@common_options
def command(invocation: Invocation, verbose: bool) -> None:
    """Show what needs doing, and how it stands otherwise.

    \b
    s3link status
    s3link status --verbose
    s3link status --output json
    """
    from deploy.watching.needs import needs_of
    from deploy.watching.status import read_status

    status = read_status(invocation.clients, invocation.deployment)
    needs = needs_of(status, invocation.deployment)
    invocation.console.result(
        {"needs": [asdict(need) for need in needs], **asdict(status)},
        *shown(status, needs, verbose),
    )


def shown(status: Status, needs: Iterable[Need], verbose: bool) -> Iterator[str | Table]:
    """What people read of it, part by part."""
    yield _needs(needs) if needs else click.style("Nothing needs doing.", fg="green")
    for table in (_counts(status), *(_names(status) if verbose else ())):
        if table.rows:
            yield from ("", table)


def _needs(needs: Iterable[Need]) -> Table:
    return Table(
        columns("STATE", "NEEDS DOING"),
        [
            Row((need.level, (need.sentence, f"→ {need.next}")), _COLOURS[need.level])
            for need in needs
        ],
    )


def _counts(status: Status) -> Table:
    rows = {
        "Stacks": _tally(stack.status for stack in status.stacks),
        "Alarms": _tally(alarm.state for alarm in status.alarms),
        "Alarms are mailed to": _addresses(status),
        "Dead-letter queue": _waiting(status.undelivered, "event"),
        "Dead-letter queue of the portal": _waiting(status.undelivered_of_portal, "task"),
        "Last deliveries": _deliveries(status),
        "SES": _ses(status),
        "Bucket": status.output("FileExchangeBucketName"),
        "Portal": status.portal and f"{status.portal}/",
        "API for programs": status.programs,
        "Members area": status.members and f"{status.members}/",
    }
    return Table(
        columns("WHAT", "HOW IT STANDS"),
        [Row((what, how)) for what, how in rows.items() if how],
    )


def _tally(states: Iterable[str]) -> str:
    """How many are in each state: "13 OK, 1 ALARM"."""
    return ", ".join(f"{number} {state}" for state, number in Counter(states).most_common())


def _addresses(status: Status) -> str:
    told = [one.endpoint for one in status.subscriptions if one.confirmed]
    return ", ".join(told) or "nobody"


def _waiting(number: int | None, noun: str) -> str | None:
    return None if number is None else counted(number, noun)


def _deliveries(status: Status) -> str:
    from deploy.watching.status import DELIVERIES_SINCE

    if status.deliveries is None:
        return "the ledger could not be read"
    tally = _tally(delivery.state for delivery in status.deliveries)
    return tally or f"none in the last {DELIVERIES_SINCE.days} days"


def _ses(status: Status) -> str:
    if status.quota is None:
        return "could not be asked"
    sandbox = " (sandbox: verified recipients only)" if status.quota.is_sandbox else ""
    return f"{status.quota.describe()}{sandbox}"


def _names(status: Status) -> Iterator[Table]:
    """Everything that was counted, by its name."""
    from deploy.watching.deliveries import COLUMNS

    yield Table(
        columns("STACK", "STATE", "REASON"),
        [Row((stack.name, stack.status, stack.reason)) for stack in status.stacks],
    )
    yield Table(
        columns("STACK", "OUTPUT", "VALUE"),
        [
            Row((stack.name, name, value))
            for stack in status.stacks
            for name, value in stack.outputs.items()
        ],
    )
    yield Table(
        columns("ADDRESS", "ALARMS"),
        [
            Row((one.endpoint, "gets them" if one.confirmed else "gets none: not confirmed"))
            for one in status.subscriptions
        ],
    )
    yield Table(
        columns("ALARM", "STATE", "REASON"),
        [
            Row((alarm.name, alarm.state, alarm.reason), "red")
            if alarm.is_on
            else Row((alarm.name, alarm.state, ""))
            for alarm in status.alarms
        ],
    )
    yield Table(COLUMNS, [delivery.row for delivery in status.deliveries or ()])

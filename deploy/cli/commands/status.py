"""`s3link status`: stacks, alarms, queue and the last deliveries at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options

if TYPE_CHECKING:
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState
    from deploy.watching.deliveries import Delivery
    from deploy.watching.status import Status


@click.command()
@common_options
def command(invocation: Invocation) -> None:
    """Show what is deployed and whether anything needs attention.

    \b
    s3link status
    s3link status --output json
    """
    from deploy.watching.status import read_status

    status = read_status(invocation.clients, invocation.deployment)
    invocation.console.result(asdict(status), "\n".join(_lines(status, invocation.deployment)))


def _lines(status: Status, deployment: Deployment) -> Iterator[str]:
    for stack in status.stacks:
        yield f"Stack {stack.name}: {stack.status}{_because(stack)}"
        for name, value in stack.outputs.items():
            yield f"  {name}: {value}"
    for name in status.missing:
        yield f"Stack {name}: not deployed; run `{deployment.command('deploy')}`"
    for gone in status.gone:
        yield f"Gone: {gone}, deleted by hand; see `{deployment.command('doctor')}`"
    for subscription in status.subscriptions:
        gets_alarms = (
            "gets alarms"
            if subscription.confirmed
            else "gets NO alarms: the subscription mail is not confirmed"
        )
        yield f"Admin {subscription.endpoint}: {gets_alarms}"
    if not status.subscriptions and status.alarms:
        yield (
            "Nobody gets alarms: nobody is subscribed to CommonAlarmTopic; "
            f"`{deployment.command('deploy')}` has SNS mail AdminAlarmEMail a new confirmation"
        )
    for alarm in status.alarms:
        reason = f", {alarm.reason}" if alarm.state == "ALARM" else ""
        yield f"Alarm {alarm.name}: {alarm.state}{reason}"
    if status.undelivered is not None:
        advice = f"; see `{deployment.command('dlq list')}`" if status.undelivered else ""
        yield (
            "Events that could not be announced, in the dead-letter queue: "
            f"{status.undelivered}{advice}"
        )
    if status.undelivered_of_portal is not None:
        advice = f"; see `{deployment.command('dlq list')}`" if status.undelivered_of_portal else ""
        yield (
            "Mails that the portal could not send, in its dead-letter queue: "
            f"{status.undelivered_of_portal}{advice}"
        )
    if status.portal:
        yield f"Portal: {status.portal}/"
    if status.programs:
        yield f"API for programs: {status.programs}"
    if status.members:
        yield f"Members area: {status.members}/"
    yield from _deliveries(status.deliveries, deployment)
    if status.quota is None:
        yield f"SES: could not be asked; see `{deployment.command('doctor')}`"
    else:
        sandbox = " (sandbox: verified recipients only)" if status.quota.is_sandbox else ""
        yield f"SES: {status.quota.describe()}{sandbox}"


def _deliveries(deliveries: Sequence[Delivery] | None, deployment: Deployment) -> Iterator[str]:
    from deploy.watching.status import DELIVERIES_SINCE

    more = f"see `{deployment.command('deliveries')}`"
    if deliveries is None:
        yield "Last deliveries: the ledger could not be read"
    elif not deliveries:
        yield f"Last deliveries: none in the last {DELIVERIES_SINCE.days} days; {more}"
    else:
        yield f"Last deliveries; for all of them {more}:"
        yield from (f"  {delivery.line}" for delivery in deliveries)


def _because(stack: StackState) -> str:
    return f" ({stack.reason})" if stack.reason else ""

"""What of a deployment waits for somebody, with the next thing to do. Pure.

To tell of something else, yield a Need here: `s3link status` shows it first, text and document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from deploy.deployment import GENERATOR, OPTIONAL_KINDS, PORTAL, Deployment
from deploy.stacks.lookup import REVIEW, STUCK, StackState
from deploy.watching.status import Alarm, Status, Subscription
from deploy.wording import counted

Level = Literal["broken", "waiting"]

# By the beginning of an alarm's logical id, the first that fits: which command tells of the cause.
# docs/operations.md says what each alarm means.
_TOLD_BY = {
    "DeadLetterQueue": "dlq list",
    "PortalDeadLetterQueue": "dlq list",
    "FateRecorderErrors": "dlq list",
    "FateRecorderEventsLost": "deliveries --failed",
    "LinkGenerator": "logs --since 1h",
    "Portal": "logs --portal",
    "LinkMailer": "logs --portal",
    "Programs": "logs --programs",
    "NonceGate": "logs --programs",
    "Members": "logs --members",
    "CommonAlarmTopic": "status --verbose",
}


@dataclass(frozen=True)
class Need:
    """Something that is broken, or that waits for a person; `next` is a command or a step."""

    level: Level
    sentence: str
    next: str


def needs_of(status: Status, deployment: Deployment) -> tuple[Need, ...]:
    """All of them: what is broken first."""
    found = [*_of_stacks(status, deployment), *_of_alarms(status, deployment)]
    found += [*_of_admins(status, deployment), *_of_queues(status, deployment)]
    found += [*_of_what_was_not_told(status, deployment)]
    return tuple(sorted(found, key=lambda need: need.level != "broken"))


def command_about(alarm: str, deployment: Deployment) -> str:
    """The command that tells why an alarm is on, given the name that CloudFormation has made."""
    for logical_id in reversed(alarm.split("-")):
        for beginning, verb in _TOLD_BY.items():
            if logical_id.startswith(beginning) and logical_id.endswith("Alarm"):
                return deployment.command(verb)
    return deployment.command("logs --since 1h")


def _of_stacks(status: Status, deployment: Deployment) -> Iterator[Need]:
    deploy = f"`{deployment.command('deploy')}`"
    for name in status.missing:
        yield Need("broken", f"Stack {name} is not deployed.", deploy)
    for gone in status.gone:
        yield Need("broken", f"{gone} was deleted by hand.", f"`{deployment.command('doctor')}`")
    for stack in status.stacks:
        if stack.in_progress:
            sentence = f"Stack {stack.name} is {stack.status}."
            yield Need("waiting", sentence, f"{deploy} follows it to its end")
        elif not stack.is_well:
            level, step = _level_and_step(stack, deployment)
            because = f": {stack.reason.rstrip('. ')}" if stack.reason else ""
            yield Need(level, f"Stack {stack.name} is {stack.status}{because}.", step)
    yield from _off_the_portal(status, deployment)


def _off_the_portal(status: Status, deployment: Deployment) -> Iterator[Need]:
    """The generator stack lets go of the portal while that is made whole; a deploy may end then."""
    by_name = {stack.name: stack for stack in status.stacks}
    generator, portal = (by_name.get(deployment.stack_name(stack)) for stack in (GENERATOR, PORTAL))
    if generator is None or portal is None or not portal.is_well:
        return
    if any(stack.in_progress for stack in status.stacks):  # a deploy that may yet change it
        return
    if generator.parameters.get("PortalStackName") == "":
        yield Need(
            "broken",
            f"New mails carry direct links: stack {generator.name} does not use the portal.",
            f"`{deployment.command('deploy')}`",
        )


def _level_and_step(stack: StackState, deployment: Deployment) -> tuple[Level, str]:
    """A stack that was rolled back works as before; it lacks what its last deploy was to bring."""
    deploy = f"`{deployment.command('deploy')}`"
    if stack.status == STUCK:
        rollback = f"`aws cloudformation continue-update-rollback --stack-name {stack.name}`"
        return "broken", f"put the cause right, then {rollback} and {deploy}"
    if stack.status == REVIEW:  # whoever created it went away before anything was made
        named = (kind for kind in OPTIONAL_KINDS if stack.name == f"{deployment.name}-{kind}")
        wanted = "".join(f" --with {kind}" for kind in named)
        again = f"`{deployment.command(f'deploy{wanted}')}`"
        return "broken", f"{again}, or `aws cloudformation delete-stack --stack-name {stack.name}`"
    level: Level = "broken" if stack.is_dead else "waiting"
    return level, f"put the cause right, then {deploy}"


def _of_alarms(status: Status, deployment: Deployment) -> Iterator[Need]:
    for alarm in status.alarms:
        if alarm.is_on:
            sentence = f"Alarm {alarm.name} is on: {_because(alarm)}."
            yield Need("broken", sentence, f"`{command_about(alarm.name, deployment)}`")


def _because(alarm: Alarm) -> str:
    return alarm.reason.rstrip(".") or "no reason was given"


def _of_admins(status: Status, deployment: Deployment) -> Iterator[Need]:
    topic_is_gone = any(gone.logical_id == "CommonAlarmTopic" for gone in status.gone)
    if not status.subscriptions and status.alarms and not topic_is_gone:
        yield Need(
            "broken",
            "Nobody gets alarms: nobody is subscribed to CommonAlarmTopic.",
            f"`{deployment.command('deploy')}`, then click the link in AWS's mail",
        )
    for subscription in status.subscriptions:
        if not subscription.confirmed:
            yield _unconfirmed(subscription, deployment)


def _unconfirmed(subscription: Subscription, deployment: Deployment) -> Need:
    return Need(
        "waiting",
        f"{subscription.endpoint} gets NO alarms: the subscription is not confirmed.",
        f"click the link in AWS's mail; `{deployment.command('deploy')}` has it sent again",
    )


def _of_queues(status: Status, deployment: Deployment) -> Iterator[Need]:
    look = f"`{deployment.command('dlq list')}`"
    if status.undelivered:
        waiting = counted(status.undelivered, "event")
        sentence = f"About {waiting} could not be announced, in the dead-letter queue."
        yield Need("waiting", sentence, look)
    if status.undelivered_of_portal:
        waiting = counted(status.undelivered_of_portal, "task")
        sentence = f"About {waiting} of the portal could not be done, in its dead-letter queue."
        yield Need("waiting", sentence, look)


def _of_what_was_not_told(status: Status, deployment: Deployment) -> Iterator[Need]:
    """What could not be looked at may be fine; somebody has to look."""
    if status.quota is None:
        yield Need(
            "waiting", "SES could not be asked how it stands.", f"`{deployment.command('doctor')}`"
        )
    elif status.quota.left_today < 1:
        yield Need(
            "broken",
            f"SES sends no more mails today: {status.quota.describe()}.",
            "wait, or ask AWS for a higher quota; then "
            f"`{deployment.command('dlq redrive --all')}`",
        )
    has_ledger = status.output("DeliveriesLedgerName") is not None
    is_gone = any(gone.logical_id == "DeliveriesLedger" for gone in status.gone)
    if status.deliveries is None and has_ledger and not is_gone:
        look = f"`{deployment.command('deliveries')}`"
        yield Need("waiting", "The deliveries ledger could not be read.", look)

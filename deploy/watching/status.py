"""Looks at a deployment as it stands: stacks, alarms, queue, quota, deliveries. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.aws.presence import ALARMS_PER_CALL, says_not_there
from deploy.aws.ses import Quota, read_quota
from deploy.aws.side_by_side import Readers, await_all, side_by_side
from deploy.deployment import GENERATOR, MEMBERS, PORTAL, PROGRAMS, SENDER, Deployment
from deploy.errors import StackError
from deploy.stacks.drift.missing import VITAL, survey
from deploy.stacks.lookup import Missing, StackState, find_stacks, not_deployed, resources_of_type
from deploy.watching.deliveries import Delivery, last_deliveries, ledger_of

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# At a glance: how many of the last deliveries, and how far back.
DELIVERIES_SHOWN = 10
DELIVERIES_SINCE = timedelta(days=14)


@dataclass(frozen=True)
class Subscription:
    """Who is told of alarms; SNS mails nothing until the address has confirmed."""

    endpoint: str
    confirmed: bool


@dataclass(frozen=True)
class Alarm:
    """One alarm; the state is OK, ALARM or INSUFFICIENT_DATA."""

    name: str
    state: str
    reason: str

    @property
    def is_on(self) -> bool:
        return self.state == "ALARM"


@dataclass(frozen=True)
class Status:
    """Everything an operator wants to see at a glance; None where nobody could say.

    `portal`, `programs` and `members` are URLs, None without such a stack. `missing` are stacks,
    `gone` what was deleted behind their back, of what is vital.
    """

    stacks: tuple[StackState, ...]
    missing: tuple[str, ...]
    subscriptions: tuple[Subscription, ...]
    alarms: tuple[Alarm, ...]
    undelivered: int | None
    portal: str | None
    undelivered_of_portal: int | None
    programs: str | None
    members: str | None
    quota: Quota | None
    deliveries: tuple[Delivery, ...] | None
    gone: tuple[Missing, ...] = ()

    def output(self, name: str) -> str | None:
        """What its stack puts out under a name that is only one's."""
        return next((stack.outputs[name] for stack in self.stacks if name in stack.outputs), None)


def read_status(clients: Clients, deployment: Deployment) -> Status:
    """The deployment's state now; raises StackError when nothing of it is deployed."""
    found = find_stacks(clients, deployment)
    deployed = tuple(stack for stack in found.values() if stack)
    if not deployed:
        raise StackError(not_deployed(deployment))
    topic = _output(found[SENDER.kind], "CommonAlarmTopicArn")
    queue = _output(found[GENERATOR.kind], "DeadLetterQueueUrl")
    queue_of_portal = _output(found[PORTAL.kind], "PortalDeadLetterQueueUrl")
    with Readers() as running:
        subscriptions = running.submit(_subscriptions, clients, topic)
        alarms = running.submit(_alarms, clients, [stack.name for stack in deployed])
        undelivered = running.submit(_depth, clients, queue)
        undelivered_of_portal = running.submit(_depth, clients, queue_of_portal)
        quota = running.submit(_quota, clients)
        deliveries = running.submit(_deliveries, clients, found[GENERATOR.kind])
        seen = running.submit(survey, clients, found, VITAL)
        await_all(
            [subscriptions, alarms, undelivered, undelivered_of_portal, quota, deliveries, seen]
        )
    return Status(
        stacks=deployed,
        missing=tuple(
            deployment.stack_name(stack) for stack in deployment.stacks if not found[stack.kind]
        ),
        subscriptions=subscriptions.result(),
        alarms=alarms.result(),
        undelivered=undelivered.result(),
        portal=_output(found[PORTAL.kind], "PortalUrl"),
        undelivered_of_portal=undelivered_of_portal.result(),
        programs=_output(found[PROGRAMS.kind], "ProgramsApiUrl"),
        members=_output(found[MEMBERS.kind], "MembersUrl"),
        quota=quota.result(),
        deliveries=deliveries.result(),
        gone=seen.result().missing,
    )


def queue_depth(clients: Clients, url: str) -> int:
    """About how many messages a queue holds, those being looked at included."""
    answer = clients.sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(int(count) for count in answer["Attributes"].values())


def _depth(clients: Clients, url: str | None) -> int | None:
    """None without a queue, whoever has deleted it."""
    try:
        return queue_depth(clients, url) if url else None
    except ClientError as exc:
        if says_not_there(exc):
            return None
        raise


def _quota(clients: Clients) -> Quota | None:
    """Without SES there is no quota, but just then the rest of the status is wanted."""
    try:
        return read_quota(clients)
    except (ClientError, BotoCoreError) as exc:
        if explain(exc) is None:
            raise
        return None


def _deliveries(clients: Clients, generator: StackState | None) -> tuple[Delivery, ...] | None:
    """Whatever keeps the ledger from being read, the rest of the status is wanted."""
    ledger = ledger_of(clients, generator) if generator and generator.outputs else None
    if ledger is None:
        return None
    now = datetime.now(UTC)
    try:
        return last_deliveries(ledger, DELIVERIES_SHOWN, now - DELIVERIES_SINCE, now)
    except (ClientError, BotoCoreError):
        return None


def _output(stack: StackState | None, name: str) -> str | None:
    return stack.outputs.get(name) if stack else None


def _subscriptions(clients: Clients, topic: str | None) -> tuple[Subscription, ...]:
    """Nobody without a topic, whoever has deleted it."""
    try:
        return tuple(read_subscriptions(clients, topic)) if topic else ()
    except ClientError as exc:
        if says_not_there(exc):
            return ()
        raise


def read_subscriptions(clients: Clients, topic: str) -> Iterator[Subscription]:
    """Who is told of what is published to a topic."""
    pages = clients.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    for page in pages:
        for subscription in page["Subscriptions"]:
            if subscription["SubscriptionArn"] == "Deleted":
                continue  # SNS lists it for days after its reader has ended it
            # Until it is confirmed, the place of the subscription's ARN says "PendingConfirmation".
            confirmed = subscription["SubscriptionArn"].startswith("arn:")
            yield Subscription(subscription["Endpoint"], confirmed)


def _alarms(clients: Clients, stack_names: Sequence[str]) -> tuple[Alarm, ...]:
    names = side_by_side(partial(_alarm_names, clients, stack) for stack in stack_names)
    return tuple(_described(clients, list(chain.from_iterable(names))))


def _alarm_names(clients: Clients, stack_name: str) -> list[str]:
    return list(resources_of_type(clients, stack_name, "AWS::CloudWatch::Alarm"))


def _described(clients: Clients, names: Sequence[str]) -> Iterator[Alarm]:
    for start in range(0, len(names), ALARMS_PER_CALL):
        answer = clients.cloudwatch.describe_alarms(
            AlarmNames=names[start : start + ALARMS_PER_CALL]
        )
        for alarm in answer["MetricAlarms"]:
            yield Alarm(alarm["AlarmName"], alarm["StateValue"], alarm.get("StateReason", ""))

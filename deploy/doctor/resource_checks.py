"""Checks that what the stacks made is still there, and that somebody is told of alarms. It only
reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import denied_action, explain
from deploy.aws.presence import says_not_there
from deploy.deployment import SENDER, Deployment
from deploy.doctor.findings import Finding
from deploy.stacks.drift.losses import next_step, sentence
from deploy.stacks.drift.missing import Survey, survey
from deploy.stacks.lookup import find_stack, find_stacks
from deploy.watching.status import read_subscriptions
from deploy.wording import counted, enumerated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients


def resources(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Each resource that was deleted behind CloudFormation's back."""
    existing = find_stacks(clients, deployment)
    if not any(existing.values()):
        return
    seen = survey(clients, existing)
    for missing in seen.missing:
        yield Finding("resources", "warning", sentence(missing), next_step(missing, deployment))
    if seen.not_listed or seen.not_seen:
        yield Finding("resources", "warning", _not_seen(seen))
    elif not seen.missing:
        yield Finding("resources", "ok", "Everything that the stacks have made is there.")


def _not_seen(seen: Survey) -> str:
    """How much could not be looked at, and every action that would have to be allowed."""
    numbers = {"stack": len(seen.not_listed), "resource": len(seen.not_seen)}
    what = enumerated(counted(number, noun) for noun, number in numbers.items() if number)
    errors = seen.not_listed + seen.not_seen
    actions = sorted({action for exc in errors if (action := denied_action(exc))})
    others = [exc for exc in errors if not denied_action(exc)]
    if others:
        why = str(explain(others[0]) or others[0])
        also = f" AWS also denied {enumerated(actions)}." if actions else ""
        return f"{what} could not be looked at: {why}{also}"
    return (
        f"{what} could not be looked at: AWS denied {enumerated(actions)}; ask your administrator "
        "to allow it, or use another --profile."
    )


def subscription(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether AdminAlarmEMail is told of alarms."""
    state = find_stack(clients, deployment.stack_name(SENDER))
    if state is None or "CommonAlarmTopicArn" not in state.outputs:
        return
    admin = state.parameters["AdminAlarmEMail"]
    try:
        found = list(read_subscriptions(clients, state.outputs["CommonAlarmTopicArn"]))
    except ClientError as exc:
        if says_not_there(exc):
            return  # `resources` speaks of the topic
        raise
    confirmed = {one.endpoint.lower(): one.confirmed for one in found}.get(admin.lower())
    if confirmed:
        yield Finding("subscription", "ok", f"{admin} is told of alarms.")
    elif confirmed is False:
        yield Finding(
            "subscription",
            "warning",
            f"{admin} is not told of alarms: the subscription is not confirmed.",
            "Click the link in the mail from AWS Notifications; "
            f"`{deployment.command('deploy')}` has SNS mail another.",
        )
    else:
        yield Finding(
            "subscription",
            "warning",
            f"{admin} is not told of alarms: the subscription was ended, perhaps by the link that "
            "each alarm's mail carries.",
            f"`{deployment.command('deploy')}` has SNS mail a new confirmation, whose link is to "
            "be clicked.",
        )

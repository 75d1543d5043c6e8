"""Finds resources of the deployment's stacks that exist no more. It only reads.

What may not be asked, or cannot be asked now, counts as there: nobody is kept from deploying by it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.presence import ALARM, ALARMS_PER_CALL, alarms_there, is_there
from deploy.aws.side_by_side import side_by_side
from deploy.deployment import STACKS, Stack
from deploy.stacks.drift.references import StackNames, resolved
from deploy.stacks.lookup import DeployedResource, Missing, StackState, resources
from deploy.stacks.templates import load_template

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# Without one of these nobody is mailed, no link opens, or something is lost.
VITAL = frozenset(
    {
        "AWS::ApiGatewayV2::Api",
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::S3::Bucket",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::Template",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }
)
# They go to a dozen services, so none is asked more often at once than usual.
_LOOKS_AT_ONCE = 40


AwsError = ClientError | BotoCoreError


@dataclass(frozen=True)
class Survey:
    """What is missing, and why some resources, or all of a stack, could not be looked at."""

    missing: tuple[Missing, ...] = ()
    not_seen: tuple[AwsError, ...] = ()
    not_listed: tuple[AwsError, ...] = ()


Look = Callable[[], Survey]


def survey(
    clients: Clients, existing: Mapping[str, StackState | None], only: Container[str] | None = None
) -> Survey:
    """Look at every resource of the stacks that exist, by kind; those not at rest are left out.

    With `only`, at resources of these types.
    """
    states = [
        (stack, state)
        for stack in STACKS
        if (state := existing.get(stack.kind)) and not state.is_dead and not state.in_progress
    ]
    listed = side_by_side(partial(_listed, clients, state) for _, state in states)
    looks: list[Look] = []
    for (stack, state), made in zip(states, listed, strict=True):
        if not isinstance(made, AwsError):
            looks += _looks(clients, stack, state, made, only)
    not_listed = tuple(made for made in listed if isinstance(made, AwsError))
    return replace(_together(side_by_side(looks, _LOOKS_AT_ONCE)), not_listed=not_listed)


def _listed(clients: Clients, state: StackState) -> list[DeployedResource] | AwsError:
    try:
        return list(resources(clients, state.stack_id))
    except (ClientError, BotoCoreError) as exc:
        return exc


def _looks(
    clients: Clients,
    stack: Stack,
    state: StackState,
    made: Sequence[DeployedResource],
    only: Container[str] | None,
) -> Iterable[Look]:
    """One look at each resource, and one at each hundred alarms."""
    template = load_template(stack.template)
    names = StackNames(state, {one.logical_id: one.name for one in made}, template)
    wanted = [one for one in made if only is None or one.type in only]
    for one in wanted:
        if one.type != ALARM and one.logical_id in template.resources:
            properties = resolved(template.resources[one.logical_id].properties, names)
            yield partial(_look, clients, state, one, properties)
    alarms = [one for one in wanted if one.type == ALARM]
    for start in range(0, len(alarms), ALARMS_PER_CALL):
        yield partial(_look_at_alarms, clients, state, alarms[start : start + ALARMS_PER_CALL])


def _look(
    clients: Clients, state: StackState, one: DeployedResource, properties: Mapping[str, object]
) -> Survey:
    try:
        there = is_there(clients, one.type, one.name, properties)
    except (ClientError, BotoCoreError) as exc:
        return Survey(not_seen=(exc,))
    return Survey((_missing(state, one),)) if there is False else Survey()


def _look_at_alarms(
    clients: Clients, state: StackState, alarms: Sequence[DeployedResource]
) -> Survey:
    try:
        there = alarms_there(clients, [alarm.name for alarm in alarms])
    except (ClientError, BotoCoreError) as exc:
        return Survey(not_seen=(exc,) * len(alarms))
    return Survey(tuple(_missing(state, alarm) for alarm in alarms if alarm.name not in there))


def _missing(state: StackState, one: DeployedResource) -> Missing:
    return Missing(state.name, one.logical_id, one.type, one.name)


def _together(seen: Iterable[Survey]) -> Survey:
    every = list(seen)
    return Survey(
        missing=tuple(one for each in every for one in each.missing),
        not_seen=tuple(reason for each in every for reason in each.not_seen),
    )

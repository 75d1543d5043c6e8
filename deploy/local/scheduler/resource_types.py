"""Schedule of EventBridge Scheduler. What fires it is in deploy/local/scheduler/schedules.py."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.models import iam_backends

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
)
from deploy.local.iam.policies import lets_service, listed
from deploy.local.scheduler.schedules import interval

_SERVICE = "scheduler.amazonaws.com"
_TARGET = frozenset({"Arn", "DeadLetterConfig", "Input", "RetryPolicy", "RoleArn"})


class Schedule(ResourceType):
    type_name = "AWS::Scheduler::Schedule"
    properties = frozenset(
        {"Description", "FlexibleTimeWindow", "Name", "ScheduleExpression", "State", "Target"}
    )
    replaced_by = frozenset({"Name"})
    name_property = "Name"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("Name") or context.generated_name()
        arn = self._call("create_schedule", name, properties, context)["ScheduleArn"]
        return PhysicalResource(name, {"Arn": arn})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._call("update_schedule", physical.physical_id, after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.scheduler.delete_schedule(Name=physical.physical_id)

    def _call(
        self, operation: str, name: str, properties: Properties, context: Context
    ) -> dict[str, Any]:
        _check(properties)
        _check_trust(properties["Target"]["RoleArn"], context)
        # moto keeps a state of None when an update does not give one.
        given = {"State": "ENABLED", **properties, "Name": name}
        return context.clients.call(context.clients.scheduler, operation, given)


def _check(properties: Properties) -> None:
    """Raises ResourceError for values that nobody, or only AWS, knows."""
    expression, target = properties["ScheduleExpression"], properties["Target"]
    if interval(expression) is None:
        raise ResourceError(f"The embedded AWS knows rate(…) only, not {expression}.")
    if ":lambda:" not in target["Arn"]:
        raise ResourceError(f"The embedded AWS knows functions only, not {target['Arn']}.")
    if unknown := set(target) - _TARGET:
        raise ResourceError(
            f"The embedded AWS does not know {', '.join(sorted(unknown))} of a target."
        )
    try:
        json.loads(target.get("Input", "{}"))
    except ValueError as exc:
        raise ResourceError(f"The Input of the target is not JSON: {exc}") from exc


def _check_trust(role_arn: str, context: Context) -> None:
    """EventBridge Scheduler refuses a role that it cannot assume. Raises ResourceError."""
    role = iam_backends[context.account]["aws"].get_role_by_arn(role_arn)
    statements = listed(json.loads(role.assume_role_policy_document).get("Statement", []))
    # A trust policy does not say which role it is about.
    policy = {"Statement": [{"Resource": "*", **statement} for statement in statements]}
    group = f"arn:aws:scheduler:{context.region}:{context.account}:schedule-group/default"
    if not lets_service(policy, _SERVICE, "sts:AssumeRole", role_arn, group, context.account):
        raise ResourceError(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        )

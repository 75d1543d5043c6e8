"""Schedules, and groups of them. What fires one is in deploy/local/scheduler/schedules.py."""

from __future__ import annotations

import json
from typing import Any

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
    pairs,
    retag,
)
from deploy.local.scheduler.expressions import interval
from deploy.local.scheduler.trust import NOT_TRUSTED, trusts_schedules

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


class ScheduleGroup(ResourceType):
    type_name = "AWS::Scheduler::ScheduleGroup"
    properties = frozenset({"Name", "Tags"})
    replaced_by = frozenset({"Name"})
    name_property = "Name"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("Name") or context.generated_name()
        arn = context.clients.scheduler.create_schedule_group(
            Name=name, Tags=pairs(context.tags(properties))
        )["ScheduleGroupArn"]
        return PhysicalResource(name, {"Arn": arn})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        scheduler, arn = context.clients.scheduler, physical.attributes["Arn"]
        tags = scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]
        retag(
            {tag["Key"]: tag["Value"] for tag in tags},
            context.tags(after),
            lambda keys: scheduler.untag_resource(ResourceArn=arn, TagKeys=keys),
            lambda tags: scheduler.tag_resource(ResourceArn=arn, Tags=pairs(tags)),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        """With its schedules."""
        context.clients.scheduler.delete_schedule_group(Name=physical.physical_id)


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
    if not trusts_schedules(role_arn, context.region, "default"):
        raise ResourceError(NOT_TRUSTED)

"""Schedule of EventBridge Scheduler. What fires it is in deploy/local/schedules.py."""

from __future__ import annotations

from typing import Any

from deploy.local.rates import interval
from deploy.local.resources.interface import (
    Context,
    Made,
    Properties,
    ResourceError,
    ResourceType,
)

_TARGET = frozenset({"Arn", "DeadLetterConfig", "Input", "RetryPolicy", "RoleArn"})


class Schedule(ResourceType):
    type_name = "AWS::Scheduler::Schedule"
    properties = frozenset(
        {"Description", "FlexibleTimeWindow", "Name", "ScheduleExpression", "State", "Target"}
    )
    replaced_by = frozenset({"Name"})
    name_property = "Name"

    def create(self, properties: Properties, context: Context) -> Made:
        name = properties.get("Name") or context.made_up_name()
        arn = self._call("create_schedule", name, properties, context)["ScheduleArn"]
        return Made(name, {"Arn": arn})

    def update(self, made: Made, before: Properties, after: Properties, context: Context) -> Made:
        self._call("update_schedule", made.physical_id, after, context)
        return made

    def delete(self, made: Made, properties: Properties, context: Context) -> None:
        context.clients.scheduler.delete_schedule(Name=made.physical_id)

    def _call(
        self, operation: str, name: str, properties: Properties, context: Context
    ) -> dict[str, Any]:
        expression, target = properties["ScheduleExpression"], properties["Target"]
        if interval(expression) is None:
            raise ResourceError(f"The embedded AWS knows rate(…) only, not {expression}.")
        if ":lambda:" not in target["Arn"]:
            raise ResourceError(f"The embedded AWS knows functions only, not {target['Arn']}.")
        if unknown := set(target) - _TARGET:
            raise ResourceError(
                f"The embedded AWS does not know {', '.join(sorted(unknown))} of a target."
            )
        # moto keeps a state of None when an update does not give one.
        given = {"State": "ENABLED", **properties, "Name": name}
        return context.clients.call(context.clients.scheduler, operation, given)

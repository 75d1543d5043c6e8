"""CloudWatch alarm and dashboard."""

from __future__ import annotations

from typing import Any

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceType,
    pairs,
)

_NAME_LENGTH = 255  # characters, CloudWatch's limit


class Alarm(ResourceType):
    type_name = "AWS::CloudWatch::Alarm"
    properties = frozenset(
        {
            "ActionsEnabled",
            "AlarmActions",
            "AlarmDescription",
            "AlarmName",
            "ComparisonOperator",
            "DatapointsToAlarm",
            "Dimensions",
            "EvaluationPeriods",
            "InsufficientDataActions",
            "MetricName",
            "Namespace",
            "OKActions",
            "Period",
            "Statistic",
            "Tags",
            "Threshold",
            "TreatMissingData",
            "Unit",
        }
    )
    replaced_by = frozenset({"AlarmName"})
    name_property = "AlarmName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("AlarmName") or context.generated_name(_NAME_LENGTH)
        self._put(name, properties, context)
        arn = f"arn:aws:cloudwatch:{context.region}:{context.account}:alarm:{name}"
        return PhysicalResource(name, {"Arn": arn})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._put(physical.physical_id, after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.cloudwatch.delete_alarms(AlarmNames=[physical.physical_id])

    def _put(self, name: str, properties: Properties, context: Context) -> None:
        tags = pairs(context.tags(properties))
        given: dict[str, Any] = {**properties, "AlarmName": name, "Tags": tags}
        context.clients.call(context.clients.cloudwatch, "put_metric_alarm", given)


class Dashboard(ResourceType):
    type_name = "AWS::CloudWatch::Dashboard"
    properties = frozenset({"DashboardName", "DashboardBody"})
    replaced_by = frozenset({"DashboardName"})
    name_property = "DashboardName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("DashboardName") or context.generated_name(_NAME_LENGTH)
        context.clients.cloudwatch.put_dashboard(
            DashboardName=name, DashboardBody=properties["DashboardBody"]
        )
        return PhysicalResource(name)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        context.clients.cloudwatch.put_dashboard(
            DashboardName=physical.physical_id, DashboardBody=after["DashboardBody"]
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.cloudwatch.delete_dashboards(DashboardNames=[physical.physical_id])

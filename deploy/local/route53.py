"""Route 53's record set.

moto's own takes a name that another record has already, and a name outside of its zone.
"""

from __future__ import annotations

from typing import Any

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
)


class RecordSet(ResourceType):
    type_name = "AWS::Route53::RecordSet"
    properties = frozenset({"AliasTarget", "HostedZoneId", "Name", "Type"})
    replaced_by = frozenset({"HostedZoneId", "Name", "Type"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._refuse_taken(properties, context)
        _change("CREATE", properties, context)
        return PhysicalResource(properties["Name"])

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        _change("UPSERT", after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        _change("DELETE", properties, context)

    def _refuse_taken(self, properties: Properties, context: Context) -> None:
        name, kind = properties["Name"], properties["Type"]
        records = context.clients.route53.list_resource_record_sets(
            HostedZoneId=properties["HostedZoneId"]
        )["ResourceRecordSets"]
        taken = {(record["Name"].rstrip("."), record["Type"]) for record in records}
        if taken & {(name, kind), (name, "CNAME")}:
            raise ResourceError(
                f"Tried to create resource record set [name='{name}.', type='{kind}'] but it "
                "already exists"
            )


def _change(action: str, properties: Properties, context: Context) -> None:
    target = {"EvaluateTargetHealth": False, **properties["AliasTarget"]}
    record: Any = {"Name": properties["Name"], "Type": properties["Type"], "AliasTarget": target}
    context.clients.route53.change_resource_record_sets(
        HostedZoneId=properties["HostedZoneId"],
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )

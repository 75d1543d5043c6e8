"""CloudWatch Logs log group."""

from __future__ import annotations

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceType,
    retag,
)

_NAME_LENGTH = 512  # characters, CloudWatch Logs' limit


class LogGroup(ResourceType):
    type_name = "AWS::Logs::LogGroup"
    properties = frozenset({"LogGroupName", "RetentionInDays", "Tags"})
    replaced_by = frozenset({"LogGroupName"})
    name_property = "LogGroupName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("LogGroupName") or context.generated_name(_NAME_LENGTH)
        context.clients.logs.create_log_group(logGroupName=name, tags=context.tags(properties))
        arn = f"arn:aws:logs:{context.region}:{context.account}:log-group:{name}"
        self._retain(name, properties, context)
        return PhysicalResource(name, {"Arn": f"{arn}:*"})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        logs, arn = context.clients.logs, physical.attributes["Arn"].removesuffix(":*")
        self._retain(physical.physical_id, after, context)
        retag(
            logs.list_tags_for_resource(resourceArn=arn)["tags"],
            context.tags(after),
            lambda keys: logs.untag_resource(resourceArn=arn, tagKeys=keys),
            lambda tags: logs.tag_resource(resourceArn=arn, tags=tags),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.logs.delete_log_group(logGroupName=physical.physical_id)

    def _retain(self, name: str, properties: Properties, context: Context) -> None:
        logs = context.clients.logs
        if "RetentionInDays" in properties:
            logs.put_retention_policy(
                logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
            )
        else:
            logs.delete_retention_policy(logGroupName=name)

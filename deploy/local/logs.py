"""CloudWatch Logs log group."""

from __future__ import annotations

from deploy.local.cloudformation.resource_type import Context, Made, Properties, ResourceType, retag

_NAME_LENGTH = 512  # characters, CloudWatch Logs' limit


class LogGroup(ResourceType):
    type_name = "AWS::Logs::LogGroup"
    properties = frozenset({"LogGroupName", "RetentionInDays", "Tags"})
    replaced_by = frozenset({"LogGroupName"})
    name_property = "LogGroupName"

    def create(self, properties: Properties, context: Context) -> Made:
        name = properties.get("LogGroupName") or context.made_up_name(_NAME_LENGTH)
        context.clients.logs.create_log_group(logGroupName=name, tags=context.tags(properties))
        arn = f"arn:aws:logs:{context.region}:{context.account}:log-group:{name}"
        self._retain(name, properties, context)
        return Made(name, {"Arn": f"{arn}:*"})

    def update(self, made: Made, before: Properties, after: Properties, context: Context) -> Made:
        logs, arn = context.clients.logs, made.attributes["Arn"].removesuffix(":*")
        self._retain(made.physical_id, after, context)
        retag(
            logs.list_tags_for_resource(resourceArn=arn)["tags"],
            context.tags(after),
            lambda keys: logs.untag_resource(resourceArn=arn, tagKeys=keys),
            lambda tags: logs.tag_resource(resourceArn=arn, tags=tags),
        )
        return made

    def delete(self, made: Made, properties: Properties, context: Context) -> None:
        context.clients.logs.delete_log_group(logGroupName=made.physical_id)

    def _retain(self, name: str, properties: Properties, context: Context) -> None:
        logs = context.clients.logs
        if "RetentionInDays" in properties:
            logs.put_retention_policy(
                logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
            )
        else:
            logs.delete_retention_policy(logGroupName=name)

"""DynamoDB table."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import dynamodb_backends

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
    pairs,
    retag,
)

_NAME_LENGTH = 255  # characters, DynamoDB's limit
# What the API takes when the table is made; the others are set afterwards.
_AT_FIRST = frozenset(
    {
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "SSESpecification",
    }
)


class Table(ResourceType):
    type_name = "AWS::DynamoDB::Table"
    properties = _AT_FIRST | {
        "PointInTimeRecoverySpecification",
        "TableName",
        "Tags",
        "TimeToLiveSpecification",
    }
    replaced_by = frozenset({"KeySchema", "TableName"})
    name_property = "TableName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("TableName") or context.generated_name(_NAME_LENGTH)
        given = {key: properties[key] for key in _AT_FIRST if key in properties}
        if "SSESpecification" in given:
            given["SSESpecification"] = _encryption(properties)
        arn = context.clients.call(
            context.clients.dynamodb,
            "create_table",
            {**given, "TableName": name, "Tags": pairs(context.tags(properties))},
        )["TableDescription"]["TableArn"]
        physical = PhysicalResource(name, {"Arn": arn})
        self._protect(physical, properties, context)
        self._expire(physical, {}, properties, context)
        return physical

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        _check_attributes(before, after)
        dynamodb, arn = context.clients.dynamodb, physical.attributes["Arn"]
        given: dict[str, Any] = {
            "TableName": physical.physical_id,
            "AttributeDefinitions": after["AttributeDefinitions"],
            "BillingMode": after.get("BillingMode", "PROVISIONED"),
            "DeletionProtectionEnabled": after.get("DeletionProtectionEnabled", False),
        }
        indexes = _index_changes(before, after)
        if indexes:
            given["GlobalSecondaryIndexUpdates"] = indexes
        context.clients.call(dynamodb, "update_table", given)
        # moto's UpdateTable forgets the encryption.
        table = dynamodb_backends[context.account][context.region].tables[physical.physical_id]
        table.sse_specification = _encryption(after)
        self._protect(physical, after, context)
        self._expire(physical, before, after, context)
        current = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
        retag(
            {tag["Key"]: tag["Value"] for tag in current},
            context.tags(after),
            lambda keys: dynamodb.untag_resource(ResourceArn=arn, TagKeys=keys),
            lambda tags: dynamodb.tag_resource(ResourceArn=arn, Tags=pairs(tags)),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.dynamodb.delete_table(TableName=physical.physical_id)

    def _protect(
        self, physical: PhysicalResource, properties: Properties, context: Context
    ) -> None:
        """Point-in-time recovery."""
        off = {"PointInTimeRecoveryEnabled": False}
        context.clients.call(
            context.clients.dynamodb,
            "update_continuous_backups",
            {
                "TableName": physical.physical_id,
                "PointInTimeRecoverySpecification": properties.get(
                    "PointInTimeRecoverySpecification", off
                ),
            },
        )

    def _expire(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> None:
        """Time to live. DynamoDB refuses to be told what holds already."""
        had, wanted = before.get("TimeToLiveSpecification"), after.get("TimeToLiveSpecification")
        if had == wanted:
            return
        context.clients.call(
            context.clients.dynamodb,
            "update_time_to_live",
            {
                "TableName": physical.physical_id,
                "TimeToLiveSpecification": wanted or {**(had or {}), "Enabled": False},
            },
        )


def _check_attributes(before: Properties, after: Properties) -> None:
    kinds = _attribute_kinds(before)
    for name, kind in _attribute_kinds(after).items():
        if kinds.get(name, kind) != kind:
            raise ResourceError(
                f"The embedded AWS cannot give the attribute {name} another type; AWS would make "
                "a new table."
            )


def _attribute_kinds(properties: Properties) -> dict[str, str]:
    return {
        definition["AttributeName"]: definition["AttributeType"]
        for definition in properties["AttributeDefinitions"]
    }


def _encryption(properties: Properties) -> dict[str, Any]:
    """The template says SSEEnabled, the API Enabled."""
    given = {"SSEEnabled": False, **properties.get("SSESpecification", {})}
    enabled = str(given.pop("SSEEnabled")).lower() == "true"
    return {**given, "Enabled": enabled}


def _index_changes(before: Properties, after: Properties) -> list[Properties]:
    """The index that goes or comes, as UpdateTable has it; more than one at once cannot."""
    had, wanted = _indexes(before), _indexes(after)
    if any(had[name] != wanted[name] for name in had if name in wanted):
        raise ResourceError(
            "Cannot update GSI's properties other than Provisioned Throughput and Contributor "
            "Insights Specification. You can create a new GSI with a different name."
        )
    gone: list[Properties] = [{"Delete": {"IndexName": name}} for name in had if name not in wanted]
    new: list[Properties] = [{"Create": wanted[name]} for name in wanted if name not in had]
    if len(gone) + len(new) > 1:
        raise ResourceError(
            "Cannot perform more than one GSI creation or deletion in a single update"
        )
    return [*gone, *new]


def _indexes(properties: Properties) -> dict[str, Any]:
    return {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])}

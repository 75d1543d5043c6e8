"""SQS queue and queue policy."""

from __future__ import annotations

import json
from typing import Any

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceType,
    retag,
)

_NAME_LENGTH = 80  # characters, SQS's limit
# What a queue has of an attribute that its template does not give (any more).
_DEFAULTS = {
    "DelaySeconds": "0",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}


class Queue(ResourceType):
    type_name = "AWS::SQS::Queue"
    properties = frozenset(_DEFAULTS) | {"QueueName", "Tags"}
    replaced_by = frozenset({"QueueName"})
    name_property = "QueueName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("QueueName") or context.generated_name(_NAME_LENGTH)
        url = context.clients.sqs.create_queue(
            QueueName=name,
            Attributes=_api_attributes(properties),  # type: ignore[arg-type]
            tags=context.tags(properties),
        )["QueueUrl"]
        arn = f"arn:aws:sqs:{context.region}:{context.account}:{name}"
        return PhysicalResource(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        sqs, url = context.clients.sqs, physical.physical_id
        reset = {name: _DEFAULTS[name] for name in before if name in _DEFAULTS}
        # moto forgets a queue's policy when anything else is set.
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        attributes: Any = {**reset, **_api_attributes(after)} | policy.get("Attributes", {})
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        retag(
            sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
            context.tags(after),
            lambda keys: sqs.untag_queue(QueueUrl=url, TagKeys=keys),
            lambda tags: sqs.tag_queue(QueueUrl=url, Tags=tags),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.sqs.delete_queue(QueueUrl=physical.physical_id)


class QueuePolicy(ResourceType):
    type_name = "AWS::SQS::QueuePolicy"
    properties = frozenset({"PolicyDocument", "Queues"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._set(properties["Queues"], json.dumps(properties["PolicyDocument"]), context)
        name = context.generated_name()
        return PhysicalResource(name, {"Id": name})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        left = [queue for queue in before["Queues"] if queue not in after["Queues"]]
        self._set(left, "", context)
        self._set(after["Queues"], json.dumps(after["PolicyDocument"]), context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        self._set(properties["Queues"], "", context)

    def _set(self, queues: list[str], policy: str, context: Context) -> None:
        for queue in queues:
            context.clients.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})


def _api_attributes(properties: Properties) -> dict[str, str]:
    return {name: _text(value) for name, value in properties.items() if name in _DEFAULTS}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)

"""SNS topic, subscription and topic policy."""

from __future__ import annotations

import json
from typing import Any

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceType,
    pairs,
    retag,
)

_DEFAULT_POLICY_OWNER = "__default_policy_ID"


class Topic(ResourceType):
    type_name = "AWS::SNS::Topic"
    properties = frozenset({"TopicName", "DisplayName", "KmsMasterKeyId", "Subscription", "Tags"})
    replaced_by = frozenset({"TopicName"})
    name_property = "TopicName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("TopicName") or context.generated_name(256)
        sns = context.clients.sns
        arn = sns.create_topic(Name=name, Tags=pairs(context.tags(properties)))["TopicArn"]
        physical = PhysicalResource(arn, {"TopicArn": arn, "TopicName": name})
        self._configure(physical, {}, properties, context)
        return physical

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._configure(physical, before, after, context)
        sns, arn = context.clients.sns, physical.physical_id
        current = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
        retag(
            {tag["Key"]: tag["Value"] for tag in current},
            context.tags(after),
            lambda keys: sns.untag_resource(ResourceArn=arn, TagKeys=keys),
            lambda tags: sns.tag_resource(ResourceArn=arn, Tags=pairs(tags)),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.sns.delete_topic(TopicArn=physical.physical_id)

    def _configure(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> None:
        sns = context.clients.sns
        for attribute in ("DisplayName", "KmsMasterKeyId"):
            sns.set_topic_attributes(
                TopicArn=physical.physical_id,
                AttributeName=attribute,
                AttributeValue=after.get(attribute, ""),
            )
        wanted = after.get("Subscription", [])
        for subscription in wanted:
            sns.subscribe(
                TopicArn=physical.physical_id,
                Protocol=subscription["Protocol"],
                Endpoint=subscription["Endpoint"],
            )
        for subscription in before.get("Subscription", []):
            if subscription not in wanted:
                _unsubscribe(physical.physical_id, subscription, context)


class Subscription(ResourceType):
    """CloudFormation does not wait until an e-mail subscription is confirmed."""

    type_name = "AWS::SNS::Subscription"
    properties = frozenset(
        {"TopicArn", "Protocol", "Endpoint", "FilterPolicy", "RawMessageDelivery"}
    )
    replaced_by = frozenset({"TopicArn", "Protocol", "Endpoint"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        answer = context.clients.sns.subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes=_subscription_attributes(properties),
            ReturnSubscriptionArn=True,
        )
        return PhysicalResource(answer["SubscriptionArn"], {"Arn": answer["SubscriptionArn"]})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        wanted = {"FilterPolicy": "{}", "RawMessageDelivery": "false"}
        for name, value in {**wanted, **_subscription_attributes(after)}.items():
            context.clients.sns.set_subscription_attributes(
                SubscriptionArn=physical.physical_id, AttributeName=name, AttributeValue=value
            )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.sns.unsubscribe(SubscriptionArn=physical.physical_id)


class TopicPolicy(ResourceType):
    type_name = "AWS::SNS::TopicPolicy"
    properties = frozenset({"PolicyDocument", "Topics"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._set(properties["Topics"], properties["PolicyDocument"], context)
        name = context.generated_name()
        return PhysicalResource(name, {"Id": name})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        left = [topic for topic in before["Topics"] if topic not in after["Topics"]]
        self._set(left, None, context)
        self._set(after["Topics"], after["PolicyDocument"], context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        self._set(properties["Topics"], None, context)

    def _set(self, topics: list[str], document: Any, context: Context) -> None:
        for topic in topics:
            context.clients.sns.set_topic_attributes(
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=json.dumps(document or _default_policy(topic, context)),
            )


def _subscription_attributes(properties: Properties) -> dict[str, str]:
    attributes = {}
    if "FilterPolicy" in properties:
        attributes["FilterPolicy"] = json.dumps(properties["FilterPolicy"])
    if "RawMessageDelivery" in properties:
        attributes["RawMessageDelivery"] = str(properties["RawMessageDelivery"]).lower()
    return attributes


def _unsubscribe(topic_arn: str, subscription: Properties, context: Context) -> None:
    sns = context.clients.sns
    for known in sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]:
        wanted = (subscription["Protocol"], subscription["Endpoint"])
        if (known["Protocol"], known["Endpoint"]) == wanted:
            sns.unsubscribe(SubscriptionArn=known["SubscriptionArn"])


def _default_policy(topic_arn: str, context: Context) -> dict[str, Any]:
    """What a topic has that was never given a policy: its own account may do everything."""
    return {
        "Version": "2008-10-17",
        "Id": _DEFAULT_POLICY_OWNER,
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:Publish", "SNS:Subscribe"],
                "Resource": topic_arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": context.account}},
            }
        ],
    }

"""The SES types: mail template, configuration set and where its events go."""

from __future__ import annotations

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceType,
)


class Template(ResourceType):
    type_name = "AWS::SES::Template"
    properties = frozenset({"Template"})
    replaced_by = frozenset({"Template/TemplateName"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        template = {"TemplateName": context.generated_name(), **properties["Template"]}
        context.clients.ses.create_template(Template=template)  # type: ignore[arg-type]
        name = template["TemplateName"]
        return PhysicalResource(name, {"Id": name})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        template = {**after["Template"], "TemplateName": physical.physical_id}
        context.clients.ses.update_template(Template=template)  # type: ignore[arg-type]
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.ses.delete_template(TemplateName=physical.physical_id)


class ConfigurationSet(ResourceType):
    type_name = "AWS::SES::ConfigurationSet"
    properties = frozenset({"Name", "DeliveryOptions", "ReputationOptions", "SendingOptions"})
    replaced_by = frozenset({"Name"})
    name_property = "Name"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("Name") or context.generated_name()
        context.clients.ses.create_configuration_set(ConfigurationSet={"Name": name})
        physical = PhysicalResource(name)
        self._configure(physical, properties, context)
        return physical

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._configure(physical, after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.ses.delete_configuration_set(ConfigurationSetName=physical.physical_id)

    def _configure(
        self, physical: PhysicalResource, properties: Properties, context: Context
    ) -> None:
        from moto.ses.models import ses_backends

        # moto's SES v1 API has no call for these; the objects that SES v2 reads have a place.
        backend = ses_backends[context.account][context.region]
        configuration_set = backend.config_sets[physical.physical_id]
        configuration_set.delivery_options = dict(properties.get("DeliveryOptions", {}))
        configuration_set.reputation_options = dict(properties.get("ReputationOptions", {}))
        configuration_set.enabled = dict(properties.get("SendingOptions", {}))


class ConfigurationSetEventDestination(ResourceType):
    type_name = "AWS::SES::ConfigurationSetEventDestination"
    properties = frozenset({"ConfigurationSetName", "EventDestination"})
    replaced_by = frozenset({"ConfigurationSetName"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        destination = dict(properties["EventDestination"])
        destination.setdefault("Name", context.generated_name())
        context.clients.call(
            context.clients.ses,
            "create_configuration_set_event_destination",
            {
                "ConfigurationSetName": properties["ConfigurationSetName"],
                "EventDestination": _api_destination(destination),
            },
        )
        return PhysicalResource(destination["Name"], {"Id": destination["Name"]})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self.delete(physical, before, context)
        destination = {**after["EventDestination"]}
        destination.setdefault("Name", physical.physical_id)
        return self.create({**after, "EventDestination": destination}, context)

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.ses.delete_configuration_set_event_destination(
            ConfigurationSetName=properties["ConfigurationSetName"],
            EventDestinationName=physical.physical_id,
        )


def _api_destination(destination: Properties) -> Properties:
    """The template says SnsDestination and KinesisFirehoseDestination, the API otherwise."""
    renamed = {"SnsDestination": "SNSDestination"}
    return {renamed.get(name, name): value for name, value in destination.items()}

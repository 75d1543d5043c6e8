"""Lambda function, its permissions and its rules for asynchronous invocation."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
    retag,
)

_ENVIRONMENT_LIMIT = 4096  # bytes of all names and values, Lambda's quota
_CODE = frozenset({"Code"})
_CONFIGURATION = frozenset(
    {
        "Description",
        "Environment",
        "EphemeralStorage",
        "Handler",
        "MemorySize",
        "Role",
        "Runtime",
        "Timeout",
    }
)
# Parts that moto's API takes and forgets; they are kept on its function object.
_KEPT_HERE = frozenset({"Architectures", "DeadLetterConfig", "LoggingConfig", "TracingConfig"})


class DescribedFunction(LambdaFunction):
    """moto's function, telling everything that its template says."""

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        described: dict[str, Any] = super().get_configuration(on_create)
        if self.dead_letter_target_arn:
            described["DeadLetterConfig"] = {"TargetArn": self.dead_letter_target_arn}
        if self.logging_config:
            described["LoggingConfig"] = self.logging_config
        return described


def _check_environment(properties: Properties) -> None:
    variables = properties.get("Environment", {}).get("Variables", {})
    if (
        sum(len(f"{name}{value}".encode()) for name, value in variables.items())
        > _ENVIRONMENT_LIMIT
    ):
        raise ResourceError(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided exceeded the 4KB limit."
        )


class Function(ResourceType):
    type_name = "AWS::Lambda::Function"
    properties = (
        _CODE
        | _CONFIGURATION
        | _KEPT_HERE
        | {"FunctionName", "PackageType", "ReservedConcurrentExecutions", "Tags"}
    )
    replaced_by = frozenset({"FunctionName", "PackageType"})
    name_property = "FunctionName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        _check_environment(properties)
        name = properties.get("FunctionName") or context.generated_name()
        given = {
            key: properties[key] for key in _CODE | _CONFIGURATION | _KEPT_HERE if key in properties
        }
        lambda_client = context.clients.awslambda
        arn = context.clients.call(
            lambda_client,
            "create_function",
            {**given, "FunctionName": name, "Tags": context.tags(properties)},
        )["FunctionArn"]
        physical = PhysicalResource(name, {"Arn": arn})
        self._keep(physical, properties, context)
        self._reserve(physical, properties, context)
        return physical

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        _check_environment(after)
        lambda_client, name = context.clients.awslambda, physical.physical_id
        if after["Code"] != before["Code"]:
            context.clients.call(
                lambda_client, "update_function_code", {"FunctionName": name, **after["Code"]}
            )
        emptied = {"Description": "", "Environment": {"Variables": {}}}
        given = {key: after[key] for key in _CONFIGURATION if key in after}
        context.clients.call(
            lambda_client,
            "update_function_configuration",
            {**emptied, **given, "FunctionName": name},
        )
        self._keep(physical, after, context)
        self._reserve(physical, after, context)
        arn = physical.attributes["Arn"]
        retag(
            lambda_client.list_tags(Resource=arn)["Tags"],
            context.tags(after),
            lambda keys: lambda_client.untag_resource(Resource=arn, TagKeys=keys),
            lambda tags: lambda_client.tag_resource(Resource=arn, Tags=tags),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.awslambda.delete_function(FunctionName=physical.physical_id)

    def _keep(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        function = _function(physical.physical_id, context)
        function.__class__ = DescribedFunction
        function.dead_letter_target_arn = properties.get("DeadLetterConfig", {}).get("TargetArn")
        function.logging_config = dict(properties.get("LoggingConfig", {}))
        function.tracing_config = dict(properties.get("TracingConfig", {"Mode": "PassThrough"}))
        function.architectures = list(properties.get("Architectures", ["x86_64"]))

    def _reserve(
        self, physical: PhysicalResource, properties: Properties, context: Context
    ) -> None:
        reserved = properties.get("ReservedConcurrentExecutions")
        lambda_client, name = context.clients.awslambda, physical.physical_id
        if reserved is None:
            lambda_client.delete_function_concurrency(FunctionName=name)
        else:
            lambda_client.put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=int(reserved)
            )


class Permission(ResourceType):
    type_name = "AWS::Lambda::Permission"
    properties = frozenset({"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"})
    replaced_by = properties

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        statement_id = context.generated_name(100)
        context.clients.call(
            context.clients.awslambda,
            "add_permission",
            {**properties, "StatementId": statement_id},
        )
        return PhysicalResource(statement_id, {"Id": statement_id})

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        return physical  # every property replaces the permission

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.awslambda.remove_permission(
            FunctionName=properties["FunctionName"], StatementId=physical.physical_id
        )


class EventInvokeConfig(ResourceType):
    type_name = "AWS::Lambda::EventInvokeConfig"
    properties = frozenset(
        {
            "DestinationConfig",
            "FunctionName",
            "MaximumEventAgeInSeconds",
            "MaximumRetryAttempts",
            "Qualifier",
        }
    )
    replaced_by = frozenset({"FunctionName", "Qualifier"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._put(properties, context)
        name = f"{properties['FunctionName']}|{properties['Qualifier']}"
        return PhysicalResource(name)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._forget(before, context)
        self._put(after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        self._forget(properties, context)

    def _put(self, properties: Properties, context: Context) -> None:
        given = {key: value for key, value in properties.items() if key != "Qualifier"}
        context.clients.call(context.clients.awslambda, "put_function_event_invoke_config", given)

    def _forget(self, properties: Properties, context: Context) -> None:
        context.clients.awslambda.delete_function_event_invoke_config(
            FunctionName=properties["FunctionName"]
        )


def _function(name: str, context: Context) -> LambdaFunction:
    return lambda_backends[context.account][context.region].get_function(name)

"""HTTP API, and its stage, routes, integrations and authorizers.

What listens and answers is in deploy/local/apigateway/http_api.py.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from moto.apigatewayv2.models import apigatewayv2_backends

from deploy.local.apigateway.authorizers import is_identity_source
from deploy.local.apigateway.integrations import function_of
from deploy.local.apigateway.jwt import IssuerError, fetch_keys
from deploy.local.apigateway.routes import is_route_key
from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
    retag,
)

_ROUTE_SETTINGS = frozenset(
    {"DetailedMetricsEnabled", "ThrottlingBurstLimit", "ThrottlingRateLimit"}
)
_TIMEOUTS = range(50, 30001)  # milliseconds, API Gateway's bounds


class Api(ResourceType):
    type_name = "AWS::ApiGatewayV2::Api"
    properties = frozenset({"CorsConfiguration", "Description", "Name", "ProtocolType", "Tags"})
    replaced_by = frozenset({"ProtocolType"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        _check("ProtocolType", properties.get("ProtocolType"), "HTTP")
        given = {key: value for key, value in properties.items() if key != "Tags"}
        api = _call(context, "create_api", {**given, "Tags": _tags(properties, context)})
        attributes = {"ApiEndpoint": api["ApiEndpoint"], "ApiId": api["ApiId"]}
        return PhysicalResource(api["ApiId"], attributes)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        given = {
            key: after[key] for key in ("CorsConfiguration", "Description", "Name") if key in after
        }
        api_id, client = physical.physical_id, context.clients.apigatewayv2
        if "CorsConfiguration" not in after:
            client.delete_cors_configuration(ApiId=api_id)
        _call(context, "update_api", {"Description": "", **given, "ApiId": api_id})
        arn = f"arn:aws:apigateway:{context.region}::/apis/{api_id}"
        retag(
            client.get_api(ApiId=api_id)["Tags"],
            _tags(after, context),
            lambda keys: client.untag_resource(ResourceArn=arn, TagKeys=keys),
            lambda tags: client.tag_resource(ResourceArn=arn, Tags=tags),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.apigatewayv2.delete_api(ApiId=physical.physical_id)


class Stage(ResourceType):
    type_name = "AWS::ApiGatewayV2::Stage"
    properties = frozenset(
        {
            "AccessLogSettings",
            "ApiId",
            "AutoDeploy",
            "DefaultRouteSettings",
            "Description",
            "StageName",
            "Tags",
        }
    )
    replaced_by = frozenset({"ApiId", "StageName"})
    name_property = "StageName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        if str(properties.get("AutoDeploy")).lower() != "true":
            raise ResourceError(
                "The embedded AWS deploys a stage with each change: AutoDeploy has to be true."
            )
        unknown = set(properties.get("DefaultRouteSettings", {})) - _ROUTE_SETTINGS
        if unknown:
            raise ResourceError(
                f"The embedded AWS does not know {', '.join(sorted(unknown))} of a route."
            )
        _call(context, "create_stage", {**properties, "Tags": _tags(properties, context)})
        return PhysicalResource(properties["StageName"])

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        return self.create(after, context)  # moto has no UpdateStage, and replaces this one

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.apigatewayv2.delete_stage(
            ApiId=properties["ApiId"], StageName=physical.physical_id
        )


class _PartOfApi(ResourceType):
    """What is made, changed and deleted with calls of one form, and known by its id."""

    kind: ClassVar[str]
    identity_attribute: ClassVar[str] = "id"  # of moto's object
    replaced_by = frozenset({"ApiId"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._check(properties)
        self._check_others(None, properties, context)
        return self._make(properties, context)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._check(after)
        self._check_others(physical.physical_id, after, context)
        # What a change leaves out keeps its old value in the API, so the part is made anew.
        parts = self._parts(after, context)
        part = parts.pop(self._make(after, context).physical_id)
        setattr(part, self.identity_attribute, physical.physical_id)
        parts[physical.physical_id] = part
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        delete = getattr(context.clients.apigatewayv2, f"delete_{self.kind.lower()}")
        delete(**{"ApiId": properties["ApiId"], f"{self.kind}Id": physical.physical_id})

    def _make(self, properties: Properties, context: Context) -> PhysicalResource:
        identity = f"{self.kind}Id"
        physical = _call(context, f"create_{self.kind.lower()}", properties)
        return PhysicalResource(physical[identity], {identity: physical[identity]})

    def _parts(self, properties: Properties, context: Context) -> dict[str, Any]:
        """moto's parts of this kind of the API, by their ids."""
        api = apigatewayv2_backends[context.account][context.region].get_api(properties["ApiId"])
        parts: dict[str, Any] = getattr(api, f"{self.kind.lower()}s")
        return parts

    @abstractmethod
    def _check(self, properties: Properties) -> None:
        """Raises ResourceError for values that the embedded AWS does not know."""

    def _check_others(self, own_id: str | None, properties: Properties, context: Context) -> None:
        """Raises ResourceError when the API's other parts do not let this one be."""


class Integration(_PartOfApi):
    type_name = "AWS::ApiGatewayV2::Integration"
    kind = "Integration"
    properties = frozenset(
        {
            "ApiId",
            "Description",
            "IntegrationMethod",
            "IntegrationType",
            "IntegrationUri",
            "PayloadFormatVersion",
            "TimeoutInMillis",
        }
    )

    def _check(self, properties: Properties) -> None:
        _check("IntegrationType", properties.get("IntegrationType"), "AWS_PROXY")
        _check("PayloadFormatVersion", properties.get("PayloadFormatVersion"), "2.0")
        _check("IntegrationMethod", properties.get("IntegrationMethod", "POST"), "POST")
        _check_function("IntegrationUri", properties)
        timeout = int(properties.get("TimeoutInMillis", _TIMEOUTS[-1]))
        if timeout not in _TIMEOUTS:
            raise ResourceError(
                f"Timeout should be between {_TIMEOUTS[0]} ms and {_TIMEOUTS[-1]} ms"
            )


class Route(_PartOfApi):
    type_name = "AWS::ApiGatewayV2::Route"
    kind = "Route"
    properties = frozenset(
        {
            "ApiId",
            "AuthorizationScopes",
            "AuthorizationType",
            "AuthorizerId",
            "RouteKey",
            "Target",
        }
    )
    identity_attribute = "route_id"

    def _check(self, properties: Properties) -> None:
        kind = properties.get("AuthorizationType", "NONE")
        _check("AuthorizationType", kind, "NONE", "AWS_IAM", "CUSTOM", "JWT")
        if (kind in ("CUSTOM", "JWT")) != ("AuthorizerId" in properties):
            raise ResourceError(
                "AuthorizerId belongs to AuthorizationType CUSTOM and JWT, and only there."
            )
        if kind != "JWT" and properties.get("AuthorizationScopes"):
            raise ResourceError("AuthorizationScopes belong to AuthorizationType JWT.")
        if not is_route_key(properties["RouteKey"]):
            raise ResourceError(f"The provided route key is invalid: {properties['RouteKey']}")
        if not properties.get("Target", "").startswith("integrations/"):
            raise ResourceError("The Target of a route has to be integrations/ID.")

    def _check_others(self, own_id: str | None, properties: Properties, context: Context) -> None:
        key = properties["RouteKey"]
        for route_id, route in self._parts(properties, context).items():
            if route.route_key == key and route_id != own_id:
                raise ResourceError(f"Route with key {key} already exists for this API")


class Authorizer(_PartOfApi):
    type_name = "AWS::ApiGatewayV2::Authorizer"
    kind = "Authorizer"
    properties = frozenset(
        {
            "ApiId",
            "AuthorizerPayloadFormatVersion",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerType",
            "AuthorizerUri",
            "EnableSimpleResponses",
            "IdentitySource",
            "JwtConfiguration",
            "Name",
        }
    )

    def _make(self, properties: Properties, context: Context) -> PhysicalResource:
        # The API's client insists on identity sources, CloudFormation does not.
        return super()._make({"IdentitySource": [], **properties}, context)

    def _check(self, properties: Properties) -> None:
        kind = properties.get("AuthorizerType")
        _check("AuthorizerType", kind, "REQUEST", "JWT")
        for source in properties.get("IdentitySource", []):
            if not is_identity_source(source):
                raise ResourceError(f"The embedded AWS does not know the IdentitySource {source}.")
        if kind == "JWT":
            _check_jwt(properties)
        else:
            _check_request(properties)


def _check_request(properties: Properties) -> None:
    """Of an authorizer that is a function."""
    version = properties.get("AuthorizerPayloadFormatVersion")
    _check("AuthorizerPayloadFormatVersion", version, "2.0")
    simple = str(properties.get("EnableSimpleResponses")).lower()
    _check("EnableSimpleResponses", simple, "true")
    # Without it AWS keeps an answer for five minutes.
    ttl = str(properties.get("AuthorizerResultTtlInSeconds"))
    _check("AuthorizerResultTtlInSeconds", ttl, "0")
    _check_function("AuthorizerUri", properties)


def _check_jwt(properties: Properties) -> None:
    """API Gateway asks the issuer when the authorizer is made."""
    configuration = properties.get("JwtConfiguration", {})
    if len(properties.get("IdentitySource", [])) != 1:
        raise ResourceError("A JWT authorizer has one IdentitySource.")
    if not configuration.get("Audience"):
        raise ResourceError("A JWT authorizer needs an Audience.")
    try:
        fetch_keys(str(configuration.get("Issuer")))
    except IssuerError as exc:
        raise ResourceError(str(exc)) from exc


def _call(context: Context, operation: str, parameters: Properties) -> dict[str, Any]:
    return context.clients.call(context.clients.apigatewayv2, operation, parameters)


def _tags(properties: Properties, context: Context) -> dict[str, str]:
    """API Gateway's tags are a map."""
    return {**context.stack_tags, **properties.get("Tags", {})}


def _check(name: str, value: Any, *known: str) -> None:
    if value not in known:
        raise ResourceError(
            f"The embedded AWS knows {name} {' and '.join(known)} only, not {value}."
        )


def _check_function(name: str, properties: Properties) -> None:
    uri = properties.get(name, "")
    if function_of(uri) is None:
        raise ResourceError(f"The embedded AWS knows functions only as {name}, not {uri}.")

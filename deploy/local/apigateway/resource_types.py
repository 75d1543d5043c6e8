"""HTTP API, and its stage, routes, integrations and authorizers.

What listens and answers is in deploy/local/apigateway/http_api.py.
"""

from __future__ import annotations

from deploy.local.apigateway.authorizers import is_identity_source
from deploy.local.apigateway.jwt import IssuerError, fetch_keys
from deploy.local.apigateway.parts import PartOfApi, call, check_function, check_known, tags_of
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
    properties = frozenset(
        {
            "CorsConfiguration",
            "Description",
            "DisableExecuteApiEndpoint",
            "Name",
            "ProtocolType",
            "Tags",
        }
    )
    replaced_by = frozenset({"ProtocolType"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        check_known("ProtocolType", properties.get("ProtocolType"), "HTTP")
        given = {key: value for key, value in properties.items() if key != "Tags"}
        api = call(context, "create_api", {**given, "Tags": tags_of(properties, context)})
        attributes = {"ApiEndpoint": api["ApiEndpoint"], "ApiId": api["ApiId"]}
        return PhysicalResource(api["ApiId"], attributes)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        changed = ("CorsConfiguration", "Description", "DisableExecuteApiEndpoint", "Name")
        given = {key: after[key] for key in changed if key in after}
        api_id, client = physical.physical_id, context.clients.apigatewayv2
        if "CorsConfiguration" not in after:
            client.delete_cors_configuration(ApiId=api_id)
        call(context, "update_api", {"Description": "", **given, "ApiId": api_id})
        arn = f"arn:aws:apigateway:{context.region}::/apis/{api_id}"
        retag(
            client.get_api(ApiId=api_id)["Tags"],
            tags_of(after, context),
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
        call(context, "create_stage", {**properties, "Tags": tags_of(properties, context)})
        return PhysicalResource(properties["StageName"])

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        return self.create(after, context)  # moto has no UpdateStage, and replaces this one

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.apigatewayv2.delete_stage(
            ApiId=properties["ApiId"], StageName=physical.physical_id
        )


class Integration(PartOfApi):
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
        check_known("IntegrationType", properties.get("IntegrationType"), "AWS_PROXY")
        check_known("PayloadFormatVersion", properties.get("PayloadFormatVersion"), "2.0")
        check_known("IntegrationMethod", properties.get("IntegrationMethod", "POST"), "POST")
        check_function("IntegrationUri", properties)
        timeout = int(properties.get("TimeoutInMillis", _TIMEOUTS[-1]))
        if timeout not in _TIMEOUTS:
            raise ResourceError(
                f"Timeout should be between {_TIMEOUTS[0]} ms and {_TIMEOUTS[-1]} ms"
            )


class Route(PartOfApi):
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
        check_known("AuthorizationType", kind, "NONE", "AWS_IAM", "CUSTOM", "JWT")
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


class Authorizer(PartOfApi):
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
        check_known("AuthorizerType", kind, "REQUEST", "JWT")
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
    check_known("AuthorizerPayloadFormatVersion", version, "2.0")
    simple = str(properties.get("EnableSimpleResponses")).lower()
    check_known("EnableSimpleResponses", simple, "true")
    # Without it AWS keeps an answer for five minutes.
    ttl = str(properties.get("AuthorizerResultTtlInSeconds"))
    check_known("AuthorizerResultTtlInSeconds", ttl, "0")
    check_function("AuthorizerUri", properties)


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

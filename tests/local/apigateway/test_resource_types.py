"""HTTP APIs, their stages, routes, integrations and authorizers follow their templates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local import apis
from tests.local.account import Account
from tests.local.stacks import Stacks, template

pytestmark = pytest.mark.slow

ONE = "arn:aws:lambda:eu-west-1:123456789012:function:one"
TWO = "arn:aws:lambda:eu-west-1:123456789012:function:two"
AUTHORIZER: dict[str, Any] = {
    "ApiId": {"Ref": "Subject"},
    "Name": "gate",
    "AuthorizerType": "REQUEST",
    "AuthorizerUri": (
        f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ONE}/invocations"
    ),
    "AuthorizerPayloadFormatVersion": "2.0",
    "EnableSimpleResponses": True,
    "AuthorizerResultTtlInSeconds": 0,
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """Another part of the API that is called Subject."""
    given = {"ApiId": {"Ref": "Subject"}, **properties}
    return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": given}


def bring(stacks: Stacks, subject: dict[str, Any] | None = None, **others: Any) -> dict[str, str]:
    """Bring the stack to this API; the ids of its resources."""
    given = {"Name": "api", "ProtocolType": "HTTP", **(subject or {})}
    stacks.subject("AWS::ApiGatewayV2::Api", given, **others)
    return stacks.resources("a")


def test_an_api(stacks: Stacks, account: Account) -> None:
    """It is changed in place, stays where it is, and goes with its stack."""
    client = account.client("apigatewayv2")
    cors = {"AllowOrigins": ["https://example.com"], "MaxAge": "60"}
    more = {"Description": "x", "Tags": {"one": "1"}, "CorsConfiguration": cors}
    made = bring(stacks, more)["Subject"]
    before = client.get_api(ApiId=made)

    same = bring(stacks, {"Name": "other", "Tags": {"two": "2"}})["Subject"]
    after = client.get_api(ApiId=made)
    stacks.client.delete_stack(StackName="a")

    assert same == made
    assert (before["Name"], before["Description"]) == ("api", "x")
    assert before["CorsConfiguration"] == {"AllowOrigins": ["https://example.com"], "MaxAge": 60}
    assert before["ApiEndpoint"] == after["ApiEndpoint"]
    assert before["ApiEndpoint"].startswith("http://127.0.0.1:")
    assert (after["Name"], after["Description"]) == ("other", "")
    assert "CorsConfiguration" not in after
    assert (before["Tags"], after["Tags"]) == ({"one": "1"}, {"two": "2"})
    assert client.get_apis()["Items"] == []


def test_what_ref_and_getatt_give(stacks: Stacks) -> None:
    """The ids, the name of the stage, and where the API is."""
    parts = {
        "Stage": resource("Stage", StageName="$default", AutoDeploy="true"),
        "Part": resource(
            "Integration",
            IntegrationType="AWS_PROXY",
            IntegrationUri=ONE,
            PayloadFormatVersion="2.0",
        ),
        "Route": resource("Route", RouteKey="GET /", Target={"Fn::Sub": "integrations/${Part}"}),
        "Gate": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": AUTHORIZER},
    }
    attributes = {
        "Subject": "ApiId",
        "Part": "IntegrationId",
        "Route": "RouteId",
        "Gate": "AuthorizerId",
    }
    given = template(
        {**apis.api("Subject"), **parts},
        Outputs={
            "Url": {"Value": {"Fn::GetAtt": ["Subject", "ApiEndpoint"]}},
            **{
                name: {"Value": {"Fn::GetAtt": [name, attribute]}}
                for name, attribute in attributes.items()
            },
        },
    )
    del given["Resources"]["SubjectStage"]

    assert stacks.apply("a", given) == "CREATE_COMPLETE", stacks.history("a")

    outputs, ids = stacks.outputs("a"), stacks.resources("a")
    assert outputs.pop("Url").startswith("http://127.0.0.1:")
    assert outputs == {name: ids[name] for name in attributes}
    assert ids["Stage"] == "$default"


def test_a_stage(stacks: Stacks, account: Account) -> None:
    """It is changed in place; what the template does not say any more is gone."""
    log = "arn:aws:logs:eu-west-1:123456789012:log-group:log"
    settings = {"ThrottlingRateLimit": "10", "ThrottlingBurstLimit": "20"}
    logged = {"DestinationArn": log, "Format": "$context.requestId"}
    client = account.client("apigatewayv2")

    def stage(**properties: Any) -> dict[str, Any]:
        own = resource("Stage", StageName="$default", AutoDeploy=True, **properties)
        api_id = bring(stacks, Stage=own)["Subject"]
        return dict(client.get_stage(ApiId=api_id, StageName="$default"))

    before = stage(DefaultRouteSettings=settings, AccessLogSettings=logged, Tags={"one": "1"})
    after = stage()

    limits = {"ThrottlingRateLimit": 10.0, "ThrottlingBurstLimit": 20}
    assert before["DefaultRouteSettings"] == limits
    assert before["AccessLogSettings"] == logged
    assert before["Tags"] == {"one": "1"}
    assert "ThrottlingRateLimit" not in after["DefaultRouteSettings"]
    assert "AccessLogSettings" not in after
    assert after["Tags"] == {}


def test_parts_are_changed_in_place(stacks: Stacks, account: Account) -> None:
    """They keep their ids; what the template does not say any more is gone."""
    client = account.client("apigatewayv2")

    def parts(uri: str, timeout: int | None, key: str, gate: dict[str, Any]) -> dict[str, str]:
        more = {"TimeoutInMillis": timeout} if timeout else {}
        part = resource(
            "Integration",
            IntegrationType="AWS_PROXY",
            IntegrationUri=uri,
            PayloadFormatVersion="2.0",
            **more,
        )
        custom = {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Gate"}} if more else {}
        route = resource(
            "Route", RouteKey=key, Target={"Fn::Sub": "integrations/${Part}"}, **custom
        )
        properties = {**AUTHORIZER, **gate}
        authorizer = {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties}
        return bring(stacks, Part=part, Route=route, Gate=authorizer)

    made = parts(ONE, 5000, "GET /", {"IdentitySource": ["$request.header.X"]})
    changed = parts(TWO, None, "POST /", {"Name": "other"})

    assert made == changed
    api_id = made["Subject"]
    [part] = client.get_integrations(ApiId=api_id)["Items"]
    [route] = client.get_routes(ApiId=api_id)["Items"]
    gate = client.get_authorizer(ApiId=api_id, AuthorizerId=made["Gate"])
    assert part["IntegrationId"] == made["Part"]
    assert (part["IntegrationUri"], part["TimeoutInMillis"]) == (TWO, 30000)
    assert (route["RouteId"], route["RouteKey"]) == (made["Route"], "POST /")
    assert route["AuthorizationType"] == "NONE"
    assert "AuthorizerId" not in route
    assert (gate["Name"], gate["IdentitySource"]) == ("other", [])


def test_parts_go_by_themselves(stacks: Stacks, account: Account) -> None:
    """A route that the template drops is not there any more."""
    part = resource(
        "Integration", IntegrationType="AWS_PROXY", IntegrationUri=ONE, PayloadFormatVersion="2.0"
    )
    route = resource("Route", RouteKey="GET /", Target={"Fn::Sub": "integrations/${Part}"})
    stage = resource("Stage", StageName="$default", AutoDeploy=True)
    gate = {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": AUTHORIZER}
    api_id = bring(stacks, Part=part, Route=route, Stage=stage, Gate=gate)["Subject"]

    bring(stacks)

    client = account.client("apigatewayv2")
    assert client.get_routes(ApiId=api_id)["Items"] == []
    assert client.get_integrations(ApiId=api_id)["Items"] == []
    assert client.get_stages(ApiId=api_id)["Items"] == []
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_authorizer(ApiId=api_id, AuthorizerId="x")


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("Stage", {"StageName": "$default"}, "AutoDeploy has to be true."),
        (
            *("Stage", {"StageName": "x", "AutoDeploy": True, "StageVariables": {}}),
            "does not know StageVariables of AWS::ApiGatewayV2::Stage.",
        ),
        (
            "Stage",
            {
                "StageName": "x",
                "AutoDeploy": True,
                "DefaultRouteSettings": {"LoggingLevel": "INFO"},
            },
            "does not know LoggingLevel of a route.",
        ),
        (
            *("Integration", {"IntegrationType": "HTTP_PROXY"}),
            "knows IntegrationType AWS_PROXY only, not HTTP_PROXY.",
        ),
        (
            *("Integration", {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "1.0"}),
            "knows PayloadFormatVersion 2.0 only, not 1.0.",
        ),
        (
            "Integration",
            {
                "IntegrationType": "AWS_PROXY",
                "PayloadFormatVersion": "2.0",
                "IntegrationUri": "https://example.com",
            },
            "knows functions only as IntegrationUri, not https://example.com.",
        ),
        (
            "Integration",
            {
                "IntegrationType": "AWS_PROXY",
                "PayloadFormatVersion": "2.0",
                "IntegrationUri": ONE,
                "TimeoutInMillis": 30001,
            },
            "Timeout should be between 50 ms and 30000 ms",
        ),
        (
            *("Route", {"RouteKey": "GET /", "AuthorizationType": "COGNITO"}),
            "knows AuthorizationType NONE and AWS_IAM and CUSTOM and JWT only, not COGNITO.",
        ),
        (
            *("Route", {"RouteKey": "GET /", "AuthorizationType": "CUSTOM"}),
            "AuthorizerId belongs to AuthorizationType CUSTOM and JWT, and only there.",
        ),
        ("Route", {"RouteKey": "get /"}, "The provided route key is invalid: get /"),
        ("Route", {"RouteKey": "GET /"}, "The Target of a route has to be integrations/ID."),
        (
            *("Authorizer", {**AUTHORIZER, "AuthorizerResultTtlInSeconds": 300}),
            "knows AuthorizerResultTtlInSeconds 0 only, not 300.",
        ),
        (
            *("Authorizer", {**AUTHORIZER, "EnableSimpleResponses": "false"}),
            "knows EnableSimpleResponses true only, not false.",
        ),
        (
            *("Authorizer", {**AUTHORIZER, "AuthorizerType": "TOKEN"}),
            "knows AuthorizerType REQUEST and JWT only, not TOKEN.",
        ),
        (
            *("Authorizer", {**AUTHORIZER, "IdentitySource": ["$context.path"]}),
            "does not know the IdentitySource $context.path.",
        ),
    ],
)
def test_what_a_template_cannot_ask_for(
    stacks: Stacks, kind: str, properties: dict[str, Any], reason: str
) -> None:
    """It fails the stack instead of being dropped."""
    given = template({**apis.api("Subject"), "Part": resource(kind, **properties)})

    stacks.apply("a", given)

    assert stacks.reason("a", "Part", "CREATE_FAILED").endswith(reason)


def test_two_routes_of_one_key(stacks: Stacks) -> None:
    """API Gateway would not know which of them to take."""
    part = resource(
        "Integration", IntegrationType="AWS_PROXY", IntegrationUri=ONE, PayloadFormatVersion="2.0"
    )
    route = resource("Route", RouteKey="GET /", Target={"Fn::Sub": "integrations/${Part}"})
    given = {**apis.api("Subject"), "Part": part, "One": route, "Two": route}

    stacks.apply("a", template(given))

    assert stacks.status("a") == "ROLLBACK_COMPLETE"
    assert stacks.reason("a", "Two", "CREATE_FAILED") == (
        "Route with key GET / already exists for this API"
    )


def test_an_api_of_another_kind(stacks: Stacks) -> None:
    """There are HTTP APIs only."""
    stacks.apply("a", template(apis.api("Subject", ProtocolType="WEBSOCKET")))

    assert stacks.reason("a", "Subject", "CREATE_FAILED") == (
        "The embedded AWS knows ProtocolType HTTP only, not WEBSOCKET."
    )


def test_a_stack_that_fails_closes_its_ports(stacks: Stacks, account: Account) -> None:
    """What was made before the failure is taken back."""
    wrong = resource("Route", RouteKey="no key", Target="integrations/x")

    stacks.apply("a", template({**apis.api("Subject"), "Part": wrong}))

    assert stacks.status("a") == "ROLLBACK_COMPLETE"
    assert account.client("apigatewayv2").get_apis()["Items"] == []

"""What the programs stack makes, beyond the rules that hold for every template."""

from __future__ import annotations

import json
import re

import pytest
from programs import nonces
from programs.settings import Settings

from tests.templates.reading import PROGRAMS
from tests.templates.test_portal import LAMBDA_SRC, LOGGED, Asked

FUNCTIONS = PROGRAMS.of_type("AWS::Lambda::Function")
_API_GATEWAY_WAITS = 30  # seconds
_FOR_AN_AUTHORIZER = 10  # seconds

each_function = pytest.mark.parametrize("name", FUNCTIONS)

ROUTES = {
    "GET /access-object": "CUSTOM",
    "GET /presigned-url": "AWS_IAM",
    "POST /complete-upload": "AWS_IAM",
    "POST /generate-url": "AWS_IAM",
}


def test_every_route_says_who_may_take_it() -> None:
    """API Gateway lets everybody in where AuthorizationType is left out; one function answers."""
    routes = [one["Properties"] for one in PROGRAMS.of_type("AWS::ApiGatewayV2::Route").values()]

    assert {one["RouteKey"]: one["AuthorizationType"] for one in routes} == ROUTES
    assert {one["Target"]["Fn::Sub"] for one in routes} == {"integrations/${ProgramsIntegration}"}
    integration = PROGRAMS.properties("ProgramsIntegration")
    assert integration["IntegrationUri"] == {"Fn::GetAtt": "Programs.Arn"}
    assert integration["IntegrationType"] == "AWS_PROXY"
    assert integration["PayloadFormatVersion"] == "2.0"


def test_the_gate_is_asked_each_time() -> None:
    """A remembered yes would let a nonce in twice.

    What every request has is its identity source: without the nonce API Gateway would answer 401
    itself, and the gate would not be asked.
    """
    gate = PROGRAMS.properties("NonceAuthorizer")

    assert PROGRAMS.properties("AccessObjectRoute")["AuthorizerId"] == {"Ref": "NonceAuthorizer"}
    assert gate["AuthorizerResultTtlInSeconds"] == 0
    assert gate["IdentitySource"] == ["$request.header.Host"]
    assert (gate["AuthorizerType"], gate["EnableSimpleResponses"]) == ("REQUEST", True)
    assert gate["AuthorizerPayloadFormatVersion"] == "2.0"
    assert "NonceGate" in str(gate["AuthorizerUri"])


def test_the_access_log_tells_nothing_that_opens_anything() -> None:
    """Queries hold nonces; beside what the portal's log tells there is who signed, and the gate."""
    logged = PROGRAMS.properties("ProgramsStage")["AccessLogSettings"]

    line = re.sub(r"\$context\.([\w.]+)", r"\1", logged["Format"])

    assert set(json.loads(line).values()) == {*LOGGED, "identity.userArn", "authorizer.error"}
    assert logged["DestinationArn"] == {"Fn::GetAtt": "ProgramsApiLogGroup.Arn"}


def test_all_callers_together_are_throttled() -> None:
    """More than programs need, and less than an account's functions; no page may call it."""
    limits = PROGRAMS.properties("ProgramsStage")["DefaultRouteSettings"]

    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"] <= 1000
    assert "CorsConfiguration" not in PROGRAMS.properties("ProgramsApi")


def test_the_table_of_nonces_is_what_the_functions_read() -> None:
    """Its key and its time to live have the names that the code writes; paid by the request."""
    table = PROGRAMS.properties("NoncesTable")
    held = PROGRAMS.resources["NoncesTable"]

    assert [key["AttributeName"] for key in table["KeySchema"]] == [nonces.NONCE_HASH]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {
        "AttributeName": nonces.REMOVED_AT,
        "Enabled": True,
    }
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert (held["DeletionPolicy"], held["UpdateReplacePolicy"]) == ("Delete", "Retain")


@each_function
def test_handler_is_there(name: str) -> None:
    """The handler that the template names is a function of lambda_src."""
    module, _, function = PROGRAMS.properties(name)["Handler"].rpartition(".")

    source = (LAMBDA_SRC / f"{module.replace('.', '/')}.py").read_text("utf-8")

    assert re.search(rf"^def {function}\(", source, flags=re.MULTILINE)


@each_function
def test_a_function_answers_while_its_caller_waits(name: str) -> None:
    """API Gateway gives up after 30 seconds, and on an authorizer after 10."""
    longest = _FOR_AN_AUTHORIZER if name == "NonceGate" else _API_GATEWAY_WAITS - 1

    assert 0 < PROGRAMS.properties(name)["Timeout"] <= longest


@each_function
def test_functions_are_traced_and_log_json(name: str) -> None:
    """Logs are JSON, both in one group, so that a link can be followed from one to the next."""
    function = PROGRAMS.properties(name)

    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "ProgramsLogGroup"},
    }
    assert PROGRAMS.properties("ProgramsLogGroup")["RetentionInDays"] == {"Ref": "LogsTTL"}


def test_environment_is_what_the_functions_read() -> None:
    """Nothing is missing and nothing is left over."""
    asked = Asked()

    Settings.from_environment(asked)

    assert set(PROGRAMS.properties("Programs")["Environment"]["Variables"]) == asked.names
    assert PROGRAMS.properties("NonceGate")["Environment"]["Variables"] == {
        "NoncesTableName": {"Ref": "NoncesTable"}
    }


def test_the_bucket_is_the_generators() -> None:
    """So the stack cannot mean another bucket; it needs no portal, and takes nothing from one."""
    bucket = {"Fn::ImportValue": {"Fn::Sub": "${GeneratorStackName}-FileExchangeBucketName"}}
    variables = PROGRAMS.properties("Programs")["Environment"]["Variables"]

    assert variables["FileExchangeBucketName"] == bucket
    assert PROGRAMS.parameters["PortalStackName"]["Default"] == ""
    assert "${PortalStackName}" not in PROGRAMS.text


@each_function
def test_environment_carries_the_parameters_names(name: str) -> None:
    """A function reads what the operator typed under the name the operator typed it."""
    variables = PROGRAMS.properties(name)["Environment"]["Variables"]

    usual = {"Fn::Join": [",", {"Ref": "EmailRecipient"}]}
    authorized = {"Fn::Join": [",", {"Ref": "AuthorizedRecipients"}]}
    lists = {
        "EmailRecipient": usual,
        "AuthorizedRecipients": {"Fn::If": ["HasAuthorizedRecipients", authorized, ""]},
    }
    for parameter in variables.keys() & PROGRAMS.parameters.keys():
        assert variables[parameter] == lists.get(parameter, {"Ref": parameter})


def test_defaults() -> None:
    """Who changes nothing lets programs into one folder."""
    assert PROGRAMS.parameters["ProgramsKeys"]["Default"] == "programs/*"


def test_outputs() -> None:
    """What the tool and people at the console need."""
    assert set(PROGRAMS.outputs) == {
        "ProgramsApiUrl",
        "ProgramsApiId",
        "ProgramsApiLogGroupName",
        "NoncesTableName",
        "ProgramsLogGroupName",
    }
    assert PROGRAMS.outputs["ProgramsApiUrl"]["Value"] == {"Fn::GetAtt": "ProgramsApi.ApiEndpoint"}

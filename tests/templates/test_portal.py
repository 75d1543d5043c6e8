"""What the portal stack makes, beyond the rules that hold for every template."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from portal_links import rows
from portal_links.request_counts import RequestCounts
from portal_links.tasks import REMEMBERED

from deploy.stacks.templates import load_template
from tests.templates.reading import PORTAL, mentions

LAMBDA_SRC = PORTAL.path.parent.parent / "lambda_src"
FUNCTIONS = PORTAL.of_type("AWS::Lambda::Function")
_API_GATEWAY_WAITS = 30  # seconds

each_function = pytest.mark.parametrize("name", FUNCTIONS)

# Every route: who may take it, and which function answers.
ROUTES = {
    "GET /": ("NONE", "Portal"),
    "POST /request-link": ("NONE", "Portal"),
    "ANY /d/{token}": ("NONE", "Portal"),
    "$default": ("NONE", "Portal"),
}
# What a line of the access log may tell: nothing of a path, a query, a header or a body.
LOGGED = {
    "requestId",
    "requestTime",
    "routeKey",
    "status",
    "identity.sourceIp",
    "responseLength",
    "responseLatency",
    "error.message",
    "integration.error",
}


def integration_of(route: Mapping[str, Any]) -> dict[str, Any]:
    """The integration that a route's target names."""
    name = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])
    assert name
    return PORTAL.properties(name[1])


def routes() -> dict[str, dict[str, Any]]:
    found = (r["Properties"] for r in PORTAL.of_type("AWS::ApiGatewayV2::Route").values())
    return {route["RouteKey"]: route for route in found}


def test_every_route_says_who_may_take_it() -> None:
    """API Gateway lets everybody in where AuthorizationType is left out."""
    found = {
        key: (
            route["AuthorizationType"],
            integration_of(route)["IntegrationUri"]["Fn::GetAtt"].partition(".")[0],
        )
        for key, route in routes().items()
    }

    assert found == ROUTES


def test_events_come_in_one_format() -> None:
    """The functions read payload 2.0."""
    for route in routes().values():
        integration = integration_of(route)
        assert integration["IntegrationType"] == "AWS_PROXY"
        assert integration["PayloadFormatVersion"] == "2.0"


def test_the_access_log_tells_nothing_that_opens_anything() -> None:
    """Paths and queries hold tokens; the route's name stands for them."""
    logged = PORTAL.properties("PortalStage")["AccessLogSettings"]

    line = re.sub(r"\$context\.([\w.]+)", r"\1", logged["Format"])

    assert set(json.loads(line).values()) == LOGGED
    assert logged["DestinationArn"] == {"Fn::GetAtt": "PortalApiLogGroup.Arn"}


def test_all_callers_together_are_throttled() -> None:
    """More than people need, and less than an account's functions."""
    limits = PORTAL.properties("PortalStage")["DefaultRouteSettings"]

    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"] <= 1000


def test_other_sites_may_post_only_where_they_are_named() -> None:
    """Without AllowedOrigins there is no CORS at all; with them, no cookies and one method."""
    condition, given, otherwise = PORTAL.properties("PortalApi")["CorsConfiguration"]["Fn::If"]

    assert (condition, otherwise) == ("HasAllowedOrigins", {"Ref": "AWS::NoValue"})
    assert given["AllowOrigins"] == {"Ref": "AllowedOrigins"}
    assert given["AllowMethods"] == ["POST"]
    assert given["AllowHeaders"] == ["content-type"]
    assert "AllowCredentials" not in given


def _keys(schema: list[dict[str, str]]) -> list[str]:
    return [key["AttributeName"] for key in schema]


def test_the_table_of_links_is_what_the_functions_read() -> None:
    """Its key, its indexes and its time to live have the names that portal_links writes."""
    table = PORTAL.properties("LinksTable")
    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}

    assert _keys(table["KeySchema"]) == [rows.LINK_ID]
    assert {name: _keys(index["KeySchema"]) for name, index in indexes.items()} == {
        rows.BY_RECIPIENT: [rows.RECIPIENT_ID, rows.CREATED_AT],
        rows.TO_REMIND: [rows.REMINDER, rows.REMIND_AT],
    }
    # Reminders are taken by their id; what a link says of its file is read with the link.
    assert indexes[rows.TO_REMIND]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": rows.REMOVED_AT, "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_counts_of_requests_end_by_themselves() -> None:
    """RequestCounts writes these names, and the rows of tasks have them, too."""
    table = PORTAL.properties("RequestCountsTable")
    source = (LAMBDA_SRC / f"{RequestCounts.__module__.replace('.', '/')}.py").read_text("utf-8")

    assert _keys(table["KeySchema"]) == ["CountId"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "RemovedAt", "Enabled": True}
    assert 'KEY = "CountId"' in source
    assert 'REMOVED_AT = "RemovedAt"' in source


def test_a_task_is_remembered_for_as_long_as_it_may_come_again() -> None:
    """As long as Lambda tries it and the queue keeps it, and a little longer."""
    tried = PORTAL.properties("LinkMailerRetries")["MaximumEventAgeInSeconds"]
    kept = PORTAL.properties("PortalDeadLetterQueue")["MessageRetentionPeriod"]

    assert timedelta(seconds=tried + kept) < REMEMBERED


@pytest.mark.parametrize("table", ["LinksTable", "RequestCountsTable"])
def test_tables_cost_nothing_while_idle(table: str) -> None:
    """They are paid by the request."""
    assert PORTAL.properties(table)["BillingMode"] == "PAY_PER_REQUEST"


@each_function
def test_handler_is_there(name: str) -> None:
    """The handler that the template names is a function of lambda_src."""
    module, _, function = PORTAL.properties(name)["Handler"].rpartition(".")

    source = (LAMBDA_SRC / f"{module.replace('.', '/')}.py").read_text("utf-8")

    assert re.search(rf"^def {function}\(", source, flags=re.MULTILINE)


@each_function
def test_a_function_answers_while_its_caller_waits(name: str) -> None:
    """API Gateway gives up after 30 seconds; mails may take longer."""
    longest = {"LinkMailer": 900}.get(name, _API_GATEWAY_WAITS - 1)

    assert 0 < PORTAL.properties(name)["Timeout"] <= longest


@each_function
def test_functions_are_traced_and_log_json(name: str) -> None:
    """Logs are JSON, all in one group, so that a link can be followed from one to the next."""
    function = PORTAL.properties(name)

    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "PortalLogGroup"},
    }
    assert PORTAL.properties("PortalLogGroup")["RetentionInDays"] == {"Ref": "LogsTTL"}


class Asked(Mapping[str, str]):
    """An environment that has everything, and knows what it was asked for."""

    _ODD: ClassVar = {
        "PortalUrl": "https://x.example.com",
        "ProgramsKeys": "programs/*",
        "NotifyOnDownload": "admin",
        "ReplyTo": "team@example.com",
    }

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        address = "Email" in name or name in ("AuthorizedRecipients", "AuthorizedSenders")
        return self._ODD.get(name, "bob@example.com" if address else "1")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@each_function
def test_environment_is_what_the_function_reads(name: str) -> None:
    """Nothing is missing and nothing is left over."""
    package = PORTAL.properties(name)["Handler"].partition(".")[0]
    asked = Asked()

    importlib.import_module(f"{package}.settings").Settings.from_environment(asked)

    # TZ is read by the C library.
    assert set(PORTAL.properties(name)["Environment"]["Variables"]) == asked.names | {"TZ"}


@each_function
def test_environment_carries_the_parameters_names(name: str) -> None:
    """A function reads what the operator typed under the name the operator typed it."""
    variables = PORTAL.properties(name)["Environment"]["Variables"]

    for parameter in variables.keys() & PORTAL.parameters.keys():
        assert f"'Ref': '{parameter}'" in str(variables[parameter])


def test_failed_mails_are_tried_again_and_then_kept() -> None:
    """Two more tries within 6 hours, then PortalDeadLetterQueue for 14 days, encrypted."""
    retries = PORTAL.properties("LinkMailerRetries")
    queue = PORTAL.properties("PortalDeadLetterQueue")

    assert (retries["FunctionName"], retries["Qualifier"]) == ({"Ref": "LinkMailer"}, "$LATEST")
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["MaximumEventAgeInSeconds"] == 6 * 60 * 60
    assert PORTAL.properties("LinkMailer")["DeadLetterConfig"] == {
        "TargetArn": {"Fn::GetAtt": "PortalDeadLetterQueue.Arn"}
    }
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_reminders_are_looked_for_where_they_are_wanted() -> None:
    """A schedule hands LinkMailer one of its tasks; what is missed is due at the next run."""
    schedule = PORTAL.properties("RemindersSchedule")
    target = schedule["Target"]

    assert json.loads(target["Input"]) == {"task": "remind"}
    assert target["Arn"] == {"Fn::GetAtt": "LinkMailer.Arn"}
    assert target["RoleArn"] == {"Fn::GetAtt": "RemindersScheduleRole.Arn"}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    for name in ("RemindersSchedule", "RemindersScheduleRole"):
        assert PORTAL.resources[name]["Condition"] == "HasSendReminders"


def test_what_goes_with_the_stack() -> None:
    """Its tables, logs and queue are worth nothing without it; a replaced table of links is."""
    held = {
        name: (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for name, resource in PORTAL.resources.items()
        if "DeletionPolicy" in resource
    }

    assert held.pop("LinksTable") == ("Delete", "Retain")
    assert set(held.values()) == {("Delete", "Delete")}


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("MaxDownloads", 0),
        ("DownloadGracePeriod", 600),
        ("ConfirmRecipient", "false"),
        ("NotifyOnDownload", "nobody"),
        ("SendReminders", "true"),
        ("MaxExtension", 365),
        ("AllowedOrigins", ""),
        ("MaxRequestedMailsPerDay", 50),
    ],
)
def test_defaults(name: str, default: object) -> None:
    """Who changes nothing has links for any number of downloads, and reminders."""
    assert PORTAL.parameters[name]["Default"] == default


def test_outputs() -> None:
    """What the tool, the generator stack and people at the console need."""
    assert set(PORTAL.outputs) == {
        "PortalUrl",
        "PortalApiId",
        "PortalApiLogGroupName",
        "LinksTableName",
        "LinksTableArn",
        "LinkMailerName",
        "MaxExtension",
        "PortalLogGroupName",
        "PortalDeadLetterQueueUrl",
        "PortalDeadLetterQueueArn",
        "PortalDomainTarget",
    }
    [_, own, api] = PORTAL.outputs["PortalUrl"]["Value"]["Fn::If"]
    assert api == {"Fn::GetAtt": "PortalApi.ApiEndpoint"}
    assert own == {"Fn::Sub": "https://${PortalDomain}"}


# The parameters of a domain name, and what is made of them.
NAME, CERTIFICATE, ZONE = "PortalDomainName", "PortalCertificateArn", "HostedZoneId"
GIVEN = {
    NAME: "files.example.com",
    CERTIFICATE: "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd",
    ZONE: "Z0123456789ABCDEFGHIJ",
}
OF_A_DOMAIN = {"PortalDomain", "PortalMapping"}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ((), set()),
        ((NAME,), set()),
        ((CERTIFICATE,), set()),
        ((ZONE,), set()),
        ((NAME, ZONE), set()),
        ((CERTIFICATE, ZONE), set()),
        ((NAME, CERTIFICATE), OF_A_DOMAIN),
        ((NAME, CERTIFICATE, ZONE), OF_A_DOMAIN | {"PortalRecord"}),
    ],
)
def test_a_domain_name_is_all_or_nothing(given: tuple[str, ...], made: set[str]) -> None:
    """Without name and certificate everything stays as it is; a record needs both, and a zone."""
    template = load_template("link_portal.yaml")
    values = {name: GIVEN[name] for name in given}

    found = {one.logical_id for one in template.resources_made_with(values)}

    assert found & (OF_A_DOMAIN | {"PortalRecord"}) == made
    assert template.holds("HasPortalDomain", values) == bool(made)


def test_a_domain_name_takes_the_apis_own_address_away() -> None:
    """It is of this region, speaks TLS 1.2 at least, and is on as soon as that is off."""
    [configuration] = PORTAL.properties("PortalDomain")["DomainNameConfigurations"]

    assert configuration == {
        "CertificateArn": {"Ref": CERTIFICATE},
        "EndpointType": "REGIONAL",
        "SecurityPolicy": "TLS_1_2",
    }
    assert PORTAL.properties("PortalMapping") == {
        "ApiId": {"Ref": "PortalApi"},
        "DomainName": {"Ref": "PortalDomain"},
        "Stage": {"Ref": "PortalStage"},
    }
    assert PORTAL.properties("PortalApi")["DisableExecuteApiEndpoint"] == {
        "Fn::If": ["HasPortalDomain", True, False]
    }


def test_no_mail_has_the_name_before_it_leads_somewhere() -> None:
    """LinkMailer waits for the mapping, Portal for LinkMailer, and outputs for everything."""
    needed = {name: mentions(PORTAL.properties(name)) for name in ("LinkMailer", "Portal")}

    assert "PortalMapping" in needed["LinkMailer"]
    assert "LinkMailer" in needed["Portal"]
    for name in needed:
        url = PORTAL.properties(name)["Environment"]["Variables"]["PortalUrl"]
        assert url["Fn::If"][0] == "HasPortalDomain"
        assert url["Fn::If"][2] == {"Fn::GetAtt": "PortalApi.ApiEndpoint"}


def test_the_record_leads_to_the_domain_name() -> None:
    """By IPv4 alone, as API Gateway answers unless it is told otherwise."""
    assert PORTAL.properties("PortalRecord") == {
        "HostedZoneId": {"Ref": ZONE},
        "Name": {"Ref": NAME},
        "Type": "A",
        "AliasTarget": {
            "DNSName": {"Fn::GetAtt": "PortalDomain.RegionalDomainName"},
            "HostedZoneId": {"Fn::GetAtt": "PortalDomain.RegionalHostedZoneId"},
        },
    }
    assert PORTAL.outputs["PortalDomainTarget"]["Value"] == {
        "Fn::GetAtt": "PortalDomain.RegionalDomainName"
    }


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        (NAME, "", True),
        (NAME, "files.example.com", True),
        (NAME, "xn--dteien-bua.example.com", True),
        (NAME, "Files.example.com", False),
        (NAME, "https://files.example.com", False),
        (NAME, "files.example.com/", False),
        (NAME, "files", False),
        (NAME, "192.0.2.1", False),
        (CERTIFICATE, GIVEN[CERTIFICATE], True),
        (CERTIFICATE, "arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/1", True),
        (CERTIFICATE, "arn:aws:iam::123456789012:server-certificate/mine", False),
        (CERTIFICATE, "1234abcd", False),
        (ZONE, "Z0123456789ABCDEFGHIJ", True),
        (ZONE, "/hostedzone/Z0123456789ABCDEFGHIJ", False),
        (ZONE, "example.com", False),
    ],
)
def test_what_can_be_typed_for_a_domain_name(name: str, value: str, is_taken: bool) -> None:
    """As AWS has it, and the sentence for all else has an example."""
    problem = load_template("link_portal.yaml").parameters[name].problem(value)

    assert (problem is None) == is_taken
    assert is_taken or "for example" in str(problem)

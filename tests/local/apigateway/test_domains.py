"""Domain names: which requests reach the API that is mapped to one, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.apigateway.domains import domain_of
from tests.local import apis
from tests.local.account import Account
from tests.local.stacks import Stacks, template

NAME = "files.example.com"
SOURCE = """
def handle(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["domainName"]}
"""


def domain(certificate: str, name: str = NAME, **configuration: Any) -> dict[str, Any]:
    configured = {
        "CertificateArn": certificate,
        "EndpointType": "REGIONAL",
        "SecurityPolicy": "TLS_1_2",
        **configuration,
    }
    return {
        "Type": "AWS::ApiGatewayV2::DomainName",
        "Properties": {"DomainName": name, "DomainNameConfigurations": [configured]},
    }


def mapping(domain_name: str, api: str = "one") -> dict[str, Any]:
    properties = {
        "ApiId": {"Ref": api},
        "DomainName": {"Ref": domain_name},
        "Stage": {"Ref": f"{api}Stage"},
    }
    return {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": properties}


def certificate_of(account: Account, name: str = NAME) -> str:
    made = account.client("acm").request_certificate(DomainName=name)
    return str(made["CertificateArn"])


def bring(
    stacks: Stacks, account: Account, is_off: bool, name: str = NAME, certificate: str = ""
) -> dict[str, str]:
    """An API under the name; its outputs."""
    functions = account.client("lambda").list_functions()["Functions"]
    function = (
        functions[0]["FunctionArn"] if functions else account.create_function(SOURCE, Timeout=30)
    )
    resources = {
        **apis.api("one", DisableExecuteApiEndpoint=is_off),
        **apis.integration("one", "Work", function),
        **apis.routes("one", "Work", "$default"),
        **apis.permission("one", function),
        "Domain": domain(certificate or certificate_of(account, name), name),
        "Mapping": mapping("Domain"),
    }
    outputs = {
        **apis.endpoints("one"),
        "Url": {"Value": {"Fn::Sub": "https://${Domain}"}},
        "Target": {"Value": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}},
        "Zone": {"Value": {"Fn::GetAtt": ["Domain", "RegionalHostedZoneId"]}},
    }
    status = stacks.apply("a", template(resources, Outputs=outputs))
    assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stacks.history("a")
    return stacks.outputs("a")


def ask_as(url: str, host: str) -> apis.Reply:
    return apis.ask(url, headers={"Host": host})


@pytest.mark.slow
def test_a_request_under_the_name_reaches_the_api(stacks: Stacks, account: Account) -> None:
    """At the address that the stack gives, which is on this machine; and the API's own is off."""
    made = bring(stacks, account, is_off=True)
    own, port = made["one"], made["one"].rpartition(":")[2]

    answers = {
        host: ask_as(own, host).status
        for host in (
            f"{NAME}.localhost:{port}",
            NAME,
            NAME.upper(),
            f"127.0.0.1:{port}",
            f"localhost:{port}",
            f"evil.example.localhost:{port}",
            "evil.example",
            f"x.{NAME}",
        )
    }

    assert made["Url"] == f"http://{NAME}.localhost:{port}"
    assert made["Target"].endswith(".execute-api.eu-west-1.amazonaws.com")
    assert made["Zone"]
    assert answers == {
        f"{NAME}.localhost:{port}": 200,
        NAME: 200,
        NAME.upper(): 200,
        f"127.0.0.1:{port}": 404,
        f"localhost:{port}": 404,
        f"evil.example.localhost:{port}": 403,
        "evil.example": 403,
        f"x.{NAME}": 403,
    }
    assert ask_as(own, f"127.0.0.1:{port}").document == {"message": "Not Found"}


@pytest.mark.slow
def test_the_name_follows_its_template(stacks: Stacks, account: Account) -> None:
    """Another certificate changes it in place, another name replaces it, and its stack takes it
    along. The API's own address can be on beside it."""
    client = account.client("apigatewayv2")
    bring(stacks, account, is_off=True)
    renewed = certificate_of(account, "*.example.com")
    made = bring(stacks, account, is_off=False, certificate=renewed)
    [configured] = client.get_domain_name(DomainName=NAME)["DomainNameConfigurations"]
    moved = bring(stacks, account, is_off=False, name="drop.example.com")
    names = [one["DomainName"] for one in client.get_domain_names()["Items"]]
    answers = [ask_as(moved["one"], host).status for host in (NAME, "drop.example.com")]
    own = apis.ask(moved["one"]).status
    stacks.client.delete_stack(StackName="a")

    assert configured["CertificateArn"] == renewed
    assert made["Url"].startswith(f"http://{NAME}.localhost:")
    assert moved["Url"].startswith("http://drop.example.com.localhost:")
    assert names == ["drop.example.com"]
    assert answers == [403, 200]
    assert own == 200
    assert client.get_domain_names()["Items"] == []


def test_a_certificate_that_does_not_fit_is_refused(stacks: Stacks, account: Account) -> None:
    """As API Gateway refuses it: one of another name, of another region, and none."""
    here = certificate_of(account, "*.example.org")
    nowhere = here.replace("eu-west-1", "us-east-1")
    said = []
    for number, certificate in enumerate((here, nowhere, "")):
        stack = f"a{number}"
        stacks.apply(stack, template({"Subject": domain(certificate)}))
        said.append(stacks.reason(stack, "Subject", "CREATE_FAILED"))

    assert said == [
        f"The certificate {here} does not cover {NAME}.",
        f"The certificate {nowhere} is not issued in eu-west-1.",
        "The certificate  is not issued in eu-west-1.",
    ]


@pytest.mark.parametrize(
    ("setting", "value"), [("EndpointType", "EDGE"), ("SecurityPolicy", "TLS_1_0")]
)
def test_what_is_not_known_fails_the_stack(
    stacks: Stacks, account: Account, setting: str, value: str
) -> None:
    """Nothing is dropped silently."""
    subject = domain(certificate_of(account), **{setting: value})

    stacks.apply("a", template({"Subject": subject}))

    assert f"knows {setting}" in stacks.reason("a", "Subject", "CREATE_FAILED")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("files.example.com.localhost:5055", NAME),
        ("files.example.com", NAME),
        ("localhost:5055", None),
        ("127.0.0.1:5055", None),
        ("[::1]:5055", None),
        ("[", None),
        ("", None),
    ],
)
def test_the_name_that_a_host_stands_for(host: str, name: str | None) -> None:
    """This machine's own names stand for none."""
    assert domain_of(host) == name

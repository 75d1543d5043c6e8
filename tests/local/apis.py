"""HTTP APIs as tests make them: the resources of a stack, and requests to them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from deploy.local.iam.credentials import Keys
from tests.waiting import PATIENCE

Resources = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer as it came over the wire; a header that came twice is there twice."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The header's values, joined; None when it did not come."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ",".join(values) if values else None


def ask(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    source: str = "127.0.0.1",
) -> Reply:
    """Send exactly this, and follow no redirect."""
    parts = urlsplit(url)
    assert parts.hostname
    connection = http.client.HTTPConnection(
        parts.hostname, parts.port, timeout=PATIENCE, source_address=(source, 0)
    )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def signed(
    url: str,
    keys: Keys,
    method: str = "GET",
    body: bytes | None = None,
    service: str = "execute-api",
    region: str = "eu-west-1",
) -> dict[str, str]:
    """The headers of a request that somebody with these keys signs."""
    request = AWSRequest(method=method, url=url, data=body)
    credentials = Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


def api(name: str, stage: Mapping[str, Any] | None = None, **properties: Any) -> Resources:
    """An API called `name`, with its default stage; `stage` are more of that one's properties."""
    given = {"Name": name, "ProtocolType": "HTTP", **properties}
    staged = {"ApiId": {"Ref": name}, "StageName": "$default", "AutoDeploy": True, **(stage or {})}
    return {
        name: {"Type": "AWS::ApiGatewayV2::Api", "Properties": given},
        f"{name}Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": staged},
    }


def integration(api_name: str, name: str, function: str, **properties: Any) -> Resources:
    given = {
        "ApiId": {"Ref": api_name},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": function,
        "PayloadFormatVersion": "2.0",
        **properties,
    }
    return {name: {"Type": "AWS::ApiGatewayV2::Integration", "Properties": given}}


def routes(api_name: str, integration_name: str, *keys: str, **properties: Any) -> Resources:
    """One route per key, all to one integration."""
    return {
        f"{integration_name}Route{number}": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": api_name},
                "RouteKey": key,
                "Target": {"Fn::Sub": f"integrations/${{{integration_name}}}"},
                **properties,
            },
        }
        for number, key in enumerate(keys)
    }


def permission(api_name: str, function: str, resource: str = "*") -> Resources:
    """API Gateway may invoke the function for this part of the API; it has to have a name."""
    source = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:" + f"${{{api_name}}}/{resource}"
    return {
        f"{api_name}{function.rpartition(':')[2].title()}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": function,
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": {"Fn::Sub": source},
            },
        }
    }


def endpoints(*names: str) -> dict[str, Any]:
    """Outputs that tell where APIs are."""
    return {name: {"Value": {"Fn::GetAtt": [name, "ApiEndpoint"]}} for name in names}

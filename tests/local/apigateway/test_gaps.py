"""What moto's own API Gateway does not do; a test here fails once moto has closed the gap."""

from __future__ import annotations

import urllib.parse
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws
from moto.apigatewayv2.models import ApiGatewayV2Backend


def test_moto_answers_no_request_to_an_api() -> None:
    """Once moto runs HTTP APIs, see whether deploy/local/apigateway is needed any more."""
    with mock_aws():
        client = boto3.client(
            "apigatewayv2",
            region_name="eu-west-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        made = client.create_api(Name="api", ProtocolType="HTTP")

    host = urllib.parse.urlsplit(made["ApiEndpoint"]).hostname or ""
    assert host.endswith(".amazonaws.com")


def test_moto_says_not_where_a_domain_name_leads() -> None:
    """Once it does, `domain_names_lead_here` is needed no more."""
    with mock_aws():
        client = boto3.client(
            "apigatewayv2",
            region_name="eu-west-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        made = client.create_domain_name(
            DomainName="files.example.com", DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
        )

    assert "ApiGatewayDomainName" not in made["DomainNameConfigurations"][0]


def test_moto_cannot_delete_a_domain_name_that_is_mapped() -> None:
    """Once it can, `domain_names_lead_here` need not do it."""
    backend = ApiGatewayV2Backend("eu-west-1", "123456789012")
    backend.create_domain_name("files.example.com", [], {}, {})
    api = SimpleNamespace(api_id="a1")
    backend.apis[api.api_id] = api  # type: ignore[assignment]
    for key in ("", "other"):
        backend.create_api_mapping("a1", key, "files.example.com", "$default")

    with pytest.raises(RuntimeError, match="changed size"):
        backend.delete_domain_name("files.example.com")


def test_moto_cannot_change_a_domain_name_or_its_mapping() -> None:
    """Once it can, DomainName and ApiMapping can use these calls."""
    assert not hasattr(ApiGatewayV2Backend, "update_domain_name")
    assert not hasattr(ApiGatewayV2Backend, "update_api_mapping")


def test_moto_cannot_change_a_stage() -> None:
    """Once it can, Stage can use UpdateStage instead of making the stage anew."""
    assert not hasattr(ApiGatewayV2Backend, "update_stage")

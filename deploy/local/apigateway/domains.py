"""Domain names of one's own: their types, and which API answers to a request under one.

The names of this machine end with .localhost, so under https://files.example.com an API is found
here at http://files.example.com.localhost and its port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends

from deploy.aws.certificates import ISSUED, read_certificate
from deploy.local.apigateway.parts import call, check_known, tags_of
from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
)
from deploy.local.replacement import replaced

_LOCAL = ".localhost"
# What a record leads to, as AWS has it: a name for each domain, in a zone for each region.
_TARGET = "d-{number:010x}.execute-api.{region}.amazonaws.com"
_ZONE = "ZLJVVMZGDSEXAMPLE"


class DomainName(ResourceType):
    type_name = "AWS::ApiGatewayV2::DomainName"
    properties = frozenset({"DomainName", "DomainNameConfigurations", "Tags"})
    replaced_by = frozenset({"DomainName"})
    name_property = "DomainName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        _check(properties, context)
        call(context, "create_domain_name", {**properties, "Tags": tags_of(properties, context)})
        return _physical(properties["DomainName"], context)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        _check(after, context)
        # moto has no UpdateDomainName.
        domain = _domain(physical.physical_id, context)
        [wanted] = after["DomainNameConfigurations"]
        domain.domain_name_configurations[0]["certificateArn"] = wanted["CertificateArn"]
        domain.tags = tags_of(after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.apigatewayv2.delete_domain_name(DomainName=physical.physical_id)


class ApiMapping(ResourceType):
    type_name = "AWS::ApiGatewayV2::ApiMapping"
    properties = frozenset({"ApiId", "DomainName", "Stage"})
    replaced_by = frozenset({"DomainName"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        if properties["Stage"] != "$default":
            raise ResourceError("The embedded AWS maps domain names to the stage $default only.")
        mapping = call(context, "create_api_mapping", properties)["ApiMappingId"]
        api = context.clients.apigatewayv2.get_api(ApiId=properties["ApiId"])
        domain, port = properties["DomainName"], urlsplit(api["ApiEndpoint"]).port
        return PhysicalResource(
            mapping,
            {"ApiMappingId": mapping},
            on_this_machine={f"https://{domain}": f"http://{domain}{_LOCAL}:{port}"},
        )

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        return self.create(after, context)  # moto has no UpdateApiMapping, and replaces this one

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.apigatewayv2.delete_api_mapping(
            ApiMappingId=physical.physical_id, DomainName=properties["DomainName"]
        )


def domain_of(host: str) -> str | None:
    """The domain name that a Host stands for; None for this machine's own names and addresses."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return None
    domain = name.removesuffix(_LOCAL)
    return domain if "." in domain and not domain.replace(".", "").isdigit() else None


def is_mapped(domain: str, api_id: str, account: str, region: str) -> bool:
    """Whether an API answers to requests under this domain name."""
    mappings = apigatewayv2_backends[account][region].api_mappings
    return any((m.domain_name, m.api_id) == (domain, api_id) for m in list(mappings.values()))


@contextmanager
def domain_names_lead_here() -> Iterator[None]:
    """Inside the block, API Gateway says of each domain name where its record is to lead, and
    takes its mappings away with it."""
    create = ApiGatewayV2Backend.create_domain_name
    delete = ApiGatewayV2Backend.delete_domain_name

    def create_domain_name(backend: Any, *arguments: Any, **options: Any) -> Any:
        domain = create(backend, *arguments, **options)
        number = sum(domain.domain_name.encode())
        for configuration in domain.domain_name_configurations:
            configuration["apiGatewayDomainName"] = _TARGET.format(
                number=number, region=backend.region_name
            )
            configuration["hostedZoneId"] = _ZONE
        return domain

    def delete_domain_name(backend: Any, domain_name: str) -> None:
        for mapping in backend.get_api_mappings(domain_name):
            backend.delete_api_mapping(mapping.api_mapping_id, domain_name)
        delete(backend, domain_name)

    with (
        replaced(ApiGatewayV2Backend, "create_domain_name", create_domain_name),
        replaced(ApiGatewayV2Backend, "delete_domain_name", delete_domain_name),
    ):
        yield


def _check(properties: Properties, context: Context) -> None:
    """As API Gateway: the certificate is issued here, for this name."""
    configurations = properties.get("DomainNameConfigurations", [])
    if len(configurations) != 1:
        raise ResourceError("A domain name has one configuration.")
    [given] = configurations
    check_known("EndpointType", given.get("EndpointType"), "REGIONAL")
    check_known("SecurityPolicy", given.get("SecurityPolicy"), "TLS_1_2")
    arn, domain = given.get("CertificateArn"), properties["DomainName"]
    certificate = read_certificate(context.clients, arn) if arn else None
    if certificate is None or certificate.status != ISSUED:
        raise ResourceError(f"The certificate {arn} is not issued in {context.region}.")
    if not certificate.covers(domain):
        raise ResourceError(f"The certificate {arn} does not cover {domain}.")


def _physical(domain: str, context: Context) -> PhysicalResource:
    made = _domain(domain, context)
    configuration: Mapping[str, Any] = made.domain_name_configurations[0]
    return PhysicalResource(
        domain,
        {
            "DomainNameArn": made.domain_name_arn,
            "RegionalDomainName": configuration["apiGatewayDomainName"],
            "RegionalHostedZoneId": configuration["hostedZoneId"],
        },
    )


def _domain(name: str, context: Context) -> Any:
    return apigatewayv2_backends[context.account][context.region].get_domain_name(name)

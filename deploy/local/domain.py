"""Gives a domain name what it has on AWS: a certificate, and a hosted zone where one is named.

Those of the person's own account are not here, so what stands in for them is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from deploy.aws.clients import Clients


def with_domain(clients: Clients, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters, with a certificate and a zone of the embedded AWS."""
    name = parameters.get("PortalDomainName")
    if not name:
        return dict(parameters)
    certificate = clients.acm.request_certificate(DomainName=name, ValidationMethod="DNS")
    given = {**parameters, "PortalCertificateArn": certificate["CertificateArn"]}
    if parameters.get("HostedZoneId"):
        zone = clients.route53.create_hosted_zone(
            Name=name.partition(".")[2] if name.count(".") > 1 else name,
            CallerReference=str(uuid4()),
        )
        given["HostedZoneId"] = zone["HostedZone"]["Id"].rpartition("/")[2]
    return given

"""A domain name for the portal, with certificate and zone in an embedded AWS."""

from __future__ import annotations

from typing import Any


def domain_options(acm: Any, route53: Any, name: str = "files.example.com") -> str:
    """The options that give the portal this name; `acm` and `route53` are clients."""
    certificate = acm.request_certificate(DomainName=name)
    zone = route53.create_hosted_zone(Name=name.partition(".")[2], CallerReference="1")
    given = {
        "PortalDomainName": name,
        "PortalCertificateArn": certificate["CertificateArn"],
        "HostedZoneId": zone["HostedZone"]["Id"].rpartition("/")[2],
    }
    return " ".join(f"--set {key}={value}" for key, value in given.items())

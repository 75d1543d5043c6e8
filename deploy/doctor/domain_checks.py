"""Checks that the portal could have its own domain name: certificate, name and record. It only
reads, and looks nothing up in DNS, which tells each place something else for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.certificates import ISSUED, Certificate, Place, place_of, read_certificate
from deploy.aws.explain import error_code
from deploy.aws.presence import record_types, says_not_there
from deploy.deployment import PORTAL, Deployment
from deploy.doctor.findings import Finding
from deploy.doctor.stack_checks import Existing
from deploy.wording import day, enumerated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

_NAME, _CERTIFICATE, _ZONE = "PortalDomainName", "PortalCertificateArn", "HostedZoneId"
# ACM renews its own certificates 60 days before their end.
_SOON = timedelta(days=30)
# Beside any of these, Route 53 takes no address that the stack would make.
_IN_THE_WAY = frozenset({"A", "CNAME"})


def certificate(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether API Gateway would take it: issued, of this region, for the name."""
    name, arn = _given(deployment, _NAME), _given(deployment, _CERTIFICATE)
    if not name or not arn:
        return
    here = Place(clients.partition, deployment.region, deployment.account)
    there = place_of(arn) or here
    if there != here:
        where = there.region if there.account == here.account else f"account {there.account}"
        sentence = f"API Gateway takes no certificate of {where} for an API in {here.region}."
        yield Finding("certificate", "error", sentence, _ask_for_one(deployment, name))
        return
    found = read_certificate(clients, arn)
    if found is None:
        sentence = f"ACM has no certificate {arn}."
        yield Finding("certificate", "error", sentence, _ask_for_one(deployment, name))
    elif found.status == "PENDING_VALIDATION":
        yield Finding(
            "certificate",
            "error",
            "The certificate is not issued yet (PENDING_VALIDATION).",
            f"Publish the CNAME records that `aws acm describe-certificate --certificate-arn {arn} "
            f"--region {deployment.region}` shows, and wait until it is ISSUED.",
        )
    elif found.status != ISSUED:
        sentence = f"The certificate cannot be used: it is {found.status}."
        yield Finding("certificate", "error", sentence, _ask_for_one(deployment, name))
    elif not found.covers(name):
        names = enumerated(dict.fromkeys(found.names))
        sentence = f"The certificate is for {names}, not for {name} (* stands for one label)."
        yield Finding("certificate", "error", sentence, _ask_for_one(deployment, name))
    else:
        yield _until(found, name, arn)


def domain(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """Whether all that belongs together is given, and no other API has the name."""
    if not deployment.has(PORTAL):
        return
    name = _given(deployment, _NAME)
    if not name:
        for parameter in (_CERTIFICATE, _ZONE):
            if _given(deployment, parameter):
                yield Finding(
                    "domain",
                    "error",
                    f"{parameter} is given without {_NAME}.",
                    f"Add --set {_NAME}=…, or --set {parameter}= to do without.",
                )
        return
    if not _given(deployment, _CERTIFICATE):
        sentence = f"{_NAME} is given without {_CERTIFICATE}."
        yield Finding("domain", "error", sentence, _ask_for_one(deployment, name))
    elif _is_own(existing, name):
        yield Finding("domain", "ok", f"Links begin with https://{name}/.")
    elif _is_taken(clients, name):
        yield Finding(
            "domain",
            "error",
            f"Another API of this account has the domain name {name} already.",
            f"Choose another with --set {_NAME}=…, or run `aws apigatewayv2 delete-domain-name "
            f"--domain-name {name} --region {deployment.region}` if nobody needs it.",
        )
    else:
        yield Finding("domain", "ok", f"No other API of this account has the domain name {name}.")


def record(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """What leads to the API: a record that the stack makes, or one to be set elsewhere."""
    name, zone = _given(deployment, _NAME), _given(deployment, _ZONE)
    if not name:
        return
    if zone:
        yield _record_in_zone(clients, name, zone, existing)
        return
    portal = existing[PORTAL.kind]
    target = portal.outputs.get("PortalDomainTarget") if portal else None
    if portal and target and _is_own(existing, name):
        yield Finding("record", "ok", cname_step(name, target))
    else:
        sentence = f"Links open once DNS has a CNAME record of {name}; the deploy says which."
        yield Finding("record", "ok", sentence)


def cname_step(name: str, target: str) -> str:
    """What is to be set where the domain's DNS is."""
    return (
        f"Links open where DNS has the record {name} CNAME {target}; `dig +short CNAME {name}` "
        "shows it."
    )


def _given(deployment: Deployment, parameter: str) -> str:
    return deployment.parameters.get(parameter, "") if deployment.has(PORTAL) else ""


def _ask_for_one(deployment: Deployment, name: str) -> str:
    return (
        f"Run `aws acm request-certificate --domain-name {name} --validation-method DNS --region "
        f"{deployment.region}`, and add --set {_CERTIFICATE}=…"
    )


def _until(found: Certificate, name: str, arn: str) -> Finding:
    """How long it holds."""
    if found.expires is None:
        return Finding("certificate", "ok", f"The certificate covers {name}.")
    sentence = f"The certificate covers {name} until {day(found.expires)}"
    renewal = (
        "ACM does not renew it, for it was imported"
        if found.is_imported
        else "ACM renews it while its CNAME records of validation are published"
    )
    if found.expires - datetime.now(UTC) > _SOON:
        return Finding("certificate", "ok", f"{sentence}; {renewal}.")
    step = (
        f"Import another with `aws acm import-certificate --certificate-arn {arn} …`."
        if found.is_imported
        else f"Publish those that `aws acm describe-certificate --certificate-arn {arn}` shows."
    )
    return Finding("certificate", "warning", f"{sentence} only; {renewal}.", step)


def _is_own(existing: Existing, name: str, zone: str | None = None) -> bool:
    """Whether the portal stack has the name, and in a zone its record."""
    portal = existing[PORTAL.kind]
    if portal is None or portal.is_dead or portal.parameters.get(_NAME) != name:
        return False
    return zone is None or portal.parameters.get(_ZONE) == zone


def _is_taken(clients: Clients, name: str) -> bool:
    try:
        return bool(clients.apigatewayv2.get_domain_name(DomainName=name))
    except ClientError as exc:
        if says_not_there(exc):
            return False
        raise


def _record_in_zone(clients: Clients, name: str, zone: str, existing: Existing) -> Finding:
    choose = f"Choose another with --set {_ZONE}=…, or --set {_ZONE}= to set a CNAME record."
    try:
        found = clients.route53.get_hosted_zone(Id=zone)["HostedZone"]
    except ClientError as exc:
        if error_code(exc) != "NoSuchHostedZone":
            raise
        return Finding("record", "error", f"Route 53 has no hosted zone {zone}.", choose)
    above = found["Name"].rstrip(".")
    if name != above and not name.endswith(f".{above}"):
        sentence = f"The hosted zone {zone} is of {above}, which {name} is not in."
        return Finding("record", "error", sentence, choose)
    if found.get("Config", {}).get("PrivateZone"):
        sentence = f"The hosted zone {zone} is private: nobody outside your networks finds {name}."
        return Finding("record", "error", sentence, choose)
    if _is_own(existing, name, zone):
        return Finding("record", "ok", f"The stack has made the record of {name} in {above}.")
    there = sorted(_IN_THE_WAY & record_types(clients, zone, name))
    if there:
        sentence = f"The hosted zone {zone} has a record {name} {there[0]} already."
        step = f"Delete it, or choose another name with --set {_NAME}=…"
        return Finding("record", "error", sentence, step)
    return Finding("record", "ok", f"The stack makes the record of {name} in the zone {above}.")

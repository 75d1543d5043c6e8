"""What `s3link doctor` says of the portal's own domain name: certificate, name and record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.aws.certificates import Certificate, place_of
from deploy.aws.clients import Clients
from deploy.deployment import Deployment
from deploy.doctor import domain_checks
from deploy.doctor.checks import run_checks
from deploy.doctor.findings import Finding
from deploy.stacks.lookup import StackState
from tests.deploy.operator import PARAMETERS

NAME, TARGET = "files.example.com", "d-1.execute-api.eu-west-1.amazonaws.com"
CHECKS = {"domain", "certificate", "record"}
ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd"
ASK = (
    f"Run `aws acm request-certificate --domain-name {NAME} --validation-method DNS --region "
    "eu-west-1`, and add --set PortalCertificateArn=…"
)
OTHER_ZONE = (
    "Choose another with --set HostedZoneId=…, or --set HostedZoneId= to set a CNAME record."
)


@pytest.fixture
def clients(embedded_clients: Clients) -> Clients:
    return embedded_clients


def deployment(**parameters: str) -> Deployment:
    given = {**PARAMETERS, **parameters}
    return Deployment(
        "s3link", "123456789012", "eu-west-1", given, optional_kinds=frozenset({"portal"})
    )


def found(clients: Clients, **parameters: str) -> list[Finding]:
    findings = run_checks(clients, deployment(**parameters))
    return [finding for finding in findings if finding.check in CHECKS]


def certificate_of(clients: Clients, *names: str) -> str:
    first, *others = names
    more: dict[str, Any] = {"SubjectAlternativeNames": others} if others else {}
    return str(clients.acm.request_certificate(DomainName=first, **more)["CertificateArn"])


def zone_of(clients: Clients, name: str, **more: Any) -> str:
    made = clients.route53.create_hosted_zone(Name=name, CallerReference=name, **more)
    return str(made["HostedZone"]["Id"].rpartition("/")[2])


def errors(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.check, one.sentence, one.fix) for one in findings if one.level == "error"]


def portal_with(**parameters: str) -> dict[str, StackState | None]:
    outputs = {"PortalDomainTarget": TARGET}
    state = StackState(
        *("s3link-portal", "id", "UPDATE_COMPLETE", ""),
        *(parameters, outputs, {}, False),
    )
    return {"portal": state}


def test_without_a_name_nothing_is_asked_or_said(clients: Clients) -> None:
    """Nor where there is no portal."""
    assert found(clients) == []
    without = replace(deployment(PortalDomainName=NAME), optional_kinds=frozenset())
    assert CHECKS.isdisjoint({one.check for one in run_checks(clients, without)})


@pytest.mark.parametrize(
    ("given", "sentence", "fix"),
    [
        (
            {"PortalDomainName": NAME},
            "PortalDomainName is given without PortalCertificateArn.",
            ASK,
        ),
        (
            {"PortalCertificateArn": ARN},
            "PortalCertificateArn is given without PortalDomainName.",
            "Add --set PortalDomainName=…, or --set PortalCertificateArn= to do without.",
        ),
        (
            {"HostedZoneId": "Z1"},
            "HostedZoneId is given without PortalDomainName.",
            "Add --set PortalDomainName=…, or --set HostedZoneId= to do without.",
        ),
    ],
)
def test_one_without_the_other_is_refused(
    clients: Clients, given: dict[str, str], sentence: str, fix: str
) -> None:
    """By doctor as by a deploy, before anything is changed."""
    assert errors(found(clients, **given)) == [("domain", sentence, fix)]


def test_all_is_well(clients: Clients) -> None:
    """Each says what it saw; without a zone, where the CNAME is to come from."""
    arn = certificate_of(clients, "example.com", "*.example.com")
    zone = zone_of(clients, "example.com")
    given = {"PortalDomainName": NAME, "PortalCertificateArn": arn}

    name, certificate, record = found(clients, **given)
    [*_, in_zone] = found(clients, **given, HostedZoneId=zone)

    assert {one.level for one in (name, certificate, record, in_zone)} == {"ok"}
    assert name.sentence == f"No other API of this account has the domain name {NAME}."
    assert certificate.sentence.startswith(f"The certificate covers {NAME} until 20")
    assert certificate.sentence.endswith(
        "; ACM renews it while its CNAME records of validation are published."
    )
    assert record.sentence == (
        f"Links open once DNS has a CNAME record of {NAME}; the deploy says which."
    )
    assert in_zone.sentence == f"The stack makes the record of {NAME} in the zone example.com."


@pytest.mark.parametrize(
    ("arn", "sentence"),
    [
        (ARN, f"ACM has no certificate {ARN}."),
        (
            ARN.replace("eu-west-1", "us-east-1"),
            "API Gateway takes no certificate of us-east-1 for an API in eu-west-1.",
        ),
        (
            ARN.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1"),
            "API Gateway takes no certificate of cn-north-1 for an API in eu-west-1.",
        ),
        (
            ARN.replace("123456789012", "210987654321"),
            "API Gateway takes no certificate of account 210987654321 for an API in eu-west-1.",
        ),
    ],
)
def test_a_certificate_that_is_elsewhere_or_nowhere(
    clients: Clients, arn: str, sentence: str
) -> None:
    """That of another region is the mistake of those who know CloudFront."""
    findings = found(clients, PortalDomainName=NAME, PortalCertificateArn=arn)

    assert errors(findings) == [("certificate", sentence, ASK)]


def test_a_certificate_of_other_names(clients: Clients) -> None:
    """The sentence names them all."""
    arn = certificate_of(clients, "example.com", "*.example.org")

    assert errors(found(clients, PortalDomainName=NAME, PortalCertificateArn=arn)) == [
        (
            "certificate",
            "The certificate is for example.com and *.example.org, not for files.example.com "
            "(* stands for one label).",
            ASK,
        )
    ]


@pytest.mark.parametrize(
    ("status", "sentence", "fix"),
    [
        (
            "PENDING_VALIDATION",
            "The certificate is not issued yet (PENDING_VALIDATION).",
            f"Publish the CNAME records that `aws acm describe-certificate --certificate-arn {ARN} "
            "--region eu-west-1` shows, and wait until it is ISSUED.",
        ),
        ("EXPIRED", "The certificate cannot be used: it is EXPIRED.", ASK),
        ("REVOKED", "The certificate cannot be used: it is REVOKED.", ASK),
    ],
)
def test_a_certificate_that_is_not_issued(
    clients: Clients, status: str, sentence: str, fix: str
) -> None:
    """Who waits for it is told what for."""
    acm_says(clients, Status=status)

    assert errors(found(clients, PortalDomainName=NAME, PortalCertificateArn=ARN)) == [
        ("certificate", sentence, fix)
    ]


def acm_says(clients: Clients, **certificate: Any) -> None:
    """Whatever it is asked."""
    answer = {"DomainName": NAME, "Status": "ISSUED", **certificate}
    clients.acm.meta.events.register(
        "before-call.acm", lambda **_: (_Ok(), {"Certificate": answer})
    )


class _Ok:
    status_code = 200


@pytest.mark.parametrize(
    ("days", "kind", "level", "end"),
    [
        (90, "IMPORTED", "ok", "; ACM does not renew it, for it was imported."),
        (9, "IMPORTED", "warning", " only; ACM does not renew it, for it was imported."),
        (
            9,
            "AMAZON_ISSUED",
            "warning",
            " only; ACM renews it while its CNAME records of validation are published.",
        ),
    ],
)
def test_a_certificate_that_ends_soon_is_a_warning(
    clients: Clients, days: int, kind: str, level: str, end: str
) -> None:
    """ACM would have renewed its own by then; and never renews others'."""
    acm_says(clients, NotAfter=datetime.now(UTC) + timedelta(days=days), Type=kind)

    [finding] = [
        one
        for one in found(clients, PortalDomainName=NAME, PortalCertificateArn=ARN)
        if one.check == "certificate"
    ]

    assert (finding.level, bool(finding.fix)) == (level, level == "warning")
    assert finding.sentence.endswith(end)


def test_a_name_that_another_api_has(clients: Clients) -> None:
    """API Gateway would refuse it in the middle of a deploy."""
    arn = certificate_of(clients, NAME)
    clients.apigatewayv2.create_domain_name(
        DomainName=NAME,
        DomainNameConfigurations=[{"CertificateArn": arn, "EndpointType": "REGIONAL"}],
    )

    assert errors(found(clients, PortalDomainName=NAME, PortalCertificateArn=arn)) == [
        (
            "domain",
            f"Another API of this account has the domain name {NAME} already.",
            "Choose another with --set PortalDomainName=…, or run `aws apigatewayv2 "
            f"delete-domain-name --domain-name {NAME} --region eu-west-1` if nobody needs it.",
        )
    ]


def test_a_zone_that_does_not_fit(clients: Clients) -> None:
    """None, one of another domain, a private one, and one that has such a record already."""
    private = zone_of(clients, "example.com", HostedZoneConfig={"PrivateZone": True})
    taken = zone_of(clients, "files.example.com")
    record = {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    clients.route53.change_resource_record_sets(
        HostedZoneId=taken,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
    )
    other = zone_of(clients, "s.example.com")  # files.example.com ends so, as letters go
    arn = certificate_of(clients, NAME)

    said = {
        zone: errors(
            found(clients, PortalDomainName=NAME, PortalCertificateArn=arn, HostedZoneId=zone)
        )
        for zone in ("Z0", other, private, taken)
    }

    assert said == {
        "Z0": [("record", "Route 53 has no hosted zone Z0.", OTHER_ZONE)],
        other: [
            (
                "record",
                f"The hosted zone {other} is of s.example.com, which {NAME} is not in.",
                OTHER_ZONE,
            )
        ],
        private: [
            (
                "record",
                f"The hosted zone {private} is private: nobody outside your networks finds {NAME}.",
                OTHER_ZONE,
            )
        ],
        taken: [
            (
                "record",
                f"The hosted zone {taken} has a record {NAME} A already.",
                "Delete it, or choose another name with --set PortalDomainName=…",
            )
        ],
    }


def test_what_is_deployed_is_its_own(clients: Clients) -> None:
    """Neither name nor record is somebody else's, and the CNAME's target is known."""
    zone = zone_of(clients, "example.com")
    given = {"PortalDomainName": NAME, "PortalCertificateArn": ARN}
    elsewhere, in_zone = deployment(**given), deployment(**given, HostedZoneId=zone)

    said = [
        *domain_checks.domain(clients, elsewhere, portal_with(**given)),
        *domain_checks.record(clients, elsewhere, portal_with(**given)),
        *domain_checks.record(clients, in_zone, portal_with(**given, HostedZoneId=zone)),
    ]

    assert [one.sentence for one in said] == [
        f"Links begin with https://{NAME}/.",
        f"Links open where DNS has the record {NAME} CNAME {TARGET}; `dig +short CNAME {NAME}` "
        "shows it.",
        f"The stack has made the record of {NAME} in example.com.",
    ]
    assert {one.level for one in said} == {"ok"}


@pytest.mark.parametrize(
    ("names", "domain", "is_covered"),
    [
        (["files.example.com"], NAME, True),
        (["Files.Example.COM"], NAME, True),
        (["*.example.com"], NAME, True),
        (["example.org", "*.example.com"], NAME, True),
        (["*.example.com"], "a.files.example.com", False),
        (["*.example.com"], "example.com", False),
        (["example.com"], NAME, False),
        (["*.com"], NAME, False),
        (["*"], NAME, False),
        (["xfiles.example.com"], NAME, False),
    ],
)
def test_which_names_a_certificate_covers(names: list[str], domain: str, is_covered: bool) -> None:
    """A * stands for exactly one label."""
    assert Certificate(tuple(names), "ISSUED").covers(domain) == is_covered


def test_what_is_no_arn_has_no_place() -> None:
    assert place_of("1234abcd") is None

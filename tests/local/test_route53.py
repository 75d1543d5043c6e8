"""Records of Route 53, and certificates of ACM: what they do here, and what moto's own do not."""

from __future__ import annotations

from typing import Any

import boto3
from moto import mock_aws

from tests.local.account import Account
from tests.local.plain_moto import MotoStack
from tests.local.stacks import Stacks, template

NAME, KIND = "files.example.com", "AWS::Route53::RecordSet"


def zone_of(client: Any) -> str:
    zone = client.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]
    return str(zone["Id"].rpartition("/")[2])


def alias(zone: str, target: str = "d-1.example.net", name: str = NAME) -> dict[str, Any]:
    leads_to = {"DNSName": target, "HostedZoneId": "Z1"}
    return {"HostedZoneId": zone, "Name": name, "Type": "A", "AliasTarget": leads_to}


def records(client: Any, zone: str) -> dict[str, str]:
    """What the zone leads to: targets by names, of aliases alone."""
    found = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {one["Name"]: one["AliasTarget"]["DNSName"] for one in found if "AliasTarget" in one}


def test_a_record_follows_its_template(stacks: Stacks, account: Account) -> None:
    """It is made, changed in place, replaced for another name, and goes with its stack."""
    client = account.client("route53")
    zone = zone_of(client)

    stacks.subject(KIND, alias(zone))
    made, named = records(client, zone), stacks.resources("a")
    stacks.subject(KIND, alias(zone, "d-2.example.net"))
    changed = records(client, zone)
    stacks.subject(KIND, alias(zone, name="drop.example.com"))
    renamed = records(client, zone)
    stacks.client.delete_stack(StackName="a")

    assert named == {"Subject": NAME}
    assert made == {f"{NAME}.": "d-1.example.net"}
    assert changed == {f"{NAME}.": "d-2.example.net"}
    assert renamed == {"drop.example.com.": "d-1.example.net"}
    assert records(client, zone) == {}


def test_a_name_that_has_a_record_is_refused(stacks: Stacks, account: Account) -> None:
    """As Route 53 refuses it, also beside a CNAME."""
    client = account.client("route53")
    zone = zone_of(client)
    cname = {"Name": NAME, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example"}]}
    client.change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": cname}]},
    )

    stacks.apply("a", template({"Subject": {"Type": KIND, "Properties": alias(zone)}}))

    assert "but it already exists" in stacks.reason("a", "Subject", "CREATE_FAILED")


def test_moto_takes_a_name_that_has_a_record(moto_stack: MotoStack) -> None:
    """Gap of RecordSet."""
    client = moto_stack.client("route53")
    zone = zone_of(client)
    record = {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    client.change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
    )

    moto_stack.create(KIND, alias(zone))

    found = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [one["Type"] for one in found if one["Name"].rstrip(".") == NAME] == ["A", "A"]


def test_a_certificate_is_issued_at_once(account: Account) -> None:
    """Nobody is there to publish the records that prove a domain."""
    acm = account.client("acm")

    arn = acm.request_certificate(DomainName=NAME, ValidationMethod="DNS")["CertificateArn"]

    found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert found["Status"] == "ISSUED"


def test_moto_would_wait_with_a_certificate() -> None:
    """Gap of `certificates_issued`."""
    with mock_aws():
        acm = boto3.client(
            "acm", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        arn = acm.request_certificate(DomainName=NAME)["CertificateArn"]
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]

    assert found["Status"] == "PENDING_VALIDATION"

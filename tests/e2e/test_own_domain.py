"""The portal under a domain name of one's own: set, changed, taken away; links mailed before are
counted and asked about."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from deploy.local.clicking import download
from deploy.local.server import EmbeddedAws
from tests.browser import Browser
from tests.e2e.portal import FORM, Portal, Shared
from tests.e2e.test_portal_requests import type_address
from tests.local.account import Account
from tests.local.apis import Reply, ask
from tests.mails import link_in

pytestmark = pytest.mark.slow

NAME, OTHER = "files.example.com", "drop.example.org"
RESEND = "`s3link links resend --file '*'` then mails them again."


def certificate_in(aws: EmbeddedAws, name: str = NAME) -> str:
    made = Account(aws).client("acm").request_certificate(DomainName=name)
    return str(made["CertificateArn"])


def zone_in(aws: EmbeddedAws) -> str:
    route53 = Account(aws).client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]
    return str(zone["Id"].rpartition("/")[2])


def with_name(aws: EmbeddedAws, name: str = NAME) -> str:
    """The options that give the portal this name."""
    arn = certificate_in(aws, name)
    return f"--set PortalDomainName={name} --set PortalCertificateArn={arn}"


def under_name(link: str, path: str = "", **request: str) -> Reply:
    """Ask for a link, or for another path of its portal, as a browser that finds the name here."""
    parts = urlsplit(link)
    address = f"http://127.0.0.1:{parts.port}{path or parts.path}"
    headers = {"Host": parts.netloc, **FORM, **request}
    body = urlencode({"email": "bob@example.com"}).encode() if path else None
    return ask(address, "POST" if path else "GET", body, headers)


def newest_link(portal: Portal, shared: Shared) -> str:
    return link_in(portal.mails_to(shared.recipient)[-1])


def mailed_again(portal: Portal, *shared: Shared) -> list[str]:
    """The links that are in the mails after `links resend`."""
    before = [len(portal.mails_to(one.recipient)) for one in shared]
    ran = portal.s3link("links resend --file '*' --yes")
    assert ran.exit_code == 0, ran.stderr
    return [
        link_in(portal.mail_to(one.recipient, number + 1))
        for one, number in zip(shared, before, strict=True)
    ]


def test_a_portal_has_its_own_name_from_the_first_deploy(tmp_path: Path) -> None:
    """Its mails and pages have that name, links lead to the same bytes, and Route 53 to the API,
    whose own address opens nothing."""
    with EmbeddedAws() as aws:
        zone = zone_in(aws)
        portal = Portal(
            *(aws, tmp_path),
            PortalDomainName=NAME,
            PortalCertificateArn=certificate_in(aws),
            HostedZoneId=zone,
        )
        shared = portal.share("my report (final) + ü.pdf")
        given = download(shared.link, shared.recipient)
        own, sent = portal.url, urlsplit(shared.link)
        under_api = ask(f"{own}{sent.path}")
        record = Account(aws).client("route53").list_resource_record_sets(HostedZoneId=zone)
        status = portal.s3link("status --output json").document
        doctor = portal.s3link("doctor").stdout
        printed = portal.s3link(f"send {_file(tmp_path)} --print-links").stdout
        asked = {
            origin: under_name(shared.link, "/request-link", Origin=origin).status
            for origin in (f"http://{sent.netloc}", own, "https://evil.example")
        }
        ended = portal.s3link("destroy --yes")
        left = Account(aws).client("apigatewayv2").get_domain_names()["Items"]
        records = Account(aws).client("route53").list_resource_record_sets(HostedZoneId=zone)

    here = f"http://{NAME}.localhost:{urlsplit(own).port}"
    assert shared.link.startswith(f"{here}/d/")
    assert f"Get your links again at {here}/" in shared.mail.text
    assert (given.content, given.name) == (shared.content, shared.name)
    assert (under_api.status, under_api.document) == (404, {"message": "Not Found"})
    [alias] = [one for one in record["ResourceRecordSets"] if one["Type"] == "A"]
    assert alias["Name"] == f"{NAME}."
    assert alias["AliasTarget"]["DNSName"].endswith(".execute-api.eu-west-1.amazonaws.com")
    assert status["portal"] == here
    assert f"The stack has made the record of {NAME} in example.com." in doctor
    assert f"{here}/d/" in printed
    assert asked == {f"http://{sent.netloc}": 202, own: 403, "https://evil.example": 403}
    assert ended.exit_code == 0, ended.stderr
    assert left == []
    assert [one["Type"] for one in records["ResourceRecordSets"]] == ["NS", "SOA"]


def test_a_name_is_set_changed_and_taken_away(tmp_path: Path) -> None:
    """Each time the links that were mailed before stop working, which is told and asked about; they
    are mailed again with the new address, and open the same files."""
    with EmbeddedAws() as aws:
        portal = Portal(aws, tmp_path)
        one, two = portal.share("one.pdf"), portal.share("two.pdf")
        named = with_name(aws)

        planned = portal.s3link(f"plan {named}")
        refused = portal.s3link(f"deploy {named}")
        still = ask(one.link).status
        done = portal.s3link(f"deploy {named} --yes")
        gone = ask(one.link).status
        first = mailed_again(portal, one, two)
        under_first = [download(link, "").content for link in first]
        again = portal.s3link("deploy --output json")

        changing = portal.s3link(f"deploy {with_name(aws, OTHER)}")
        changed = portal.s3link(f"deploy {with_name(aws, OTHER)} --yes")
        lost = under_name(first[0]).status
        second = mailed_again(portal, one, two)
        under_second = [download(link, "").content for link in second]

        without = "--set PortalDomainName= --set PortalCertificateArn="
        leaving = portal.s3link(f"deploy {without}")
        left = portal.s3link(f"deploy {without} --yes")
        last = mailed_again(portal, one, two)
        under_api = [download(link, "").content for link in (*last, one.link, two.link)]
        values = Account(aws).client("cloudformation").describe_stacks()["Stacks"]

    contents = [one.content, two.content]
    told = "Links will begin with files.example.com instead of its API's own address, and those "
    counted = "mailed before stop working: 2 links that can be used now, the last until 20"
    assert f"s3link-portal would be updated\n  {told}{counted}" in planned.stdout
    assert "It is taken off the portal while that gets another address, and put" in planned.stdout
    assert refused.exit_code == 1
    assert refused.error.startswith(f"Nothing was changed: {told[0].lower()}{told[1:]}{counted}")
    assert f"{RESEND} Run `s3link deploy --yes` if this is what you want, or leave " in (
        refused.error
    )
    assert (still, gone) == (200, 404)
    assert done.exit_code == 0, done.stderr
    assert "s3link-generator is taken off the portal while that gets another address" in done.stderr
    assert f"Links open where DNS has the record {NAME} CNAME d-" in done.stdout
    assert all(link.startswith(f"http://{NAME}.localhost:") for link in first)
    assert under_first == contents
    assert {stack["action"] for stack in again.document["stacks"]} == {"unchanged"}
    assert f"begin with {OTHER} instead of {NAME}, and those mailed before" in changing.error
    assert changed.exit_code == 0, changed.stderr
    assert lost == 403
    assert under_second == contents
    assert f"begin with its API's own address instead of {OTHER}" in leaving.error
    assert left.exit_code == 0, left.stderr
    assert under_api == [*contents, *contents]
    [generator] = [stack for stack in values if stack["StackName"] == "s3link-generator"]
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in generator["Parameters"]}
    assert parameters["PortalStackName"] == "s3link-portal"


def test_where_no_link_is_lost_nobody_is_asked(tmp_path: Path) -> None:
    """A portal that has mailed nothing yet gets its name at once; nonsense changes nothing."""
    with EmbeddedAws() as aws:
        portal = Portal(aws, tmp_path)
        half = portal.s3link(f"deploy --set PortalDomainName={NAME} --yes")
        plan = portal.s3link(f"plan --set PortalDomainName={NAME} --exit-code")
        before = portal.share().link
        portal.s3link("links revoke --file '*' --yes")

        ran = portal.s3link(f"deploy {with_name(aws)}")
        link = portal.share().link

    assert half.error.startswith("PortalDomainName is given without PortalCertificateArn. Run ")
    assert "A deploy would refuse: PortalDomainName is given without" in plan.stderr
    assert before.startswith("http://127.0.0.1:")
    assert ran.exit_code == 0, ran.stderr
    assert link.startswith(f"http://{NAME}.localhost:")


def test_a_browser_opens_links_under_the_name(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, downloads: Path
) -> None:
    """The page's form is sent to its own name, and on to the bucket; so is the request page's."""
    with EmbeddedAws() as aws:
        folder, arn = tmp_path_factory.mktemp("operator"), certificate_in(aws)
        portal = Portal(aws, folder, PortalDomainName=NAME, PortalCertificateArn=arn)
        shared = portal.share()

        browser.open(shared.link)
        browser.click("button")
        saved = browser.saved(downloads, shared.name)
        browser.open(shared.link.partition("/d/")[0])
        type_address(browser, shared.recipient)
        again = link_in(portal.mail_to(shared.recipient, 2))

    assert saved == shared.content
    assert again.startswith(f"http://{NAME}.localhost:")


def _file(folder: Path) -> Path:
    path = folder / "printed.pdf"
    path.write_text("printed")
    return path

"""A generator without a portal, and one whose portal goes while its links are out."""

from __future__ import annotations

import urllib.request
from urllib.error import HTTPError

import pytest

from tests.faults.deployed import Deployed
from tests.faults.portal import ANN, BOB, WithPortal, bytes_of
from tests.local.apis import ask
from tests.waiting import until

pytestmark = pytest.mark.slow


def got(link: str) -> bytes:
    with urllib.request.urlopen(link) as answer:
        return bytes(answer.read())


def test_a_generator_without_a_portal(deployed: Deployed) -> None:
    """Mails have links to S3 itself, as ever."""
    deployed.upload("report.pdf", ANN)
    until(deployed.mails)

    ran = deployed.s3link("deploy --output json")

    assert [stack["stack_name"] for stack in ran.document["stacks"]] == [
        "s3link-sender",
        "s3link-generator",
    ]
    [link] = WithPortal.links_to(ANN)
    assert link.startswith(f"{deployed.aws.endpoint}/{deployed.local.bucket}/report.pdf?")
    assert got(link) == bytes_of("report.pdf")


def test_a_file_is_deleted_in_the_console(deployed: Deployed) -> None:
    """Which hides it behind a delete marker; the link names the version. The tool takes that away,
    while the file of the same name elsewhere stays."""
    deployed.upload("report.pdf", ANN)
    deployed.upload("b/report.pdf", BOB)
    until(lambda: WithPortal.links_to(ANN) and WithPortal.links_to(BOB))
    [link], [other] = WithPortal.links_to(ANN), WithPortal.links_to(BOB)
    deployed.clients.s3.delete_object(Bucket=deployed.local.bucket, Key="report.pdf")
    assert got(link) == bytes_of("report.pdf")

    ran = deployed.s3link("delete report.pdf --yes")

    assert ran.exit_code == 0, ran.stderr
    with pytest.raises(HTTPError) as gone:
        got(link)
    gone.value.close()
    assert gone.value.code == 404
    assert got(other) == bytes_of("b/report.pdf")


def test_the_portal_is_removed_while_links_are_out(portal: WithPortal) -> None:
    """Only after consent; they lead nowhere then, and what is shared from then on is mailed."""
    link = portal.share("report.pdf")
    refused = portal.s3link("deploy --without portal")
    assert portal.open(link) == 200

    ran = portal.s3link("deploy --without portal --yes")

    lost = "Every link that was mailed (1 of them can be used now) stops working"
    assert (refused.exit_code, ran.exit_code) == (1, 0), ran.stderr
    assert lost in refused.stderr
    with pytest.raises(ConnectionRefusedError):
        ask(link)
    portal.upload("report.pdf", BOB)
    until(lambda: len(portal.links_to(BOB)) == 2)
    assert got(portal.links_to(BOB)[-1]) == bytes_of("report.pdf")
    assert portal.dead_letters() == []
    assert portal.alarms() == set()

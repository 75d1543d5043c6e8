"""The portal's links from the operator's side, while recipients click on them."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from deploy.aws.clients import Clients
from deploy.errors import LocalError
from deploy.local.clicking import download
from deploy.local.server import EmbeddedAws
from deploy.watching.status import queue_depth
from tests.deploy.operator import Operator, deployed_by, operator_at
from tests.deploy.watching.test_status import output
from tests.waiting import until

pytestmark = pytest.mark.slow

BOB = "bob@example.com"


@pytest.fixture(scope="module")
def operator(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Has deployed with a portal."""
    return deployed_by(operator_at(clients, tmp_path_factory.mktemp("operator")), "--with portal")


def send(operator: Operator, name: str, options: str = "") -> None:
    file = operator.config.parent / name
    file.write_text(f"This is {name}")
    ran = operator.s3link(f"send --wait {options}", file)
    assert ran.exit_code == 0, ran.stderr


def links_to(aws: EmbeddedAws, name: str) -> list[str]:
    """The links in all mails about a file, the oldest mail first."""
    with urllib.request.urlopen(f"{aws.endpoint}/_s3link/mails") as answer:
        mails = [mail for mail in json.load(answer) if name in mail["subject"]]
    return [re.findall(r"http://\S+/d/\S+", mail["text"])[0] for mail in mails]


def listed(operator: Operator, name: str) -> Any:
    [link] = operator.s3link(f"links list --file {name} --output json").document["links"]
    return link


def an_hour_passes(clients: Clients) -> None:
    """LinkMailer, which mails an address so often within an hour, counts afresh."""
    described = clients.cloudformation.describe_stack_resource(
        StackName="s3link-portal", LogicalResourceId="RequestCountsTable"
    )
    table = described["StackResourceDetail"]["PhysicalResourceId"]
    for row in clients.dynamodb.scan(TableName=table)["Items"]:
        clients.dynamodb.delete_item(TableName=table, Key={"CountId": row["CountId"]})


def test_a_one_time_link_is_used_extended_mailed_again_and_revoked(
    operator: Operator, aws: EmbeddedAws
) -> None:
    """The counters belong to the link: what stands in a second mail is the same one."""
    send(operator, "once.txt", "--max-downloads 1")
    fresh = listed(operator, "once.txt")
    [first] = links_to(aws, "once.txt")
    content = download(first, BOB).content
    used = operator.s3link("links list --file once.txt").stdout

    extended = operator.s3link(f"links extend {fresh['id'][:8]} --downloads 1")
    resent = operator.s3link("links resend --file once.txt --yes")
    until(lambda: len(links_to(aws, "once.txt")) == 2)
    [_, second] = links_to(aws, "once.txt")
    again = download(second, BOB).content
    revoked = operator.s3link(f"links revoke --yes {fresh['id']}")

    assert (fresh["state"], fresh["downloads"], fresh["max_downloads"]) == ("Usable", 0, 1)
    assert content == again == b"This is once.txt"
    assert "\t1 of 1\t" in used
    assert "0 of" not in extended.stdout
    assert "1 of 2 downloads" in extended.stdout
    assert "was mailed: Usable" in resent.stdout
    assert first != second
    assert revoked.exit_code == 0, revoked.stderr
    for link in (first, second):
        with pytest.raises(LocalError, match="page without a button"):
            download(link, BOB)


def test_the_sender_gets_links_that_open_what_was_mailed(
    operator: Operator, aws: EmbeddedAws
) -> None:
    """The link of the mail with another token: what one uses up is used up for both."""
    file = operator.config.parent / "mine.txt"
    file.write_text("This is mine.txt")

    ran = operator.s3link("send --print-links --max-downloads 1 --output json", file)
    [given] = ran.document["links"]
    content = download(given["url"], BOB).content
    text = operator.s3link("send --print-links", file).stdout

    [mailed, _] = links_to(aws, "mine.txt")
    assert ran.exit_code == 0, ran.stderr
    assert (given["key"], given["recipient"]) == ("mine.txt", BOB)
    assert given["url"] != mailed
    assert content == b"This is mine.txt"
    assert listed(operator, "mine.txt --state Retryable")["downloads"] == 1
    assert re.search(r'^"mine.txt" for bob@example.com: http\S+/d/\S{43}$', text, re.MULTILINE)


def test_a_link_that_works_no_more_is_not_mailed(operator: Operator, aws: EmbeddedAws) -> None:
    """And the command says so, with exit code 1."""
    send(operator, "gone.txt")
    link = listed(operator, "gone.txt")
    operator.s3link(f"links revoke --yes {link['id']}")

    ran = operator.s3link(f"links resend {link['id']}")

    assert ran.exit_code == 1
    assert "was not mailed: it is revoked; send the file again." in ran.stderr
    assert len(links_to(aws, "gone.txt")) == 1


def test_a_request_that_could_not_be_mailed_is_listed_and_replayed(
    operator: Operator, aws: EmbeddedAws, clients: Clients
) -> None:
    """It waits in the portal's own queue; status counts it, a redrive mails it."""
    send(operator, "asked.txt")
    queue = output(clients, "s3link-portal", "PortalDeadLetterQueueUrl")
    portal = output(clients, "s3link-portal", "PortalUrl")
    aws.services.stop("ses")
    try:
        form = urllib.parse.urlencode({"email": BOB, "file": "asked.txt"}).encode()
        asking = urllib.request.Request(
            f"{portal}/request-link", form, {"Origin": portal}, method="POST"
        )
        urllib.request.urlopen(asking).close()
        until(lambda: queue_depth(clients, queue) == 1)
    finally:
        aws.services.start("ses")

    status = operator.s3link("status").stdout
    letters = operator.s3link("dlq list").stdout
    an_hour_passes(clients)
    ran = operator.s3link("dlq redrive --all")

    assert "About 1 task of the portal could not be done, in its dead-letter queue." in status
    assert f'{BOB} asked for links to "asked.txt"' in letters
    assert ran.exit_code == 0, ran.stderr
    assert queue_depth(clients, queue) == 0
    assert len(links_to(aws, "asked.txt")) == 2


def test_removing_the_portal_says_how_many_links_it_costs(
    operator: Operator, tmp_path: Path
) -> None:
    """Whoever is asked can weigh it."""
    send(operator, "kept.txt")
    text = operator.config.read_text().replace('with = ["portal"]\n', "")
    config = tmp_path / "without.toml"
    config.write_text(text)

    ran = operator.s3link(f"deploy --without portal --config {config}", answers="n\n")

    assert re.search(r"Every link that was mailed \([1-9] of them can be used now\)", ran.stderr)
    assert ran.exit_code == 1

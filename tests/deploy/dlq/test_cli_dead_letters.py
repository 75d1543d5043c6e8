"""`s3link dlq` and `s3link deliveries` as their user sees them, from failure to delivery."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.aws.clients import Clients
from deploy.local.server import EmbeddedAws
from deploy.watching.status import queue_depth
from tests.deploy.operator import Operator, deployed_by, operator_at
from tests.deploy.watching.test_status import output
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def operator(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Has deployed; files may go to everybody at example.com."""
    return deployed_by(
        operator_at(clients, tmp_path_factory.mktemp("operator")),
        "--set AuthorizedRecipients=@example.com",
    )


@pytest.fixture
def queue(operator: Operator, clients: Clients) -> Iterator[str]:
    """The dead-letter queue, empty before and after."""
    url = output(clients, "s3link-generator", "DeadLetterQueueUrl")
    yield url
    while messages := clients.sqs.receive_message(QueueUrl=url).get("Messages"):
        clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])


def subjects(aws: EmbeddedAws) -> list[str]:
    with urllib.request.urlopen(f"{aws.endpoint}/_s3link/mails") as answer:
        return [f"{mail['subject']} to {mail['to']}" for mail in json.load(answer)]


def mails_about(aws: EmbeddedAws, name: str) -> int:
    return sum(name in subject for subject in subjects(aws))


def fail_to_send(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, file: Path, options: str
) -> None:
    """Send while SES is out of order, until Lambda has given the event up."""
    before = queue_depth(clients, queue)
    file.write_text("content")
    aws.services.stop("ses")
    try:
        assert operator.s3link(f"send {options}", file).exit_code == 0
        until(lambda: queue_depth(clients, queue) > before)
    finally:
        aws.services.start("ses")


def test_a_failed_upload_is_listed_and_replayed(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """Once the cause is gone the mails go out; a second run has nothing to do."""
    options = "--to ann@example.com --to carl@example.com"
    fail_to_send(operator, aws, clients, queue, tmp_path / "offer.pdf", options)

    listed = operator.s3link("dlq list")
    replayed = operator.s3link("dlq redrive --all")

    titles, row = listed.stdout.splitlines()
    message_id, first, last, about, error = row.split("\t")
    assert listed.exit_code == 0, listed.stderr
    assert titles == "ID\tFIRST TRY\tLAST TRY\tABOUT\tERROR"
    assert about == '"offer.pdf" for ann@example.com, carl@example.com'
    assert error.startswith('"offer.pdf" was not mailed to 2 of its recipients: ')
    assert first.startswith("20")
    assert last.endswith(" UTC")
    assert listed.stderr == (
        "1 message; once the cause is gone, replay with `s3link dlq redrive --all`; take out "
        "what can never pass with `s3link dlq drop ID`.\n"
    )
    assert (replayed.exit_code, replayed.stdout, replayed.stderr) == (
        0,
        f'Replayed {message_id}: "offer.pdf" (mailed)\n',
        "Replaying 1 message\n",
    )
    assert mails_about(aws, "offer.pdf") == 2
    assert operator.s3link("dlq redrive --all").stdout == "The dead-letter queue is empty.\n"
    assert operator.s3link("dlq list").stdout == "The dead-letter queue is empty.\n"
    assert mails_about(aws, "offer.pdf") == 2


def test_an_event_that_comes_back_mails_nobody_twice(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """As when a redrive was killed between the mail and the deletion of the message."""
    fail_to_send(operator, aws, clients, queue, tmp_path / "twice.pdf", "--to ann@example.com")
    [message] = clients.sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
    operator.s3link("dlq redrive --all")

    clients.sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
    ran = operator.s3link("dlq redrive --all --output json")

    assert [one["outcome"] for one in ran.document["replayed"]] == ['"twice.pdf" (already mailed)']
    assert mails_about(aws, "twice.pdf") == 1


def test_what_cannot_be_replayed_stays_and_is_named(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """An unreadable message, and one whose function fails again; the rest goes on."""
    unreadable = clients.sqs.send_message(QueueUrl=queue, MessageBody="hello")["MessageId"]
    fail_to_send(operator, aws, clients, queue, tmp_path / "good.pdf", "--to ann@example.com")

    ran = operator.s3link("dlq redrive --all")

    assert ran.exit_code == 1
    assert '"good.pdf" (mailed)' in ran.stdout
    assert (
        f"Warning: {unreadable} stays in the queue: it cannot be read, because it is not JSON; "
        "it is left alone.\n"
    ) in ran.stderr
    assert ran.error == (
        f"1 of 2 messages was replayed; 1 stays in the queue: {unreadable}; see `s3link dlq list`"
        ", and take out what can never pass with `s3link dlq drop ID`."
    )
    _, row = operator.s3link("dlq list").stdout.splitlines()
    assert row.startswith(f"{unreadable}\t\t20")
    assert row.endswith("\tcannot be read, because it is not JSON\tnone was given")


def typo(operator: Operator, clients: Clients, queue: str, key: str) -> str:
    """Upload, without the tool, for somebody who may not be mailed; gives the message's id."""
    clients.s3.put_object(
        Bucket=output(clients, "s3link-generator", "FileExchangeBucketName"),
        Key=key,
        Body=b"content",
        Metadata={"recipients": "ann@exmaple.com,bob@example.com"},
    )
    until(lambda: queue_depth(clients, queue) == 1)
    [message] = operator.s3link("dlq list --output json").document["messages"]
    return str(message["id"])


def test_a_typo_is_listed_and_dropped(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str
) -> None:
    """No redrive can mail it; once it was shown and dropped, the queue is empty."""
    message_id = typo(operator, clients, queue, "typo.pdf")

    _, listed = operator.s3link("dlq list").stdout.splitlines()
    replayed = operator.s3link("dlq redrive --all")
    refused = operator.s3link(f"dlq drop {message_id[:8]}", answers="n\n")
    dropped = operator.s3link(f"dlq drop {message_id[:8]}", answers="y\n")

    why = '"typo.pdf" was not announced to anybody: not on AuthorizedRecipients: ann@exmaple.com.'
    assert listed.startswith(f"{message_id}\t")
    assert f"\t\t{why}" in listed
    assert listed.count(why) == 1
    assert replayed.exit_code == 1
    assert replayed.error.endswith("take out what can never pass with `s3link dlq drop ID`.")
    assert (refused.exit_code, refused.stdout, refused.error) == (1, "", "Nothing was dropped.")
    assert f"  error: {why}" in refused.stderr
    assert "Drop 1 message? Nobody will be mailed, and this cannot be undone. [y/N]" in (
        refused.stderr
    )
    assert dropped.exit_code == 0, dropped.stderr
    assert dropped.stdout.startswith(f"Dropped {message_id}: {why}")
    assert operator.s3link("dlq list").stdout == "The dead-letter queue is empty.\n"
    assert mails_about(aws, "typo.pdf") == 0


def test_a_drop_for_programs(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """One document with all that was known of the messages; an id may not be one of them."""
    fail_to_send(operator, aws, clients, queue, tmp_path / "drop.pdf", "--to ann@example.com")
    [message] = operator.s3link("dlq list --output json").document["messages"]

    unknown = operator.s3link(f"dlq drop {message['id']} 00000000-none --yes --output json")
    dropped = operator.s3link(f"dlq drop {message['id']} --yes --output json")

    assert unknown.exit_code == 1
    assert unknown.error.startswith(
        'Nothing was dropped: no message in the dead-letter queue has the id "00000000-none"'
    )
    assert dropped.exit_code == 0, dropped.stderr
    assert dropped.document == {"dropped": [message], "kept": [], "still_hidden": ""}
    assert message["files"][0]["recipients"] == ["ann@example.com"]
    assert operator.s3link("dlq list --output json").document == {
        "messages": [],
        "unread": 0,
        "still_hidden": "",
    }


def test_a_file_that_is_gone_is_listed_so(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """Nothing is said to be for nobody."""
    fail_to_send(operator, aws, clients, queue, tmp_path / "gone.pdf", "--to ann@example.com")
    bucket = output(clients, "s3link-generator", "FileExchangeBucketName")
    for version in clients.s3.list_object_versions(Bucket=bucket, Prefix="gone.pdf")["Versions"]:
        clients.s3.delete_object(Bucket=bucket, Key="gone.pdf", VersionId=version["VersionId"])

    _, row = operator.s3link("dlq list").stdout.splitlines()

    assert '\t"gone.pdf": its file is gone; a redrive mails nobody\t' in row


def test_without_ses_nothing_is_begun(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """All messages can be seen by everybody afterwards."""
    fail_to_send(operator, aws, clients, queue, tmp_path / "wait.pdf", "--to ann@example.com")
    aws.services.stop("ses")

    ran = operator.s3link("dlq redrive --all --output json")

    aws.services.start("ses")
    assert ran.exit_code == 1
    assert "0 of 1 message was replayed; 1 stays in the queue: " in ran.error
    assert [left["about"] for left in ran.document["left"]] == ['"wait.pdf"']
    assert len(operator.s3link("dlq list --output json").document["messages"]) == 1


def test_listing_for_programs(operator: Operator, clients: Clients, queue: str) -> None:
    """One document; what a message does not say is null or empty."""
    message_id = clients.sqs.send_message(QueueUrl=queue, MessageBody="{}")["MessageId"]

    [message] = operator.s3link("dlq list --output json").document["messages"]

    del message["last_attempt"]
    assert message == {
        "id": message_id,
        "kind": "unreadable",
        "about": "cannot be read, because it holds no event",
        "files": [],
        "error": "",
        "error_code": "",
        "first_attempt": None,
    }


def test_the_ledger_tells_what_became_of_an_upload(
    operator: Operator, aws: EmbeddedAws, clients: Clients, queue: str, tmp_path: Path
) -> None:
    """From refused to mailed, in lines and for programs; status shows it, too."""
    fail_to_send(operator, aws, clients, queue, tmp_path / "fate.pdf", "--to ann@example.com")
    refused = operator.s3link("deliveries --file fate.pdf --failed --since 1h")
    status = operator.s3link("status --verbose").stdout
    operator.s3link("dlq redrive --all")
    mailed = operator.s3link("deliveries --file fate.* --recipient ANN@example.com --output json")

    assert refused.stdout.startswith("RECEIVED\tSTATE\tRECIPIENT\tFILE\tNAME\tWHY\n20")
    assert refused.stdout.endswith(
        " UTC\tRefused\tann@example.com\tfate.pdf\t\tServiceUnavailable\n"
    )
    assert "About 1 event could not be announced, in the dead-letter queue. → `s3link" in status
    assert refused.stdout.splitlines()[1] in status.splitlines()
    [delivery] = mailed.document["deliveries"]
    assert (delivery["file"], delivery["recipient"]) == ("fate.pdf", "ann@example.com")
    assert delivery["state"] in ("Mailed", "Delivered")
    shown = operator.s3link("status --output json").document["deliveries"]
    assert shown[0]["id"] == delivery["id"]


def test_nothing_found_is_said(operator: Operator, clients: Clients, queue: str) -> None:
    """With a hint where an upload may be that no row tells of."""
    nothing = operator.s3link("deliveries --file no.pdf --since 2026-11-01")
    clients.sqs.send_message(QueueUrl=queue, MessageBody="{}")
    hint = operator.s3link("deliveries --file no.pdf --since 2026-11-01 --output json")

    sentence = "The ledger has no delivery of this kind since 2026-11-01 00:00 UTC."
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, f"{sentence}\n", "")
    assert (hint.exit_code, hint.document) == (0, {"deliveries": []})
    assert hint.stderr == (
        f"{sentence} 1 event could not be announced and may be about it: `s3link dlq list`.\n"
    )


def test_without_the_ledger_status_shows_the_rest(operator: Operator, aws: EmbeddedAws) -> None:
    """Just when something is out of order one looks at the status."""
    aws.services.stop("dynamodb")

    ran = operator.s3link("status")

    aws.services.start("dynamodb")
    assert ran.exit_code == 0, ran.stderr
    assert "\tThe deliveries ledger could not be read. → `s3link deliveries`\n" in ran.stdout
    assert "\nLast deliveries\tthe ledger could not be read\n" in ran.stdout
    assert "\nSES\t" in ran.stdout

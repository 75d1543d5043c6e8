"""`s3link status` as its user sees it."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

from deploy.aws.clients import Clients
from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow


def confirm_subscription(aws: EmbeddedAws) -> None:
    """Click the link in the mail that SNS sends to the admin."""
    with urllib.request.urlopen(f"{aws.endpoint}/_s3link/mails") as answer:
        [text] = [mail["text"] for mail in json.load(answer) if "Confirm" in mail["subject"]]
    link = re.search(r"https?://\S+", text)
    assert link, text
    urllib.request.urlopen(link[0]).close()


def output(clients: Clients, stack: str, name: str) -> str:
    described = clients.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    [value] = [made["OutputValue"] for made in described["Outputs"] if made["OutputKey"] == name]
    return value


def test_nothing_deployed_is_one_sentence(embedded_operator: Operator) -> None:
    """With the name, the place and the command that changes it."""
    ran = embedded_operator.s3link("status")

    assert (ran.exit_code, ran.stdout, ran.error) == (
        1,
        "",
        'Nothing is deployed under the name "s3link" in eu-west-1 of account 123456789012; '
        "check --name, --region and --profile, or deploy it with `s3link deploy`.",
    )


def table(text: str) -> dict[str, str]:
    """What stands behind each thing that was counted."""
    rows = [line.split("\t") for line in text.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2}


def test_a_fresh_deployment(deployed_operator: Operator, embedded_clients: Clients) -> None:
    """First what waits for the admin, then how much there is of everything."""
    ran = deployed_operator.s3link("status")

    lines = ran.stdout.splitlines()
    counts = table(ran.stdout)
    assert ran.exit_code == 0, ran.stderr
    assert lines[:2] == [
        "STATE\tNEEDS DOING",
        "waiting\tadmin@example.com gets NO alarms: the subscription is not confirmed. → click the "
        "link in AWS's mail; `s3link deploy` has it sent again",
    ]
    assert lines[2:4] == ["", "WHAT\tHOW IT STANDS"]
    assert counts["Stacks"] == "2 CREATE_COMPLETE"
    assert re.fullmatch(r"\d+ OK", counts["Alarms"])
    assert counts["Alarms are mailed to"] == "nobody"
    assert counts["Dead-letter queue"] == "0 events"
    assert counts["Last deliveries"] == "none in the last 14 days"
    assert counts["SES"].startswith("0 mails sent in the last 24 hours of ")
    assert counts["Bucket"] == "s3link-123456789012-eu-west-1"
    assert "Alarm-" not in ran.stdout


def test_names_are_there_when_asked_for(deployed_operator: Operator) -> None:
    """All stacks, outputs, subscriptions and alarms."""
    ran = deployed_operator.s3link("status --verbose")

    lines = ran.stdout.splitlines()
    assert ran.exit_code == 0, ran.stderr
    assert "s3link-sender\tCREATE_COMPLETE\t" in lines
    assert "s3link-generator\tFileExchangeBucketName\ts3link-123456789012-eu-west-1" in lines
    assert "admin@example.com\tgets none: not confirmed" in lines
    assert any(re.match(r"s3link-generator-\w+Alarm-\w+\tOK\t", line) for line in lines)


def test_nothing_to_do_is_one_line(deployed_operator: Operator, embedded_aws: EmbeddedAws) -> None:
    """Once the admin has clicked the link in the mail."""
    confirm_subscription(embedded_aws)

    ran = deployed_operator.s3link("status")

    assert ran.stdout.startswith("Nothing needs doing.\n\nWHAT\tHOW IT STANDS\n")
    assert table(ran.stdout)["Alarms are mailed to"] == "admin@example.com"


def test_what_needs_attention_is_seen(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """An alarm with its reason, and the events that wait in the queue."""
    queue = output(embedded_clients, "s3link-generator", "DeadLetterQueueUrl")
    # As many as the threshold: else the alarm would soon be OK again, here as on AWS.
    for _ in range(5):
        embedded_clients.sqs.send_message(QueueUrl=queue, MessageBody="{}")
    alarms = embedded_clients.cloudwatch.describe_alarms()["MetricAlarms"]
    [alarm] = [name for entry in alarms if "QueueTooDeep" in (name := entry["AlarmName"])]
    embedded_clients.cloudwatch.set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="five letters wait"
    )

    ran = deployed_operator.s3link("status")

    assert ran.stdout.splitlines()[1] == (
        f"broken\tAlarm {alarm} is on: five letters wait. → `s3link dlq list`"
    )
    assert (
        "waiting\tAbout 5 events could not be announced, in the dead-letter queue. → "
        "`s3link dlq list`\n"
    ) in ran.stdout
    assert ", 1 ALARM" in table(ran.stdout)["Alarms"]


def test_status_for_programs(deployed_operator: Operator) -> None:
    """The same as one document."""
    document = deployed_operator.s3link("status --output json").document

    assert [need["level"] for need in document["needs"]] == ["waiting"]
    assert [stack["status"] for stack in document["stacks"]] == ["CREATE_COMPLETE"] * 2
    assert document["subscriptions"] == [{"endpoint": "admin@example.com", "confirmed": False}]
    assert {alarm["state"] for alarm in document["alarms"]} == {"OK"}
    assert (document["missing"], document["undelivered"]) == ([], 0)
    assert document["quota"]["sent_today"] == 0


def test_without_ses_the_rest_is_still_shown(
    deployed_operator: Operator, embedded_aws: EmbeddedAws
) -> None:
    """Just when SES is out of order one wants to see alarms and queue."""
    embedded_aws.services.stop("ses")

    ran = deployed_operator.s3link("status")

    assert ran.exit_code == 0, ran.stderr
    assert "waiting\tSES could not be asked how it stands. → `s3link doctor`\n" in ran.stdout
    assert table(ran.stdout)["Stacks"] == "2 CREATE_COMPLETE"
    assert table(ran.stdout)["SES"] == "could not be asked"


def test_half_a_deployment_says_what_is_missing(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """As after a destroy that was interrupted between the stacks."""
    embedded_clients.cloudformation.delete_stack(StackName="s3link-generator")

    ran = deployed_operator.s3link("status --region eu-west-1")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines()[1] == (
        "broken\tStack s3link-generator is not deployed. → `s3link deploy --region eu-west-1`"
    )

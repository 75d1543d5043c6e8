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


def test_a_fresh_deployment(deployed_operator: Operator) -> None:
    """Stacks with their outputs, the unconfirmed subscription, alarms, queue and quota."""
    ran = deployed_operator.s3link("status")

    lines = ran.stdout.splitlines()
    assert ran.exit_code == 0, ran.stderr
    assert "Stack s3link-sender: CREATE_COMPLETE" in lines
    assert "  FileExchangeBucketName: s3link-123456789012-eu-west-1" in lines
    assert (
        "Admin admin@example.com: gets NO alarms: the subscription mail is not confirmed" in lines
    )
    assert "Events that could not be announced, in the dead-letter queue: 0" in lines
    assert lines[-1].startswith("SES: 0 mails sent in the last 24 hours of ")
    alarms = [line for line in lines if line.startswith("Alarm ")]
    assert any(re.fullmatch(r"Alarm s3link-generator-\w+Alarm-\w+: OK", line) for line in alarms)


def test_a_confirmed_subscription_gets_alarms(
    deployed_operator: Operator, embedded_aws: EmbeddedAws
) -> None:
    """Once the admin has clicked the link in the mail."""
    confirm_subscription(embedded_aws)

    ran = deployed_operator.s3link("status")

    assert "Admin admin@example.com: gets alarms\n" in ran.stdout


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

    assert f"Alarm {alarm}: ALARM, five letters wait\n" in ran.stdout
    assert (
        "Events that could not be announced, in the dead-letter queue: 5; see `s3link dlq list`\n"
        in ran.stdout
    )


def test_status_for_programs(deployed_operator: Operator) -> None:
    """The same as one document."""
    document = deployed_operator.s3link("status --output json").document

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
    assert "Stack s3link-generator: CREATE_COMPLETE" in ran.stdout
    assert ran.stdout.endswith("SES: could not be asked; see `s3link doctor`\n")


def test_half_a_deployment_says_what_is_missing(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """As after a destroy that was interrupted between the stacks."""
    embedded_clients.cloudformation.delete_stack(StackName="s3link-generator")

    ran = deployed_operator.s3link("status --region eu-west-1")

    assert ran.exit_code == 0, ran.stderr
    assert (
        "Stack s3link-generator: not deployed; run `s3link deploy --region eu-west-1`\n"
    ) in ran.stdout

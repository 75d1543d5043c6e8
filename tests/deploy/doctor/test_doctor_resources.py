"""What `s3link doctor` says of what is deployed; the alarm subscription as it comes and goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from deploy.aws.clients import Clients
from deploy.local.inbox.mailbox import MAILBOX
from deploy.local.server import EmbeddedAws
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, read_call
from deploy.watching.status import Subscription, read_subscriptions
from tests.deploy.operator import Operator, clients_of_operator, deployed_by, operator_at

pytestmark = pytest.mark.slow

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
CONFIRMATION = "AWS Notification - Subscription Confirmation"


@dataclass
class Denied:
    """An operator's rights, as far as some calls are denied."""

    actions: set[str] = field(default_factory=set)

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            # S3's requests have no name here.
            if self.actions and read_call(environ).action in self.actions:
                call = read_call(environ)
                message = f"User: ann is not authorized to perform: {call.action}"
                error = ServiceError(HTTPStatus.FORBIDDEN, "AccessDenied", message)
                return reply(error, call.service, environ, start_response)
            return aws(environ, start_response)

        return app


@dataclass(frozen=True)
class Deployed:
    operator: Operator
    clients: Clients
    denied: Denied

    @property
    def topic(self) -> str:
        stack = self.clients.cloudformation.describe_stacks(StackName="s3link-sender")["Stacks"][0]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        return outputs["CommonAlarmTopicArn"]

    def confirm(self) -> None:
        token = _confirmations()[-1].partition("Token=")[2].split()[0]
        self.clients.sns.confirm_subscription(TopicArn=self.topic, Token=token)

    def end_subscription(self) -> None:
        """As the link in each alarm's mail does."""
        [one] = self.clients.sns.list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]
        self.clients.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])

    def says(self, check: str) -> list[str]:
        """What doctor finds, each with its level."""
        findings = self.operator.s3link("doctor --output json").document["findings"]
        return [
            f"{one['level']}: {one['sentence']} {one['fix']}".strip()
            for one in findings
            if one["check"] == check
        ]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    denied = Denied()
    with EmbeddedAws(wire=denied) as aws:
        clients = clients_of_operator(aws)
        operator = operator_at(clients, tmp_path_factory.mktemp("operator"))
        yield Deployed(deployed_by(operator, ""), clients, denied)


def _confirmations() -> list[str]:
    return [mail.text for mail in MAILBOX.mails() if mail.subject == CONFIRMATION]


def test_the_admin_ends_the_subscription_and_gets_it_back(deployed: Deployed) -> None:
    """Doctor and status say how it stands; a deploy has SNS mail the confirmation again."""
    [pending] = deployed.says("subscription")
    deployed.confirm()
    [confirmed] = deployed.says("subscription")
    deployed.end_subscription()
    [ended] = deployed.says("subscription")
    status = deployed.operator.s3link("status").stdout
    before = len(_confirmations())
    deploy = deployed.operator.s3link("deploy")
    again = deployed.operator.s3link("deploy")

    assert pending.startswith(
        "warning: admin@example.com is not told of alarms: the subscription is not confirmed. "
        "Click the link in the mail from AWS Notifications; "
    )
    assert confirmed == "ok: admin@example.com is told of alarms."
    assert ended == (
        "warning: admin@example.com is not told of alarms: the subscription was ended, perhaps by "
        "the link that each alarm's mail carries. `s3link deploy` has SNS mail a new confirmation, "
        "whose link is to be clicked."
    )
    assert "broken\tNobody gets alarms: nobody is subscribed to CommonAlarmTopic. → " in status
    assert deploy.exit_code == 0, deploy.stderr
    confirm = "Confirm the alarm subscription: AWS has sent a mail to admin@example.com."
    assert confirm in deploy.stdout
    assert confirm in again.stdout
    # By CloudFormation, and once more for whoever has not found the first one.
    assert len(_confirmations()) == before + 2
    assert "s3link-sender unchanged" in again.stdout


def test_what_may_not_be_looked_at_counts_as_there(deployed: Deployed) -> None:
    """Doctor says so once; nobody is kept from deploying by it."""
    deployed.denied.actions |= {"lambda:GetFunctionConfiguration", "iam:GetRole"}

    said = deployed.says("resources")
    deploy = deployed.operator.s3link("deploy")

    deployed.denied.actions.clear()
    assert said == [
        "warning: 4 resources could not be looked at: AWS denied iam:GetRole and "
        "lambda:GetFunctionConfiguration; ask your administrator to allow it, or use another "
        "--profile."
    ]
    assert deploy.exit_code == 0, deploy.stderr
    assert "could not be looked at" not in deploy.stderr


def test_stacks_whose_resources_may_not_be_listed_are_told(deployed: Deployed) -> None:
    """Doctor does not call them whole."""
    deployed.denied.actions.add("cloudformation:ListStackResources")

    said = deployed.says("resources")

    deployed.denied.actions.clear()
    assert said == [
        "warning: 2 stacks could not be looked at: AWS denied cloudformation:ListStackResources; "
        "ask your administrator to allow it, or use another --profile."
    ]


def test_the_subscription_comes_back_where_cloudformation_does_not_see_to_it(
    deployed: Deployed,
) -> None:
    """Who may not look at subscriptions may still subscribe the admin."""
    deployed.confirm()
    deployed.end_subscription()
    before = len(_confirmations())
    deployed.denied.actions.add("sns:GetSubscriptionAttributes")

    deploy = deployed.operator.s3link("deploy")

    deployed.denied.actions.clear()
    assert "s3link-sender unchanged" in deploy.stdout, deploy.stderr
    assert "Confirm the alarm subscription" in deploy.stdout
    assert len(_confirmations()) == before + 1


def test_all_is_there(deployed: Deployed) -> None:
    """One line says so."""
    deployed.operator.s3link("deploy")  # which brings back what an earlier test has ended

    assert deployed.says("resources") == ["ok: Everything that the stacks have made is there."]


def test_a_file_is_not_sent_to_nobody(deployed: Deployed, tmp_path: Path) -> None:
    """Without LinkGenerator S3 would take it, and nobody be told of it."""
    stack = deployed.clients.cloudformation.describe_stack_resource(
        StackName="s3link-generator", LogicalResourceId="LinkGenerator"
    )["StackResourceDetail"]
    name = stack["PhysicalResourceId"]
    deployed.clients.awslambda.delete_function(FunctionName=name)
    file = tmp_path / "report.pdf"
    file.write_text("report")

    refused = deployed.operator.s3link("send", file)
    deploy = deployed.operator.s3link("deploy")
    sent = deployed.operator.s3link("send --wait", file)

    assert refused.exit_code == 1
    assert refused.error == (
        f"Nothing was sent: function {name} is gone, so nobody would get a link that works; "
        "`s3link deploy` makes it again."
    )
    assert "LinkGenerator  AWS::Lambda::Function  (was deleted by hand)" in deploy.stderr
    assert sent.exit_code == 0, sent.stderr


@pytest.mark.parametrize(
    ("command", "output"),
    [("send", "FileExchangeBucketName"), ("deliveries", "DeliveriesLedgerName")],
)
def test_a_command_that_misses_something_leads_to_doctor(
    deployed: Deployed, tmp_path: Path, command: str, output: str
) -> None:
    """Which says what was deleted, and what to do."""
    stack = deployed.clients.cloudformation.describe_stacks(StackName="s3link-generator")
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Stacks"][0]["Outputs"]}
    _delete(deployed.clients, outputs[output], output)
    file = tmp_path / "report.pdf"
    file.write_text("report")

    ran = deployed.operator.s3link(command, *([file] if command == "send" else []))

    assert ran.exit_code == 1
    assert "`s3link doctor`, with the same options, says what was deleted" in ran.error


def _delete(clients: Clients, name: str, output: str) -> None:
    if output == "DeliveriesLedgerName":
        clients.dynamodb.delete_table(TableName=name)
        return
    for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for one in page.get("Versions", []):
            clients.s3.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
    clients.s3.delete_bucket(Bucket=name)


def test_a_subscription_that_was_ended_is_none(deployed: Deployed) -> None:
    """SNS lists it for days, with a word in the place of its ARN."""
    listed = [
        {"SubscriptionArn": arn, "Endpoint": endpoint, "Protocol": "email", "TopicArn": TOPIC}
        for arn, endpoint in (
            ("Deleted", "admin@example.com"),
            ("PendingConfirmation", "bob@example.com"),
            (f"{TOPIC}:1", "ann@example.com"),
        )
    ]
    with Stubber(deployed.clients.sns) as sns:
        sns.add_response("list_subscriptions_by_topic", {"Subscriptions": listed})

        found = list(read_subscriptions(deployed.clients, TOPIC))

    assert found == [
        Subscription("bob@example.com", confirmed=False),
        Subscription("ann@example.com", confirmed=True),
    ]

"""A deployment on the embedded AWS as its operator, its recipients and its admin see it."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from moto.awslambda.models import lambda_backends

from deploy.console import Console
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT, LOCAL_SECRET_KEY
from deploy.local.inbox.mailbox import MAILBOX
from deploy.local.lambda_.asynchronous import AWS_RETRY_DELAYS
from deploy.local.run import LocalDeployment, deploy_locally, operator_clients
from deploy.local.server import EmbeddedAws
from deploy.watching import logs
from tests.deploy.operator import Operator, Ran
from tests.faults.faults import Faults
from tests.waiting import until

ADMIN = "admin@example.com"
PARAMETERS = {
    "AdminAlarmEMail": ADMIN,
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
    "AuthorizedRecipients": "@example.com",
    "DeadLetterQueueAlarmTreshold": "1",
}
# Seconds between tries where they wait for the test: longer than any test takes.
RETRY_DELAY = 3600


@dataclass(frozen=True)
class Deployed:
    """One deployment, whose admin has confirmed the alarm subscription."""

    aws: EmbeddedAws
    faults: Faults
    local: LocalDeployment
    clients: Any
    outputs: Mapping[str, str]
    home: Path

    @classmethod
    def on(
        cls,
        aws: EmbeddedAws,
        faults: Faults,
        home: Path,
        optional_kinds: frozenset[str] = frozenset(),
        **parameters: str,
    ) -> Self:
        given = {**PARAMETERS, **parameters}
        local = deploy_locally(aws, "s3link", given, Console("json"), optional_kinds)
        clients = operator_clients(aws)
        outputs = {
            output["OutputKey"]: output["OutputValue"]
            for stack in clients.cloudformation.describe_stacks()["Stacks"]
            for output in stack["Outputs"]
        }
        deployed = cls(aws, faults, local, clients, outputs, home)
        deployed._confirm()
        return deployed

    def _confirm(self) -> None:
        [mail] = [mail for mail in MAILBOX.mails() if "Confirmation" in mail.subject]
        [link] = re.findall(r"http://\S+confirm\S+", mail.text)
        urllib.request.urlopen(link).close()

    # What a sender and an operator do.

    def upload(self, key: str, *recipients: str, content: bytes | None = None) -> str:
        """Upload a file; gives its version."""
        answer = self.clients.s3.put_object(
            Bucket=self.local.bucket,
            Key=key,
            Body=f"The bytes of {key}".encode() if content is None else content,
            Metadata={"recipients": ",".join(recipients)} if recipients else {},
        )
        return str(answer["VersionId"])

    def copy(self, source: str, key: str, *recipients: str) -> None:
        """Copy a file with other recipients, as the console does to edit its metadata."""
        bucket = self.local.bucket
        self.clients.s3.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource={"Bucket": bucket, "Key": source},
            MetadataDirective="REPLACE",
            Metadata={"recipients": ",".join(recipients)},
        )

    def s3link(self, line: str) -> Ran:
        """Run s3link as the operator does."""
        config = self.home / "s3link.toml"
        lines = [f'{name} = "{value}"' for name, value in PARAMETERS.items()]
        config.write_text("\n".join(["[s3link]", *lines]))
        options = ("--endpoint-url", self.aws.endpoint, "--region", self.aws.region)
        keys = {"AWS_ACCESS_KEY_ID": LOCAL_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET_KEY}
        return Operator(config, options, keys).s3link(line)

    def configure(self, **settings: Any) -> None:
        """Change LinkGenerator behind CloudFormation's back."""
        self.clients.awslambda.update_function_configuration(
            FunctionName=self.generator, **settings
        )

    def shrink_memory(self, mebibytes: int) -> None:
        """Give LinkGenerator less than the API allows, so that it is too little."""
        functions = lambda_backends[LOCAL_ACCOUNT][self.aws.region]
        functions.get_function(self.generator).memory_size = mebibytes

    def kill(self) -> None:
        """LinkGenerator's processes are gone from one moment to the next."""
        self.aws.kill_processes(self.generator)

    def run_again(self, event: Mapping[str, Any], request_id: str) -> str:
        """Run LinkGenerator as Lambda does that runs one request twice; gives its error."""
        function = lambda_backends[LOCAL_ACCOUNT][self.aws.region].get_function(self.generator)
        assert self.aws._functions is not None
        result = self.aws._functions.invoke(function, request_id, json.dumps(event).encode())
        return str(json.loads(result.answer.payload)["errorMessage"])

    def claimant(self) -> str:
        """The id of the request that holds the claims."""
        [request_id] = {row["ClaimedBy"]["S"] for row in self.rows()}
        return str(request_id)

    @property
    def generator(self) -> str:
        return self.outputs["LinkGeneratorName"]

    def next_tries(self, failed: int = 1) -> None:
        """Wait until so many events have failed, and let time pass until Lambda tries them again.

        For whom they claimed, only so much passes as Lambda waits before the second try.
        """
        until(lambda: self.failed_and_waiting() == failed)
        for row in self.rows():
            if "ClaimedUntil" in row:
                self.clients.dynamodb.update_item(
                    TableName=self.outputs["DeliveriesLedgerName"],
                    Key={"DeliveryId": row["DeliveryId"]},
                    UpdateExpression="SET ClaimedUntil = ClaimedUntil - :delay",
                    ExpressionAttributeValues={":delay": {"N": str(int(AWS_RETRY_DELAYS[0]))}},
                )
        self.aws.pass_time(RETRY_DELAY)

    def failed_and_waiting(self) -> int:
        """How many events of LinkGenerator wait for their next try."""
        return self.aws.waiting_events(self.generator)

    # What is there afterwards.

    def rows(self) -> list[dict[str, Any]]:
        """The ledger as DynamoDB has it."""
        answer = self.clients.dynamodb.scan(TableName=self.outputs["DeliveriesLedgerName"])
        return list(answer["Items"])

    def mails(self) -> Counter[str]:
        """How many mails with a link each recipient has, whatever the file."""
        return Counter(
            to
            for mail in MAILBOX.mails()
            if mail.subject.startswith("File for you")
            for to in mail.recipients
        )

    def files(self) -> Counter[tuple[str, str]]:
        """How many mails each recipient has about each file."""
        return Counter(
            (to, mail.subject.removeprefix("File for you: "))
            for mail in MAILBOX.mails()
            if mail.subject.startswith("File for you")
            for to in mail.recipients
        )

    def ledger(self) -> dict[str, str]:
        """The state of each delivery, by recipient."""
        return {row["recipient"]: row["state"] for row in self.deliveries()}

    def deliveries(self) -> list[dict[str, Any]]:
        """What `s3link deliveries` shows; it asks for each day on its own, so for a few only."""
        ran = self.s3link("deliveries --since 1h --output json")
        assert ran.exit_code == 0, ran.stderr
        return list(ran.document["deliveries"])

    def dead_letters(self, queue: str = "DeadLetterQueue") -> list[str]:
        """The error of each message in a dead-letter queue, which stay where they are."""
        answer = self.clients.sqs.receive_message(
            QueueUrl=self.outputs[f"{queue}Url"],
            MessageAttributeNames=["All"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
        )
        return [
            message["MessageAttributes"]["ErrorMessage"]["StringValue"]
            for message in answer.get("Messages", [])
            if "MessageAttributes" in message
        ]

    def alarms(self) -> set[str]:
        """The alarms that are on, by their name in the template."""
        found = self.clients.cloudwatch.describe_alarms()["MetricAlarms"]
        names = {alarm["AlarmName"] for alarm in found if alarm["StateValue"] == "ALARM"}
        return {re.sub(r"^s3link-[a-z]+-(.*)-[^-]+$", r"\1", name) for name in names}

    def admins_mails(self) -> list[str]:
        """The subjects of what the admin was told."""
        return [mail.subject for mail in MAILBOX.mails() if ADMIN in mail.recipients]

    def wait_until_admin_knows(self, alarms: Collection[str], before: int = 0) -> None:
        """An alarm is on a moment before its mail is there; `before` so many mails were there."""
        until(
            lambda: all(
                any(alarm in subject for subject in self.admins_mails()[before:])
                for alarm in alarms
            )
        )

    def log(self, group: str = "LinkGeneratorLogGroup") -> str:
        """LinkGenerator's log, or another one, as `s3link logs` shows it."""
        since = datetime.now(UTC) - timedelta(hours=1)
        records = logs.read_log(self.clients, self.outputs[f"{group}Name"], since)
        return "\n".join(record.line for record in records)

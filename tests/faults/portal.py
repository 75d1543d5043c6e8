"""A deployment with a portal, as its recipients and its operator see it."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from moto.cloudwatch.models import cloudwatch_backends

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys
from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.lambda_.asynchronous import AWS_RETRY_DELAYS
from tests.faults.deployed import Deployed
from tests.local.apis import Reply, ask
from tests.mails import link_in
from tests.waiting import until

ANN, BOB = "ann@example.com", "bob@example.com"
OPERATOR = Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class WithPortal(Deployed):
    """One deployment with a portal."""

    def share(self, key: str, recipient: str = BOB) -> str:
        """Upload a file for one download; gives the link that its recipient is mailed."""
        self.clients.s3.put_object(
            Bucket=self.local.bucket,
            Key=key,
            Body=bytes_of(key),
            Metadata={"recipients": recipient, "max-downloads": "1"},
        )
        until(lambda: self.state(key) == "Delivered")
        [mail] = [one for one in self.mails_to(recipient) if one.subject.endswith(f": {key}")]
        return link_in(mail)

    def forget(self) -> None:
        """Nothing has gone wrong yet, as far as alarms and queues know."""
        self.faults.end()
        for queue in ("DeadLetterQueueUrl", "PortalDeadLetterQueueUrl"):
            self._empty(self.outputs[queue])
        cloudwatch_backends[LOCAL_ACCOUNT][self.aws.region].metric_data.clear()
        until(lambda: self.alarms() == set())

    def _empty(self, queue: str) -> None:
        """SQS purges a queue once a minute only."""
        sqs = self.clients.sqs
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for one in found:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])

    # What a recipient does.

    def open(self, link: str) -> int:
        """The status of the link's page."""
        return ask(link).status

    def click(self, link: str) -> Reply:
        """Press the button."""
        return ask(link, "POST", b"", _FORM)

    def gives(self, link: str) -> bytes:
        """What the button gives."""
        reply = self.click(link)
        assert reply.status == 303, reply
        with urllib.request.urlopen(str(reply.header("location"))) as answer:
            return bytes(answer.read())

    def ask_for_links(self, address: str = BOB) -> int:
        """The one button of the request page; gives the status."""
        body = urlencode({"email": address}).encode()
        return ask(f"{self.url}/request-link", "POST", body, {**_FORM, "Origin": self.url}).status

    def mails_to(self, recipient: str) -> list[Mail]:
        return [mail for mail in MAILBOX.mails() if recipient in mail.recipients]

    @staticmethod
    def links_to(recipient: str) -> list[str]:
        return [link_in(mail) for mail in MAILBOX.mails() if recipient in mail.recipients]

    def subjects(self, recipient: str = BOB) -> list[str]:
        return [mail.subject for mail in self.mails_to(recipient)]

    # What is there.

    @property
    def url(self) -> str:
        return self.outputs["PortalUrl"]

    def state(self, key: str) -> str:
        """The state of the one delivery of a file."""
        return "".join(row["state"] for row in self.deliveries() if row["file"] == key)

    def row(self, key: str) -> dict[str, Any]:
        """The one link to a file, as the table has it."""
        rows = self.clients.dynamodb.scan(TableName=self.outputs["LinksTableName"])["Items"]
        [row] = [row for row in rows if row["File"]["S"] == key]
        return dict(row)

    def downloads(self, key: str) -> int:
        return int(self.row(key)["Downloads"]["N"])

    def function(self, logical_id: str) -> str:
        """The name of a function, or a table, of the portal stack."""
        found = self.clients.cloudformation.describe_stack_resources(
            StackName="s3link-portal", LogicalResourceId=logical_id
        )["StackResources"]
        return str(found[0]["PhysicalResourceId"])

    def kill_function(self, logical_id: str) -> None:
        self.aws.kill_processes(self.function(logical_id))

    def kill_link_mailer(self) -> None:
        """It is gone, and a minute passes for the tasks that it held: so long Lambda waits."""
        self.kill_function("LinkMailer")
        name, tables = self.function("RequestCountsTable"), self.clients.dynamodb
        for row in tables.scan(TableName=name)["Items"]:
            if "HeldUntil" in row:
                tables.update_item(
                    TableName=name,
                    Key={"CountId": row["CountId"]},
                    UpdateExpression="SET HeldUntil = HeldUntil - :delay",
                    ExpressionAttributeValues={":delay": {"N": str(int(AWS_RETRY_DELAYS[0]))}},
                )

    def telling_of_downloads(self) -> AbstractContextManager[None]:
        """Inside the block the sender is told of first downloads."""
        return self.with_environment("Portal", NotifyOnDownload="sender")

    @contextmanager
    def with_environment(self, logical_id: str, **changes: str) -> Iterator[None]:
        """Inside the block a function has other parameters."""
        usual = self.change_environment(logical_id, **changes)
        try:
            yield
        finally:
            self.change_environment(logical_id, **usual)

    def change_environment(self, logical_id: str, **changes: str) -> dict[str, str]:
        """Give a function other parameters behind CloudFormation's back; gives the old ones."""
        name, client = self.function(logical_id), self.clients.awslambda
        answer = client.get_function_configuration(FunctionName=name)
        usual: dict[str, str] = answer["Environment"]["Variables"]
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**usual, **changes}}
        )
        return usual

    def make_reminder_due(self, key: str) -> None:
        self.clients.dynamodb.update_item(
            TableName=self.outputs["LinksTableName"],
            Key={"LinkId": self.row(key)["LinkId"]},
            UpdateExpression="SET RemindAt = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )

    def run_schedule(self) -> None:
        [schedule] = self.aws.schedules.describe()
        self.aws.schedules.run(schedule["name"])

    def waiting(self) -> list[str]:
        """The errors in PortalDeadLetterQueue."""
        return self.dead_letters("PortalDeadLetterQueue")

    def portal_log(self) -> str:
        return self.log("PortalLogGroup")


def bytes_of(key: str) -> bytes:
    """What `share` puts into a file."""
    return f"The bytes of {key}".encode()

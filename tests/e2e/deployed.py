"""A deployment in this process, its operator with a shell, and who uploads, reads and clicks."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator, Ran
from tests.local.account import Account
from tests.mails import link_in
from tests.waiting import until

SENDER = "links@example.com"
SIMULATOR = "simulator.amazonses.com"


class Deployed:
    """s3link as its operator deployed it, with everything that the operator's shell printed."""

    def __init__(
        self, aws: EmbeddedAws, directory: Path, parts: tuple[str, ...] = (), **parameters: str
    ) -> None:
        """Deploy with these optional parts and parameters."""
        self.aws = aws
        self.parts = parts
        self.account = Account(aws)
        self.printed: list[str] = []
        config = directory / "s3link.toml"
        config.write_text(
            f"""
            [s3link]
            region = "{aws.region}"
            endpoint_url = "{aws.endpoint}"
            AdminAlarmEMail = "admin@example.com"
            EmailSender = "{SENDER}"
            EmailRecipient = "bob@example.com"
            AuthorizedRecipients = "@example.com,@{SIMULATOR}"
            DeadLetterQueueAlarmTreshold = 1
            with = {json.dumps(parts)}
            """
            + "".join(f'{name} = "{value}"\n' for name, value in parameters.items())
        )
        keys = {"AWS_ACCESS_KEY_ID": LOCAL_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET_KEY}
        self._operator = Operator(config, environment=keys)
        for domain in ("example.com", SIMULATOR):
            self.account.client("ses").verify_domain_dkim(Domain=domain)
        ran = self.s3link(" ".join(["deploy", *(f"--with {part}" for part in parts)]))
        assert ran.exit_code == 0, ran.stderr
        self.names = dict(self._names())
        self.inbox = f"{aws.endpoint}/_s3link/inbox"
        aws.deployed = {
            "endpoint": aws.endpoint,
            "bucket": self.names["FileExchangeBucket"],
            "deployment": "s3link",
            "region": aws.region,
        }

    def s3link(self, line: str) -> Ran:
        """What an operator types; whether it succeeds is for the caller to say."""
        ran = self._operator.s3link(line)
        self.printed += [ran.stdout, ran.stderr]
        return ran

    def upload(self, key: str, content: bytes = b"content", **metadata: str) -> str:
        """Put a file into the bucket; gives its version."""
        put = self.account.client("s3").put_object(
            Bucket=self.names["FileExchangeBucket"], Key=key, Body=content, Metadata=metadata
        )
        return str(put["VersionId"])

    def mails(self, sender: str = SENDER) -> list[Mail]:
        return [mail for mail in MAILBOX.mails() if mail.sender == sender]

    @property
    def admins_mails(self) -> list[Mail]:
        return [mail for mail in MAILBOX.mails() if mail.recipients == ("admin@example.com",)]

    def link_for(self, recipient: str) -> str:
        """The link in the newest mail to somebody, which may still be on its way."""

        def links() -> list[str]:
            return [link_in(mail) for mail in self.mails() if mail.recipients == (recipient,)]

        until(lambda: bool(links()))
        return links()[-1]

    def confirm_alarms(self) -> None:
        """The admin clicks the link in SNS's first mail."""
        until(lambda: bool(self.admins_mails))
        with urllib.request.urlopen(link_in(self.admins_mails[0])) as answer:
            assert answer.status == 200

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The ledger as DynamoDB has it."""
        client = self.account.client("dynamodb")
        return list(client.scan(TableName=self.names["DeliveriesLedger"])["Items"])

    def fates(self) -> dict[str, str]:
        """What the ledger knows of each recipient."""
        return {row["Recipient"]["S"]: row.get("Fate", {"S": "none"})["S"] for row in self.rows}

    def dead_letters(self, queue: str = "DeadLetterQueue") -> str:
        """Bodies and attributes of a queue's messages, which stay there."""
        answer = self.account.client("sqs").receive_message(
            QueueUrl=self.names[queue],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
            VisibilityTimeout=0,
        )
        return json.dumps(answer.get("Messages", []))

    def _names(self) -> dict[str, str]:
        """The physical id of each resource, by its logical id."""
        described = [
            self.account.client("cloudformation").describe_stack_resources(StackName=stack)
            for stack in (f"s3link-{kind}" for kind in ("sender", *self.parts, "generator"))
        ]
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for answer in described
            for one in answer["StackResources"]
        }

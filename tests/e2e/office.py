"""An account in which people work under the policies for operators."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path

from deploy.local.server import EmbeddedAws
from tests.deploy.operator import PARAMETERS
from tests.domain_name import domain_options
from tests.e2e.ageing import grow_older
from tests.e2e.newcomer import Newcomer, Watch
from tests.local.account import Account
from tests.operator_policies import OperatorPolicy
from tests.waiting import until

FILES = "s3link-123456789012-eu-west-1"
SERVICE_ROLE = "arn:aws:iam::123456789012:role/cloudformation-for-s3link"


class Office:
    """An account, and its people: each with a policy of their own."""

    def __init__(
        self,
        aws: EmbeddedAws,
        watch: Watch,
        folder: Path,
        quiet: Mapping[tuple[str, str], str],
        lookers: Collection[str],
    ) -> None:
        """`quiet` and `lookers` are what Newcomer says they are."""
        self._quiet, self._lookers = quiet, lookers
        self.account = Account(aws)
        self._aws, self._watch, self.folder = aws, watch, folder
        self._config = folder / "s3link.toml"
        self._config.write_text(
            "[s3link]\n"
            f'region = "{aws.region}"\nendpoint_url = "{aws.endpoint}"\n'
            'AuthorizedRecipients = "@example.com"\n'
            + "".join(f'{name} = "{value}"\n' for name, value in PARAMETERS.items())
        )
        self.account.client("ses").verify_domain_dkim(Domain="example.com")
        trust = '{"Statement": [{"Principal": {"Service": "cloudformation.amazonaws.com"}}]}'
        self.account.client("iam").create_role(
            RoleName="cloudformation-for-s3link", AssumeRolePolicyDocument=trust
        )

    def domain(self) -> str:
        """The options that give the portal a name, for which certificate and zone are there."""
        return domain_options(self.account.client("acm"), self.account.client("route53"))

    def newcomer(self, policy: OperatorPolicy) -> Newcomer:
        return Newcomer(self._aws, self._watch, self._config, policy, self._quiet, self._lookers)

    def file(self, name: str, content: bytes = b"content") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def choose_password(self, address: str) -> None:
        """As somebody does who signs in with an invitation."""
        cognito = self.account.client("cognito-idp")
        [pool] = cognito.list_user_pools(MaxResults=10)["UserPools"]
        cognito.admin_set_user_password(
            UserPoolId=pool["Id"], Username=address, Password="Correct-horse-9", Permanent=True
        )

    def delete_by_hand(self) -> None:
        """The topic of alarms, and a table that a role names."""
        sns, dynamodb = map(self.account.client, ("sns", "dynamodb"))
        counts = "s3link-portal-RequestCountsTable-"
        [table] = [one for one in self._tables() if one.startswith(counts)]
        dynamodb.delete_table(TableName=table)
        [topic] = [
            one["TopicArn"]
            for one in sns.list_topics()["Topics"]
            if ":s3link-sender-CommonAlarmTopic-" in one["TopicArn"]
        ]
        sns.delete_topic(TopicArn=topic)

    def lets_hours_pass(self, key: str) -> None:
        """For a file, which somebody has tagged, and its links; four hours are left of its day."""
        [table] = [one for one in self._tables() if one.startswith("s3link-portal-LinksTable-")]
        grow_older(self.account, FILES, table, key, timedelta(hours=20))
        tags = {"TagSet": [{"Key": "Project", "Value": "Q3"}]}
        self.account.client("s3").put_object_tagging(Bucket=FILES, Key=key, Tagging=tags)

    def dead_letters(self, number: int) -> None:
        """Let so many uploads fail for good, because SES does not answer; it does afterwards."""
        self._aws.services.stop("ses")
        for index in range(number):
            self.account.client("s3").put_object(Bucket=FILES, Key=f"late-{index}.pdf", Body=b"x")
        until(lambda: self._letters() == number)
        self._aws.services.start("ses")

    def forget_dead_letters(self) -> None:
        """Hidden ones, too."""
        self.account.client("sqs").purge_queue(QueueUrl=self._queue)

    def _tables(self) -> list[str]:
        return list(self.account.client("dynamodb").list_tables()["TableNames"])

    def _letters(self) -> int:
        counts = self.account.client("sqs").get_queue_attributes(
            QueueUrl=self._queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(counts["Attributes"]["ApproximateNumberOfMessages"])

    @property
    def _queue(self) -> str:
        urls = self.account.client("sqs").list_queues()["QueueUrls"]
        return next(str(one) for one in urls if "s3link-generator-DeadLetterQueue" in one)

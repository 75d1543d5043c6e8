"""Every command works under the policy for operators that is meant for it, and needs all of it.

Whoever types the commands may do nothing at first. Each command is typed until it succeeds; each
time it fails, its sentence has to name an action, which is then granted as the policy grants it. So
each action is missing once. What nobody asked for in the end must not be in the policy.

CloudFormation itself works with all rights here; tests/templates/test_operator_policies.py tells
what it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.deploy.operator import PARAMETERS
from tests.e2e.newcomer import Newcomer, Watch
from tests.local.account import Account
from tests.operator_policies import DEPLOY, READ, WORK, OperatorPolicy
from tests.waiting import until

pytestmark = pytest.mark.slow

FILES = "s3link-123456789012-eu-west-1"
SERVICE_ROLE = "arn:aws:iam::123456789012:role/s3link-cloudformation"
LARGE = 9 * 1024**2  # bytes; sent in two parts

# Actions whose lack does not end a command, with what is told instead.
QUIET = {
    # A loss that cannot be counted is one all the same.
    "cognito-idp:ListUsers": "all members",
    "dynamodb:Scan": "all answers",
    "s3:ListBucket": "all versions",
    # A deploy that is done is not spoilt; `s3link status` tells.
    "sns:ListSubscriptionsByTopic": "",
    "ses:GetSendQuota": "SES: could not be asked",
    # What is not given back comes back by itself.
    "sqs:ChangeMessageVisibility": "",
}
# What no run here comes to, by the statement's Sid.
NOT_SEEN = {
    # Validation of a change set before its deployment is AWS's own.
    ("ChangeStacks", "cloudformation:DescribeEvents"),
    ("ChangeStacks", "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/s3link-*/*"),
    # Replayed as LinkGenerator's events are.
    (
        "MailLinksAndReplayEvents",
        "arn:aws:lambda:eu-west-1:123456789012:function:s3link-generator-FateRecorder-*",
    ),
    # A file that is sent in parts, and stopped.
    ("SendFilesAndDeleteThem", "s3:AbortMultipartUpload"),
    ("PublishAndWithdrawVersions", "s3:AbortMultipartUpload"),
    # A plan takes back a template that is too large for CloudFormation's call, and a version that
    # was published in part.
    ("EmptyBuckets", "s3:DeleteObject"),
    ("PublishAndWithdrawVersions", "s3:DeleteObjectVersion"),
}


class Office:
    """An account, and its people: each with a policy of their own."""

    def __init__(self, aws: EmbeddedAws, watch: Watch, folder: Path) -> None:
        self.account = Account(aws)
        self._aws, self._watch, self.folder = aws, watch, folder
        self._config = folder / "s3link.toml"
        self._config.write_text(
            "[s3link]\n"
            f'region = "{aws.region}"\nendpoint_url = "{aws.endpoint}"\n'
            'AuthorizedRecipients = "@example.com"\nMembersMfa = "optional"\nMaxDownloads = 3\n'
            'with = ["portal", "programs", "members"]\n'
            + "".join(f'{name} = "{value}"\n' for name, value in PARAMETERS.items())
        )
        self.account.client("ses").verify_domain_identity(Domain="example.com")
        trust = '{"Statement": [{"Principal": {"Service": "cloudformation.amazonaws.com"}}]}'
        self.account.client("iam").create_role(
            RoleName="s3link-cloudformation", AssumeRolePolicyDocument=trust
        )

    def newcomer(self, policy: OperatorPolicy) -> Newcomer:
        return Newcomer(self._aws, self._watch, self._config, policy, QUIET)

    def file(self, name: str, content: bytes = b"content") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def dead_letters(self, number: int) -> None:
        """Let so many uploads fail for good, because SES does not answer; it does afterwards."""
        self.account.client("sqs").purge_queue(QueueUrl=self._queue)
        self._aws.services.stop("ses")
        for index in range(number):
            self.account.client("s3").put_object(Bucket=FILES, Key=f"late-{index}.pdf", Body=b"x")
        until(lambda: self._letters() == number)
        self._aws.services.start("ses")

    def _letters(self) -> int:
        counts = self.account.client("sqs").get_queue_attributes(
            QueueUrl=self._queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(counts["Attributes"]["ApproximateNumberOfMessages"])

    @property
    def _queue(self) -> str:
        urls = self.account.client("sqs").list_queues()["QueueUrls"]
        return next(str(one) for one in urls if "s3link-generator-DeadLetterQueue" in one)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    watch = Watch()
    with EmbeddedAws(retry_delays=(0, 0), wire=watch) as aws:
        yield Office(aws, watch, tmp_path_factory.mktemp("office"))


def test_the_policies_are_what_the_commands_need(office: Office) -> None:
    """One deployment's whole life: made, looked at, worked with, removed."""
    deployer, reader, worker = map(office.newcomer, (DEPLOY, READ, WORK))

    _deploy(deployer)
    _work(worker, office)
    _read(reader)
    _destroy(deployer, office)

    for newcomer in (deployer, reader, worker):
        assert newcomer.untold == [], newcomer.policy.name
        assert newcomer.unused() - NOT_SEEN == set(), newcomer.policy.name


def _deploy(deployer: Newcomer) -> None:
    deployer.s3link("doctor --verify eve@example.net --set MaxConcurrentMails=20")
    deployer.s3link("doctor --set MembersDomainPrefix=s3link-members")
    deployer.s3link("plan")
    deployer.s3link(
        f"deploy --yes --role-arn {SERVICE_ROLE} --tag Team=files --termination-protection"
    )
    deployer.s3link("doctor")


def _work(worker: Newcomer, office: Office) -> None:
    report, large = office.file("report.pdf"), office.file("large.bin", b"x" * LARGE)
    _work_on_dead_letters(worker, office)
    _send(worker, report, large)
    _look_after_members(worker, office, report, large)


def _send(worker: Newcomer, *files: Path) -> None:
    worker.s3link("send --print-links", *files)
    for line in ("deliveries", "status", "logs", "logs --portal", "logs --programs"):
        worker.s3link(line)
    for line in ("links list", "links list --recipient bob@example.com"):
        worker.s3link(line)
    links = worker.s3link("links list --output json").document["links"]
    first = links[0]["id"]
    worker.s3link(f"links extend {first} --downloads 2")
    worker.s3link(f"links resend {first}")
    worker.s3link(f"links revoke {first} --yes")
    worker.s3link("delete report.pdf --yes")


def _work_on_dead_letters(worker: Newcomer, office: Office) -> None:
    worker.s3link("dlq list")
    office.dead_letters(1)
    worker.s3link("dlq list")  # the first try hides it for a minute
    office.dead_letters(2)
    first = worker.s3link("dlq list --output json").document["messages"][0]["id"]
    worker.s3link(f"dlq drop {first} --yes")
    worker.s3link("dlq redrive --all")


def _look_after_members(worker: Newcomer, office: Office, *files: Path) -> None:
    survey = office.file(
        "survey.json", b'{"questions": [{"id": "liked", "text": "Liked it?", "kind": "text"}]}'
    )
    for line in (
        "members invite ann@example.com ben@example.com",
        "members invite ann@example.com",
        "members list",
        "members reset ann@example.com",
        "members remove ben@example.com --yes",
        "members survey show",
        "members versions",
        "logs --members",
    ):
        worker.s3link(line)
    worker.s3link("members publish --version 1.0", *files)
    worker.s3link("members publish --version 1.0 --replace", *files)
    worker.s3link("members survey set", survey)
    worker.s3link("members survey answers")
    worker.s3link("members survey answers --version 1.0")
    worker.s3link("members withdraw 1.0 --yes")


def _read(reader: Newcomer) -> None:
    for line in (
        "list",
        "deliveries",
        "doctor",
        "doctor --set MaxConcurrentMails=20",
        "status",
        "logs",
        "links list",
        "links list --recipient bob@example.com",
        "dlq list",
        "members list",
        "members versions",
        "members survey show",
        "members survey answers",
        "members survey answers --version 1.0",
    ):
        reader.s3link(line)


def _destroy(deployer: Newcomer, office: Office) -> None:
    office.account.client("s3").create_multipart_upload(Bucket=FILES, Key="half.bin")
    deployer.s3link("deploy --yes --no-termination-protection --without portal")
    deployer.s3link("destroy --yes --artifacts-bucket")

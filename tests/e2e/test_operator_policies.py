"""Every command works under the policy for operators that is meant for it, and needs all of it.

Whoever types the commands may do nothing at first. Each command is typed until it succeeds; each
time it fails, its sentence has to name an action, which is then granted as the policy grants it. So
each action is missing once. What nobody asked for in the end must not be in the policy.
Of what may only not be looked at, `s3link doctor` has to name the action.

CloudFormation itself works with all rights here; tests/templates/test_operator_policies.py tells
what it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from deploy.cli import cli
from deploy.local.server import EmbeddedAws
from tests.e2e.newcomer import Newcomer, Watch
from tests.e2e.office import FILES, SERVICE_ROLE, Office
from tests.operator_policies import DEPLOY, READ, WORK

pytestmark = pytest.mark.slow

WITH = "--with portal --with members --set MembersMfa=optional --set MaxDownloads=3"
BEFORE = "--set Dashboard=true --set MembersDomainPrefix=s3link-members --set MaxConcurrentMails=20"
LARGE = 9 * 1024**2  # bytes; sent in two parts

OWN_MACHINE_ONLY = {"demo", "init", "local"}

# Actions whose lack does not end a command, with what is told instead.
QUIET = {
    # Losses that cannot be counted are losses all the same.
    ("deploy", "dynamodb:Scan"): "",
    # A permission that stays the same is shown as one that may change.
    ("deploy", "cloudformation:GetTemplate"): "",
    ("destroy", "cognito-idp:ListUsers"): "all members",
    # Whoever may upload need not be allowed to look whether the files can be announced.
    **{
        ("send", action): ""
        for action in (
            "apigateway:GET",
            "dynamodb:DescribeTable",
            "iam:GetRole",
            "lambda:GetFunctionConfiguration",
            "lambda:GetPolicy",
            "ses:GetTemplate",
        )
    },
    # What was sent of a file and cannot be looked at is sent again; S3 removes it in time.
    ("send", "s3:ListMultipartUploadParts"): "",
    ("send", "s3:AbortMultipartUpload"): "",
}
# What these may not look at counts as there. `doctor` then names the action.
LOOKERS = {"deploy", "destroy", "plan", "status"}
# What no run here comes to, by the statement's Sid.
NOT_SEEN = {
    READ: set[tuple[str, str]](),
    WORK: {
        # Replayed as LinkGenerator's events are.
        (
            "MailLinksAndReplayEvents",
            "arn:aws:lambda:eu-west-1:123456789012:function:s3link-generator-FateRecorder-*",
        ),
        ("PublishAndWithdrawVersions", "s3:AbortMultipartUpload"),
        # Of a version that is published, when a later file of it cannot be.
        ("PublishAndWithdrawVersions", "s3:DeleteObjectVersion"),
    },
    DEPLOY: {
        # AWS alone looks at a change set before it is executed, and tells of it as events.
        ("LearnWhyAChangeSetFailed", "cloudformation:DescribeEvents"),
        (
            "LearnWhyAChangeSetFailed",
            "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/s3link-*/*",
        ),
    },
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    watch = Watch()
    with EmbeddedAws(retry_delays=(0, 0), wire=watch) as aws:
        yield Office(aws, watch, tmp_path_factory.mktemp("office"), QUIET, LOOKERS)


def test_the_policies_are_what_the_commands_need(office: Office) -> None:
    """One deployment's whole life: made, looked at, worked with, removed."""
    deployer, reader, worker = map(office.newcomer, (DEPLOY, READ, WORK))

    domain = office.domain()
    reader.s3link(f"doctor {WITH} {BEFORE} {domain}")
    _deploy(deployer, office, domain)
    reader.s3link("doctor")  # while there is what GatherPeriod needs
    deployer.s3link("deploy --yes --set GatherPeriod=0")
    _work(worker, office)
    _read(reader, office)
    worker.s3link("members withdraw 1.0 --yes")
    _destroy(deployer, office)

    newcomers = deployer, reader, worker
    for newcomer in newcomers:
        assert newcomer.untold == [], newcomer.policy.name
        assert newcomer.unused() == NOT_SEEN[newcomer.policy], newcomer.policy.name
    lines = [line for newcomer in newcomers for line in newcomer.typed]
    assert set(_commands(cli)) - set(map(_command_of, lines)) == OWN_MACHINE_ONLY
    assert {quiet for newcomer in newcomers for quiet in newcomer.told_quietly} == set(QUIET)


def _commands(group: click.Group) -> Iterator[str]:
    """Every command as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {rest}" for rest in _commands(command))
        else:
            yield name


def _command_of(line: str) -> str:
    return next(one for one in _commands(cli) if f"{line} ".startswith(f"{one} "))


def _deploy(deployer: Newcomer, office: Office, domain: str) -> None:
    deployer.s3link(f"doctor --verify eve@example.net {WITH} {BEFORE} {domain}")
    deployer.s3link("plan")
    deployer.s3link(f"deploy --yes --role-arn {SERVICE_ROLE} --tag Team=files")
    deployer.s3link(f"deploy --yes {WITH} {domain} --set Dashboard=true --termination-protection")
    office.delete_by_hand()
    deployer.s3link("deploy --yes --set GatherPeriod=60")
    deployer.s3link("plan")
    deployer.s3link("doctor")


def _work(worker: Newcomer, office: Office) -> None:
    report, large = office.file("report.pdf"), office.file("large.bin", b"x" * LARGE)
    _work_on_dead_letters(worker, office)
    _send(worker, office, report, large)
    _look_after_members(worker, office, report, large)


def _send(worker: Newcomer, office: Office, report: Path, large: Path) -> None:
    worker.s3link("send --print-links", report)
    share = office.file("minutes.pdf"), large
    worker.breaks_off("send", *share, told="nobody was mailed; run the same command again")
    worker.s3link("send", *share)
    worker.breaks_off("send", large)
    worker.s3link("send", large)
    worker.breaks_off("send", large)
    worker.s3link("send", large)
    for line in ("deliveries", "status", "logs", "logs --portal"):
        worker.s3link(line)
    for line in ("links list", "links list --recipient bob@example.com"):
        worker.s3link(line)
    links = worker.s3link("links list --output json").document["links"]
    first = next(link["id"] for link in links if link["file"] == "report.pdf")
    worker.s3link(f"links extend {first} --downloads 2")
    office.lets_hours_pass("report.pdf")
    worker.s3link(f"links extend {first} --by 10h")
    worker.s3link(f"links resend {first}")
    worker.s3link(f"links revoke {first} --yes")
    worker.s3link("delete report.pdf --yes")


def _work_on_dead_letters(worker: Newcomer, office: Office) -> None:
    worker.s3link("dlq list")
    office.dead_letters(1)
    worker.s3link("dlq list")  # the first try hides it, and may not give it back
    office.forget_dead_letters()
    office.dead_letters(2)
    first = worker.s3link("dlq list --output json").document["messages"][0]["id"]
    worker.s3link(f"dlq drop {first} --yes")
    worker.s3link("dlq redrive --all")


def _look_after_members(worker: Newcomer, office: Office, *files: Path) -> None:
    survey = office.file(
        "survey.json", b'{"questions": [{"id": "liked", "text": "Liked it?", "kind": "text"}]}'
    )
    worker.s3link("members invite ann@example.com ben@example.com")
    office.choose_password("ann@example.com")
    for line in (
        "members invite ann@example.com",
        "members list",
        "members reset ann@example.com",
        "members reset ben@example.com",
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


def _read(reader: Newcomer, office: Office) -> None:
    """Who may only look may not read files, and so is not told their recipients."""
    for line in (
        "list",
        "deliveries",
        "doctor",
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
    office.dead_letters(1)
    listed = reader.with_the_whole_policy("dlq list")
    assert listed.exit_code == 0, listed.stderr
    assert '"late-0.pdf": its recipients cannot be told: AWS denied HeadObject' in listed.stdout


def _destroy(deployer: Newcomer, office: Office) -> None:
    office.account.client("s3").create_multipart_upload(Bucket=FILES, Key="half.bin")
    deployer.s3link("deploy --yes --no-termination-protection --without portal")
    deployer.s3link("destroy --yes --artifacts-bucket")

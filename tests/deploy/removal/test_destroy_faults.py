"""What can go wrong while a deployment is destroyed, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.aws.clients import Clients, connect_with_keys
from deploy.aws.polling import Poll
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.errors import CheckError, StackError
from deploy.removal import buckets
from deploy.removal.destroy import Losses, destroy
from tests.deploy.scripted import ACCOUNT, REGION, Clock, ScriptedCloudFormation, Step

pytestmark = pytest.mark.slow

BUCKET = f"s3link-{ACCOUNT}-{REGION}"
DEPLOYMENT = Deployment("s3link", ACCOUNT, REGION, {})
NOT_EMPTY = (
    Step(0.5, "DELETE_IN_PROGRESS"),
    Step(1, "DELETE_FAILED", "FileExchangeBucket", "AWS::S3::Bucket", "it is not empty"),
    Step(2, "DELETE_FAILED", reason="The following resource(s) failed to delete"),
)
DELETED = (Step(0.5, "DELETE_IN_PROGRESS"), Step(2, "DELETE_COMPLETE"))


@dataclass
class Account:
    """An account with a bucket as S3 has it, and stacks that do as a script says."""

    cloudformation: ScriptedCloudFormation
    aws: Clients
    account: str = ACCOUNT
    region: str = REGION

    @property
    def s3(self) -> Any:
        return self.aws.s3

    @property
    def poll(self) -> Poll:
        return Poll(self.cloudformation.clock.sleep)

    def put(self, key: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=b"12345")


def deploy_both(stacks: ScriptedCloudFormation) -> None:
    stacks.has_stack("s3link-sender", "CREATE_COMPLETE")
    stacks.has_stack("s3link-generator", "CREATE_COMPLETE")
    stacks.has_resource("s3link-generator", "AWS::S3::Bucket", BUCKET)


class StacksOfBusyPeople(ScriptedCloudFormation):
    """A file arrives just before the first deletion, which fails for it."""

    def __init__(self, account: Account, first: tuple[Step, ...] = NOT_EMPTY) -> None:
        super().__init__(account.cloudformation.clock)
        self._account = account
        self._first = first
        deploy_both(self)

    def delete_stack(self, StackName: str) -> None:  # noqa: N803 - called as in the API
        if self.deleted:
            self.when_deleted("s3link-generator", *DELETED)
        else:
            self.when_deleted("s3link-generator", *self._first)
            self._account.put("late.pdf")
        super().delete_stack(StackName)


@pytest.fixture
def account() -> Iterator[Account]:
    """Both stacks are there, and a file is in the bucket."""
    with mock_aws():
        stacks = ScriptedCloudFormation(Clock())
        deploy_both(stacks)
        account = Account(stacks, connect_with_keys("key", "secret", REGION, None))
        account.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        account.s3.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        account.put("report.pdf")
        yield account


def agree(losses: Losses) -> bool:
    return True


def run(account: Account, consent: Any = agree) -> Losses:
    return destroy(account, DEPLOYMENT, Console(), consent, account.poll)


def refusal(account: Account, consent: Any = agree) -> str:
    with pytest.raises((CheckError, StackError)) as refused:
        run(account, consent)
    return str(refused.value)


def is_untouched(account: Account) -> bool:
    contents = buckets.bucket_contents(account.aws, BUCKET)
    return bool(contents and contents.objects) and not account.cloudformation.deleted


def test_the_last_stack_goes_first(account: Account) -> None:
    """The generator imports what the sender exports, so it must be gone before."""
    run(account)

    assert account.cloudformation.deleted == ["s3link-generator", "s3link-sender"]
    assert buckets.bucket_contents(account.aws, BUCKET) == buckets.BucketContents(
        BUCKET, 0, 0, 0, 0
    )


def test_without_consent_nothing_is_touched(account: Account) -> None:
    """The losses are known before anything is lost."""
    shown: list[Losses] = []

    sentence = refusal(account, lambda losses: bool(shown.append(losses)))

    assert sentence == (
        "Nothing was destroyed: the name s3link was not typed; run `s3link destroy` again, or add "
        "--yes."
    )
    assert [contents.objects for contents in shown[0].buckets] == [1]
    assert is_untouched(account)


def test_a_protected_stack_keeps_everything(account: Account) -> None:
    """It is found out before the first file is removed."""
    account.cloudformation.has_stack(
        "s3link-sender", "CREATE_COMPLETE", EnableTerminationProtection=True
    )

    sentence = refusal(account)

    assert sentence == (
        "Nothing was destroyed: stack s3link-sender is protected against termination; run "
        "`s3link deploy --no-termination-protection` first."
    )
    assert is_untouched(account)


def test_a_stack_that_is_worked_on_keeps_everything(account: Account) -> None:
    """CloudFormation would refuse, after the files had gone."""
    account.cloudformation.has_stack("s3link-generator", "UPDATE_IN_PROGRESS")

    sentence = refusal(account)

    assert sentence == (
        "Nothing was destroyed: stack s3link-generator is UPDATE_IN_PROGRESS; wait until it is "
        "done (`s3link status`), then try again."
    )
    assert is_untouched(account)


def test_a_file_that_arrives_before_the_bucket_goes_is_removed_too(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stack's deletion fails, the bucket is emptied again, and then it works."""
    stacks = account.cloudformation = StacksOfBusyPeople(account)

    run(account)

    assert stacks.deleted == ["s3link-generator", "s3link-generator", "s3link-sender"]
    assert "Something arrived meanwhile; emptying again." in capsys.readouterr().err


def test_a_deletion_that_failed_while_it_was_followed_is_begun_anew(account: Account) -> None:
    """The second attempt follows its own events, not the failure of the one found going on."""
    stacks = account.cloudformation = StacksOfBusyPeople(account, first=())
    stacks.has_stack("s3link-generator", "DELETE_IN_PROGRESS")
    stacks.goes_on_with("s3link-generator", *NOT_EMPTY[1:])

    run(account)

    assert stacks.deleted == ["s3link-generator", "s3link-generator", "s3link-sender"]


def test_a_resource_that_stays_is_named(account: Account) -> None:
    """Trying again would not help, so the cause is told at once."""
    account.cloudformation.when_deleted(
        "s3link-generator",
        Step(0.5, "DELETE_IN_PROGRESS"),
        Step(1, "DELETE_FAILED", "LinkGeneratorRole", "AWS::IAM::Role", "not authorized"),
        Step(2, "DELETE_FAILED"),
    )

    sentence = refusal(account)

    assert sentence == (
        "Stack s3link-generator could not be deleted: LinkGeneratorRole stayed (not authorized); "
        "put this right and run the command again."
    )
    assert account.cloudformation.deleted == ["s3link-generator"]


def test_a_deletion_that_goes_on_already_is_taken_up(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an interruption the same command goes on from there; asking twice starts nothing."""
    stacks = account.cloudformation
    stacks.has_stack("s3link-generator", "DELETE_IN_PROGRESS")
    stacks.goes_on_with("s3link-generator", Step(3, "DELETE_COMPLETE"))
    stacks.when_deleted("s3link-generator")

    run(account)

    told = capsys.readouterr().err
    assert told.index("DELETE_COMPLETE     s3link-generator") < told.index("s3link-sender")


def test_ctrl_c_says_that_the_deletion_goes_on(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation does not stop when the one who watches does."""

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        destroy(account, DEPLOYMENT, Console(), agree, Poll(interrupted))

    assert (
        "AWS goes on deleting s3link-generator; `s3link destroy` goes on from there."
    ) in capsys.readouterr().err


class StacksThatStay(ScriptedCloudFormation):
    """Nobody may delete any."""

    def delete_stack(self, StackName: str, RoleARN: str = "") -> None:  # noqa: N803 - as in the API
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteStack")


def test_a_stack_that_may_not_be_deleted_has_lost_its_files(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever repeats it knows that they are gone."""
    account.cloudformation = StacksThatStay(account.cloudformation.clock)
    deploy_both(account.cloudformation)

    with pytest.raises(ClientError):
        run(account)

    assert "The files of s3link-generator are gone, but the stack is there." in (
        capsys.readouterr().err
    )

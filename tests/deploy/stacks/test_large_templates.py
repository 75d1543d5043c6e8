"""A template that is too large for CloudFormation's call goes through S3, on the embedded AWS."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from deploy.assets import TEMPLATES
from deploy.aws.clients import Clients, connect_with_keys
from deploy.aws.explain import error_code
from deploy.aws.polling import PATIENT
from deploy.console import Console
from deploy.deployment import SENDER, Deployment, Stack
from deploy.errors import PackageError, StackError
from deploy.package.artifacts import Artifact, template_url
from deploy.stacks.apply import apply_stack
from deploy.stacks.lookup import find_stack
from deploy.stacks.plan import plan_stack
from deploy.stacks.run import Run

pytestmark = pytest.mark.slow

NOWHERE = Artifact("", "")
_GIVEN = {"AdminAlarmEMail": "admin@example.com"}


@pytest.fixture
def deployment(embedded_clients: Clients) -> Deployment:
    return Deployment("s3link", embedded_clients.account, embedded_clients.region, _GIVEN)


def large(folder: Path, size: int = 60_000, lacking: str = "") -> Stack:
    """The sender stack from a template of this many bytes."""
    text = (TEMPLATES / SENDER.template).read_text("utf-8").replace(lacking or "\0", "")
    path = folder / "large.yaml"
    long = "x" * (size - len(text.encode()) - len("  Long: \n"))
    path.write_text(text.replace("Metadata:\n", f"Metadata:\n  Long: {long}\n", 1), "utf-8")
    return replace(SENDER, template=str(path))


def planned(clients: Clients, deployment: Deployment, stack: Stack) -> Any:
    state = find_stack(clients, deployment.stack_name(stack))
    return plan_stack(clients, deployment, stack, NOWHERE, {stack.kind: state}, PATIENT)


def deployed(clients: Clients, deployment: Deployment, stack: Stack) -> Any:
    run = Run(clients, deployment, Console("json"), lambda question: False, PATIENT)
    return apply_stack(run, stack, NOWHERE)


def bucket_of(clients: Clients) -> str:
    return f"s3link-artifacts-{clients.account}-{clients.region}"


def templates_in(clients: Clients) -> list[str]:
    listed = clients.s3.list_objects_v2(Bucket=bucket_of(clients)).get("Contents", [])
    return [one["Key"] for one in listed]


def key_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def settings_of_bucket(clients: Clients) -> dict[str, str]:
    """What the bucket has been given, by the name of the call that tells; or S3's word for none."""
    settings = {}
    for name in ("get_public_access_block", "get_bucket_encryption", "get_bucket_policy"):
        try:
            answer: Any = getattr(clients.s3, name)(Bucket=bucket_of(clients))
            settings[name] = str({**answer, "ResponseMetadata": None})
        except ClientError as exc:
            settings[name] = error_code(exc)
    return settings


def standing(clients: Clients) -> tuple[list[Any], list[Any]]:
    """Buckets and stacks."""
    stacks = clients.cloudformation.list_stacks()["StackSummaries"]
    left = [one["StackName"] for one in stacks if one["StackStatus"] != "DELETE_COMPLETE"]
    return clients.s3.list_buckets()["Buckets"], left


def test_it_is_planned_and_nothing_stays(
    embedded_clients: Clients, deployment: Deployment, tmp_path: Path
) -> None:
    """Neither stack nor bucket nor template."""
    plan = planned(embedded_clients, deployment, large(tmp_path))

    assert (plan.action, len(plan.changes)) == ("create", 9)
    assert standing(embedded_clients) == ([], [])


def test_it_is_deployed_and_planned_again(
    embedded_clients: Clients, deployment: Deployment, tmp_path: Path
) -> None:
    """The template stays under its own hash; a plan takes back what it added, and no more."""
    stack = large(tmp_path)
    sha256 = hashlib.sha256(Path(stack.template).read_bytes()).hexdigest()

    outcome = deployed(embedded_clients, deployment, stack)
    again = planned(embedded_clients, deployment, stack)
    longer = planned(embedded_clients, deployment, large(tmp_path, 70_000))

    assert outcome.action == "created"
    assert "CommonAlarmTopicArn" in outcome.outputs
    assert (again.action, longer.action) == ("none", "none")
    assert templates_in(embedded_clients) == [f"templates/{sha256}.yaml"]


def test_a_plan_that_fails_leaves_nothing(
    embedded_clients: Clients, deployment: Deployment, tmp_path: Path
) -> None:
    """CloudFormation refuses the template, which was in S3 by then."""
    stack = large(tmp_path, lacking="  CommonAlarmTopicPolicy:\n    Type: AWS::SNS::TopicPolicy\n")

    with pytest.raises((StackError, ClientError)):
        planned(embedded_clients, deployment, stack)

    assert standing(embedded_clients) == ([], [])


def test_a_plan_changes_no_setting_of_a_bucket_that_it_finds(
    embedded_clients: Clients, deployment: Deployment, tmp_path: Path
) -> None:
    """A deploy gives it what it lacks; a plan gives it nothing."""
    embedded_clients.s3.create_bucket(
        Bucket=bucket_of(embedded_clients),
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    before = settings_of_bucket(embedded_clients)

    planned(embedded_clients, deployment, large(tmp_path))
    after = settings_of_bucket(embedded_clients)
    deployed(embedded_clients, deployment, large(tmp_path))

    assert after == before
    assert before["get_bucket_policy"] == "NoSuchBucketPolicy"
    assert before["get_public_access_block"] == "NoSuchPublicAccessBlockConfiguration"
    assert settings_of_bucket(embedded_clients).keys() == before.keys()
    assert "RefuseEverythingButTls" in settings_of_bucket(embedded_clients)["get_bucket_policy"]


def test_runs_at_the_same_time_take_no_template_from_each_other(embedded_clients: Clients) -> None:
    """Two plans and a deploy of the same template; whichever ends first."""
    with template_url(embedded_clients, "a template", is_kept=False) as outer:
        with (
            template_url(embedded_clients, "a template", is_kept=False) as inner,
            template_url(embedded_clients, "a template", is_kept=True) as kept,
        ):
            assert len({outer, inner, kept}) == 3
        assert sorted(templates_in(embedded_clients)) == sorted(map(key_of, (outer, kept)))

    assert templates_in(embedded_clients) == [key_of(kept)]
    assert key_of(kept) == f"templates/{hashlib.sha256(b'a template').hexdigest()}.yaml"


@pytest.mark.parametrize("end", [KeyboardInterrupt, StackError])
def test_whatever_ends_a_plan_what_it_added_goes(
    embedded_clients: Clients, end: type[BaseException]
) -> None:
    """Ctrl-C as well."""
    with pytest.raises(end), template_url(embedded_clients, "a template", is_kept=False):
        assert len(templates_in(embedded_clients)) == 1
        raise end

    assert standing(embedded_clients) == ([], [])


def test_a_bucket_that_others_use_stays(embedded_clients: Clients) -> None:
    """A deploy has put its code there while the plan was under way."""
    with template_url(embedded_clients, "a template", is_kept=False):
        embedded_clients.s3.put_object(Bucket=bucket_of(embedded_clients), Key="lambda/code.zip")

    assert templates_in(embedded_clients) == ["lambda/code.zip"]


def test_other_bytes_under_the_templates_name_are_not_used(embedded_clients: Clients) -> None:
    """Whoever can write there could otherwise change what is deployed."""
    with template_url(embedded_clients, "a template", is_kept=True):
        [key] = templates_in(embedded_clients)
    embedded_clients.s3.put_object(
        Bucket=bucket_of(embedded_clients), Key=key, Body=b"other", ChecksumAlgorithm="SHA256"
    )

    with (
        pytest.raises(PackageError, match="does not hold the template that its name promises"),
        template_url(embedded_clients, "a template", is_kept=True),
    ):
        pass


def test_the_url_is_the_buckets_own(embedded_clients: Clients) -> None:
    """CloudFormation reads from S3 itself, whatever endpoint the tool talks to."""
    with template_url(embedded_clients, "a template", is_kept=False) as url:
        assert url.startswith(
            f"https://{bucket_of(embedded_clients)}.s3.eu-west-1.amazonaws.com/templates/"
        )


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "s3.us-east-1.amazonaws.com"),
        ("eu-central-1", "s3.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_s3_has_a_host_in_each_region(region: str, host: str) -> None:
    """With the ending of the region's partition."""
    assert connect_with_keys("key", "secret", region, "http://127.0.0.1:9").s3_host == host

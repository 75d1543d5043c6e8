"""`s3link destroy` as its user sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.aws.clients import Clients
from tests.deploy.operator import Operator

BUCKET = "s3link-123456789012-eu-west-1"
ARTIFACTS = "s3link-artifacts-123456789012-eu-west-1"
DESTROYED = (
    "Destroyed s3link in eu-west-1 of account 123456789012. The artifacts bucket "
    f"{ARTIFACTS} stays, though no other deployment uses it; `s3link destroy --artifacts-bucket` "
    "removes it. The addresses verified in SES stay, as other deployments may use them; so does "
    "any bucket that a deploy took out of use and named then.\n"
)

pytestmark = pytest.mark.slow
NOTHING = DESTROYED.replace("Destroyed s3link in", "No stack of s3link is left in")


@pytest.fixture
def used(deployed_operator: Operator, tmp_path: Path) -> Operator:
    """Files were sent, one of them twice."""
    report, offer = tmp_path / "report.pdf", tmp_path / "offer.pdf"
    for file in (report, offer):
        file.write_text("content")
    for files in ([report, offer], [report]):
        assert deployed_operator.s3link("send --separately --wait", *files).exit_code == 0
    return deployed_operator


def stack_names(clients: Clients) -> list[str]:
    return [stack["StackName"] for stack in clients.cloudformation.describe_stacks()["Stacks"]]


def buckets(clients: Clients) -> list[str]:
    return [bucket["Name"] for bucket in clients.s3.list_buckets()["Buckets"]]


def test_what_will_be_lost_is_said_and_the_name_wanted(
    used: Operator, embedded_clients: Clients
) -> None:
    """Then everything goes; what other deployments use stays."""
    ran = used.s3link("destroy", answers="s3link\n")

    assert (ran.exit_code, ran.stdout) == (0, DESTROYED), ran.stderr
    assert ran.stderr.startswith(
        "This will be lost for good:\n"
        "  stack s3link-generator (CREATE_COMPLETE)\n"
        "  stack s3link-sender (CREATE_COMPLETE)\n"
        f"  bucket {BUCKET} (objects: 2, older versions and markers: 1, 21 bytes in all)\n"
    )
    assert "\n  log s3link-generator-LinkGeneratorLogGroup-" in ran.stderr
    assert "\n  table s3link-generator-DeliveriesLedger-" in ran.stderr
    assert "Type s3link to destroy it for good: " in ran.stderr
    assert stack_names(embedded_clients) == []
    assert buckets(embedded_clients) == [ARTIFACTS]


@pytest.mark.parametrize("answers", ["", "y\n", "S3LINK\n"])
def test_any_other_answer_keeps_everything(
    used: Operator, embedded_clients: Clients, answers: str
) -> None:
    """Also no answer at all, as in a script."""
    ran = used.s3link("destroy", answers=answers)

    assert (ran.exit_code, ran.error) == (
        1,
        "Nothing was destroyed: the name s3link was not typed; run `s3link destroy` again, or add "
        "--yes.",
    )
    assert sorted(stack_names(embedded_clients)) == ["s3link-generator", "s3link-sender"]
    assert len(embedded_clients.s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 3


def test_what_is_gone_already_is_not_lost_again(used: Operator, embedded_clients: Clients) -> None:
    """A table that somebody has deleted by hand; its stack goes all the same."""
    [ledger] = embedded_clients.dynamodb.list_tables()["TableNames"]
    embedded_clients.dynamodb.delete_table(TableName=ledger)

    ran = used.s3link("destroy --yes")

    assert ran.exit_code == 0, ran.stderr
    assert "\n  log s3link-generator-LinkGeneratorLogGroup-" in ran.stderr
    assert "\n  table " not in ran.stderr
    assert stack_names(embedded_clients) == []


def test_destroying_twice_is_safe(used: Operator) -> None:
    """Nothing to do is done."""
    used.s3link("destroy --yes")

    ran = used.s3link("destroy")

    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, NOTHING, "")


def test_a_destroy_that_was_interrupted_is_finished(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """The first stack had gone, and the second had not."""
    embedded_clients.cloudformation.delete_stack(StackName="s3link-generator")

    ran = deployed_operator.s3link("destroy --yes --output json")

    assert ran.exit_code == 0, ran.stderr
    assert ran.document["stacks"] == ["s3link-sender"]
    assert stack_names(embedded_clients) == []


def test_another_deployment_is_not_touched(used: Operator, embedded_clients: Clients) -> None:
    """Two live side by side in one account and region, and share only the artifacts bucket.

    That goes with the last of them, and then only on demand.
    """
    config = used.config.read_text()
    used.config.write_text(config + "\n" + config.replace("[s3link]", "[s3link-test]"))
    deployed = used.s3link("deploy --name s3link-test")
    assert deployed.exit_code == 0, deployed.stderr

    refused = used.s3link("destroy --yes --name s3link-test --artifacts-bucket")
    assert refused.error == (
        f"Nothing was destroyed: s3link takes code from the artifacts bucket {ARTIFACTS}, too; run "
        "`s3link destroy --name s3link-test` without --artifacts-bucket."
    )
    ran = used.s3link("destroy --yes --name s3link-test")

    assert ran.exit_code == 0, ran.stderr
    assert f"The artifacts bucket {ARTIFACTS} stays, as s3link uses it." in ran.stdout
    assert sorted(stack_names(embedded_clients)) == ["s3link-generator", "s3link-sender"]
    assert len(embedded_clients.s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 3


@pytest.mark.parametrize("first", ["", "destroy --yes"])
def test_the_artifacts_bucket_goes_with_the_last_deployment(
    deployed_operator: Operator, embedded_clients: Clients, first: str
) -> None:
    """With it, or by another destroy when one forgot to say so; nothing of s3link is left then."""
    if first:
        deployed_operator.s3link(first)

    ran = deployed_operator.s3link("destroy --artifacts-bucket", answers="s3link\n")

    assert ran.exit_code == 0, ran.stderr
    assert f"\n  artifacts bucket {ARTIFACTS} (objects: 1, " in ran.stderr
    assert f"The artifacts bucket {ARTIFACTS} is gone, too. The addresses" in ran.stdout
    assert buckets(embedded_clients) == stack_names(embedded_clients) == []
    again = deployed_operator.s3link("destroy --artifacts-bucket --yes")
    assert again.stdout.startswith(
        "No stack of s3link is left in eu-west-1 of account 123456789012. The addresses verified"
    )


def test_stacks_made_by_hand_keep_the_artifacts_bucket(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """Whoever applies the templates in the console may take the code from there, too."""
    for name in ("by-hand", "another"):
        embedded_clients.cloudformation.create_stack(
            StackName=name,
            TemplateBody='{"Parameters": {"CodeBucketName": {"Type": "String"}}, '
            '"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
            Parameters=[{"ParameterKey": "CodeBucketName", "ParameterValue": ARTIFACTS}],
        )

    refused = deployed_operator.s3link("destroy --yes --artifacts-bucket")
    standing = stack_names(embedded_clients)
    ran = deployed_operator.s3link("destroy --yes")

    assert refused.exit_code == 1
    assert refused.error.startswith(
        "Nothing was destroyed: another and by-hand take code from the artifacts bucket"
    )
    assert "s3link-sender" in standing
    assert f"The artifacts bucket {ARTIFACTS} stays, as another and by-hand use it." in ran.stdout


def test_a_protected_deployment_stays(used: Operator, embedded_clients: Clients) -> None:
    """Who asked for protection has to take it back first; the sentence says how."""
    used.s3link("deploy --termination-protection")

    refused = used.s3link("destroy --yes")
    used.s3link("deploy --no-termination-protection")
    ran = used.s3link("destroy --yes")

    assert (refused.exit_code, refused.error) == (
        1,
        "Nothing was destroyed: stack s3link-generator is protected against termination; run "
        "`s3link deploy --no-termination-protection` first.",
    )
    assert (ran.exit_code, ran.stdout) == (0, DESTROYED)

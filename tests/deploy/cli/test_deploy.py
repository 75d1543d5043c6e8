"""`s3link deploy` as its user sees it, on the embedded AWS."""

from __future__ import annotations

import re
import urllib.request

import pytest

from deploy.aws.clients import Clients
from deploy.local.inbox.mailbox import MAILBOX
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

SENDER, GENERATOR = "s3link-sender", "s3link-generator"
BUCKET = "s3link-123456789012-eu-west-1"
CONFIRM = "Confirm the alarm subscription: AWS has sent a mail to admin@example.com."


def test_a_first_deploy_ends_with_outputs_and_next_steps(embedded_operator: Operator) -> None:
    """Both stacks stand; what is left to the operator is said last."""
    ran = embedded_operator.s3link("deploy")

    assert ran.exit_code == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "s3link-sender created"
    assert "s3link-generator created" in lines
    assert f"  FileExchangeBucketName: {BUCKET}" in lines
    assert lines[-3:] == [
        "Next:",
        f"  {CONFIRM}",
        f"  Upload a file: s3link send report.pdf, or aws s3 cp report.pdf s3://{BUCKET}/",
    ]


def test_progress_says_where_and_what(embedded_operator: Operator) -> None:
    """Account and region first; then each stack in order, with its resources as they come."""
    ran = embedded_operator.s3link("deploy")

    told = ran.stderr.splitlines()
    assert told[0] == "Deploying s3link to account 123456789012, region eu-west-1."
    assert told[1].startswith(
        "The Lambda code is at s3://s3link-artifacts-123456789012-eu-west-1/lambda/"
    )
    ends = [line.split()[2:] for line in told if line.split()[2:3] == ["CREATE_COMPLETE"]]
    names = [name for _, name in ends]
    assert names.index("LinkTemplate") < names.index(SENDER) < names.index("LinkGenerator")
    assert names[-1] == GENERATOR
    assert "\x1b" not in ran.stderr


def test_nothing_to_change_is_success(embedded_operator: Operator) -> None:
    """A second deploy touches no stack, exits with 0 and recalls what is still to be done."""
    embedded_operator.s3link("deploy")

    ran = embedded_operator.s3link("deploy --output json")
    text = embedded_operator.s3link("deploy")
    verbose = embedded_operator.s3link("deploy --verbose")

    assert ran.exit_code == 0
    assert text.stdout.splitlines()[:4] == [
        "s3link-sender unchanged",
        "s3link-generator unchanged",
        "",
        "Next:",
    ]
    assert f"  FileExchangeBucketName: {BUCKET}" in verbose.stdout.splitlines()
    assert ran.document["stacks"][1]["outputs"]["FileExchangeBucketName"] == BUCKET
    assert [stack["action"] for stack in ran.document["stacks"]] == ["unchanged", "unchanged"]
    assert ran.document["next_steps"] == [
        CONFIRM,
        f"Upload a file: s3link send report.pdf, or aws s3 cp report.pdf s3://{BUCKET}/",
    ]


def test_values_not_given_keep_their_value(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """What one deploy has set, the next one leaves alone, with or without s3link.toml."""
    embedded_operator.s3link("deploy --set ExchangableObjectsTTL=7")
    placed = embedded_operator.config.read_text().split("AdminAlarmEMail")[0]
    embedded_operator.config.write_text(placed)

    ran = embedded_operator.s3link("deploy --set LinkExpirationPeriod=3600")

    assert ran.exit_code == 0, ran.stderr
    [stack] = embedded_clients.cloudformation.describe_stacks(StackName=GENERATOR)["Stacks"]
    values = {given["ParameterKey"]: given["ParameterValue"] for given in stack["Parameters"]}
    assert values["ExchangableObjectsTTL"] == "7"
    assert values["LinkExpirationPeriod"] == "3600"
    assert values["EmailSender"] == "links@example.com"


def test_an_update_shows_each_property_before_it_is_done(embedded_operator: Operator) -> None:
    """What plan would say is said on the way."""
    embedded_operator.s3link("deploy")

    ran = embedded_operator.s3link("deploy --set LinkExpirationPeriod=3600")

    assert "      Environment/Variables/LinkExpirationPeriod: 18000 → 3600" in ran.stderr
    assert "s3link-generator updated" in ran.stdout


def test_the_stacks_carry_the_deployments_name(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """A tag tells whose they are, in the console and in the bill."""
    embedded_operator.s3link("deploy")

    for name in (SENDER, GENERATOR):
        [stack] = embedded_clients.cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert {"Key": "s3link:deployment", "Value": "s3link"} in stack["Tags"]


@pytest.mark.parametrize(
    ("option", "protected"),
    [("--termination-protection", True), ("--no-termination-protection", False)],
)
def test_termination_protection_for_those_who_ask(
    embedded_operator: Operator, embedded_clients: Clients, option: str, protected: bool
) -> None:
    """On or off, and said so."""
    ran = embedded_operator.s3link(f"deploy {option}")

    [stack] = embedded_clients.cloudformation.describe_stacks(StackName=SENDER)["Stacks"]
    assert stack["EnableTerminationProtection"] is protected
    state = "on" if protected else "off"
    assert f"s3link-sender: termination protection is {state}." in ran.stderr


@pytest.fixture
def broken(embedded_operator: Operator, embedded_clients: Clients) -> Operator:
    """A deployment whose first stack could not be created, because a name was taken."""
    template = {"TemplateName": "taken", "SubjectPart": "s", "TextPart": "t"}
    embedded_clients.ses.create_template(Template=template)
    ran = embedded_operator.s3link("deploy --set LinkDownloadTemplateName=taken")
    assert ran.exit_code == 1
    assert ran.error.startswith(
        "Stack s3link-sender ended as ROLLBACK_COMPLETE: LinkTemplate (AWS::SES::Template) failed: "
    )
    assert ran.error.endswith(
        "; all it had made was removed again; put the cause right and run `s3link deploy`."
    )
    return embedded_operator


def test_a_dead_stack_is_planned_as_made_anew(broken: Operator) -> None:
    """The plan says that it would be deleted first."""
    ran = broken.s3link("plan")

    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[:2] == [
        "s3link-sender would be deleted and created again",
        "  It is ROLLBACK_COMPLETE.",
    ]


@pytest.mark.parametrize("line", ["deploy", "deploy --yes"])
def test_a_dead_stack_is_recovered_with_consent(broken: Operator, line: str) -> None:
    """A yes at the question, or --yes, lets the deploy go on."""
    ran = broken.s3link(line, answers="y\n")

    assert ran.exit_code == 0, ran.stderr
    assert "s3link-sender created" in ran.stdout


@pytest.mark.parametrize("answers", ["n\n", "\n", ""])
def test_without_consent_nothing_is_deleted(
    broken: Operator, embedded_clients: Clients, answers: str
) -> None:
    """No, nothing, and nobody there to answer are all no."""
    ran = broken.s3link("deploy", answers=answers)

    assert ran.exit_code == 1
    assert ran.error.endswith("it was not changed; run the command again with --yes to do so.")
    [stack] = embedded_clients.cloudformation.describe_stacks(StackName=SENDER)["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_what_stands_in_the_way_is_said_before_anything_is_made(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """A sender that SES does not know would deploy well and never send."""
    embedded_clients.ses.delete_identity(Identity="example.com")

    ran = embedded_operator.s3link("deploy")

    assert ran.exit_code == 1
    assert "links@example.com" in ran.error
    assert embedded_clients.s3.list_buckets()["Buckets"] == []


def test_a_new_bucket_name_needs_consent(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """The files of the old one would be out of reach."""
    embedded_operator.s3link("deploy")

    ran = embedded_operator.s3link("deploy --set FileExchangeBucketName=another-name", answers="n")

    assert ran.exit_code == 1
    assert ran.error == (
        "Stack s3link-generator would lose or replace FileExchangeBucket; nothing was changed in "
        "it. See `s3link plan`, and deploy with --yes if this is what you want."
    )
    assert BUCKET in [each["Name"] for each in embedded_clients.s3.list_buckets()["Buckets"]]


def test_a_replaced_bucket_with_files_is_named_at_the_end(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """CloudFormation cannot delete it and forgets it: no command of s3link would ever find it."""
    embedded_operator.s3link("deploy")
    embedded_clients.s3.put_object(Bucket=BUCKET, Key="report.pdf", Body=b"A report")

    ran = embedded_operator.s3link("deploy --yes --set FileExchangeBucketName=another-name")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == (
        f"  Bucket {BUCKET} is out of use, but stays: links to its files stop working, nobody is "
        "told of what is put there, and its files go when their time is over. To remove it, empty "
        "it with all its versions (S3 console, button Empty) and then run "
        f"`aws s3 rb s3://{BUCKET}`."
    )


def test_a_new_admin_is_to_confirm_and_a_confirmed_one_is_not(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """Whoever has not confirmed gets no alarms, so each deploy says so until it is done."""
    [confirmation] = MAILBOX.mails()
    with urllib.request.urlopen(re.findall(r"http://\S+", confirmation.text)[0]):
        pass

    confirmed = deployed_operator.s3link("deploy --output json")
    changed = deployed_operator.s3link("deploy --set AdminAlarmEMail=new@example.com --output json")

    assert [step for step in confirmed.document["next_steps"] if "Confirm" in step] == []
    assert changed.document["next_steps"][0] == CONFIRM.replace("admin@", "new@")


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("ConfigSetName", "s3link-sender-mails"),
        ("LinkDownloadTemplateName", "s3link-sender-download"),
    ],
)
def test_what_the_other_stack_imports_cannot_change(
    deployed_operator: Operator, embedded_clients: Clients, name: str, before: str
) -> None:
    """AWS would begin, fail and roll back: it is refused before, and a plan warns of it."""
    sentence = f'{name} cannot become "other" instead of "{before}" while s3link-generator uses it.'

    planned = deployed_operator.s3link(f"plan --set {name}=other")
    ran = deployed_operator.s3link(f"deploy --set {name}=other")
    same = deployed_operator.s3link(f"plan --set {name}={before}")
    for_programs = deployed_operator.s3link(f"plan --exit-code --output json --set {name}=other")

    assert f"Warning: A deploy would refuse: {sentence}" in planned.stderr
    assert planned.exit_code == 0
    assert ran.exit_code == 1
    assert sentence in ran.error
    assert "would refuse" not in same.stderr
    [refusal] = for_programs.document["refusals"]
    assert (refusal["check"], refusal["sentence"]) == ("names", sentence)
    assert for_programs.exit_code == 4
    stack = embedded_clients.cloudformation.describe_stacks(StackName=SENDER)["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"

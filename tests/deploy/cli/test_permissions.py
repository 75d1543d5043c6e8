"""`s3link deploy` asks about permissions at a terminal, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.aws.clients import Clients
from tests.deploy.operator import Operator
from tests.tools import started

pytestmark = pytest.mark.slow

GENERATOR = "s3link-generator"
ARTIFACTS = "s3link-artifacts-123456789012-eu-west-1"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
WIDER = f"deploy --set FileKeyArns={KEY}"
QUESTION = "[y/N]:"
IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
STATEMENT = (
    f"+ announce-files, DecryptFilesUnderTheseKeys: Allow kms:Decrypt on {KEY} if StringEquals "
    "kms:ViaService = s3.eu-west-1.amazonaws.com"
)


def in_a_terminal(operator: Operator, line: str, *answers: str) -> tuple[int, str]:
    """Run the line where a person sees and answers; the exit code, and what was shown."""
    command = [sys.executable, "-c", IN_A_TERMINAL, sys.executable, "-m", "deploy", *line.split()]
    environment = {**os.environ, **operator.environment, "COLUMNS": "500"}
    folder = operator.config.parent
    with started(command, env=environment, cwd=folder, stdin=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        shown, left = "", list(answers)
        while character := process.stdout.read(1):
            shown += character
            if shown.endswith(QUESTION) and left:
                process.stdin.write(left.pop(0))
                process.stdin.flush()
    return process.returncode, shown


def files_of(clients: Clients) -> list[str]:
    listed = clients.s3.list_object_versions(Bucket=ARTIFACTS).get("Versions", [])
    return [f"{each['Key']} {each['VersionId']}" for each in listed]


def keys_of(clients: Clients) -> str:
    [stack] = clients.cloudformation.describe_stacks(StackName=GENERATOR)["Stacks"]
    values = {given["ParameterKey"]: given["ParameterValue"] for given in stack["Parameters"]}
    return values.get("FileKeyArns", "")


def test_a_no_at_the_terminal_leaves_everything_as_it_was(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """No change set, no file and no event more than before; exit code 1."""
    cloudformation = embedded_clients.cloudformation
    files = files_of(embedded_clients)
    events = cloudformation.describe_stack_events(StackName=GENERATOR)["StackEvents"]

    exit_code, shown = in_a_terminal(deployed_operator, WIDER, "n\n")

    assert exit_code == 1
    assert STATEMENT in shown
    assert "Nothing was changed: the permissions of s3link-generator stay as they are" in shown
    assert cloudformation.list_change_sets(StackName=GENERATOR)["Summaries"] == []
    assert cloudformation.describe_stack_events(StackName=GENERATOR)["StackEvents"] == events
    assert files_of(embedded_clients) == files


def test_a_yes_at_the_terminal_deploys(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """One question, before the first stack; a second deploy has none."""
    exit_code, shown = in_a_terminal(deployed_operator, WIDER, "y\n")
    again, shown_again = in_a_terminal(deployed_operator, WIDER)

    assert (exit_code, again) == (0, 0)
    assert shown.count("[y/N]") == 1
    assert shown.index("[y/N]") < shown.index("Updating s3link-generator")
    assert "[y/N]" not in shown_again
    assert keys_of(embedded_clients) == KEY


@pytest.mark.parametrize(
    ("options", "says_why"), [("", True), (" --output json", True), (" --yes", False)]
)
def test_scripts_are_not_asked(
    deployed_operator: Operator, embedded_clients: Clients, options: str, says_why: bool
) -> None:
    """They go on as ever; what changes is in the log, and why nobody was asked."""
    ran = deployed_operator.s3link(f"{WIDER}{options}", answers="n\n")

    why = "Permissions of s3link-generator change as shown; there is no terminal to ask at"
    assert ran.exit_code == 0, ran.stderr
    assert STATEMENT in ran.stderr
    assert (why in ran.stderr) == says_why
    assert "[y/N]" not in ran.stderr
    assert keys_of(embedded_clients) == KEY


def test_yes_at_a_terminal_asks_nothing(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """Whoever says it before need not wait for the question."""
    exit_code, shown = in_a_terminal(deployed_operator, f"{WIDER} --yes")

    assert exit_code == 0
    assert "[y/N]" not in shown
    assert keys_of(embedded_clients) == KEY


def test_a_plan_shows_statements(deployed_operator: Operator) -> None:
    """In place of the whole list of policies, before and after."""
    ran = deployed_operator.s3link(WIDER.replace("deploy", "plan"))

    lines = ran.stdout.splitlines()
    at = lines.index("  ~ LinkGeneratorRole  AWS::IAM::Role")
    assert lines[at : at + 3] == [
        "  ~ LinkGeneratorRole  AWS::IAM::Role",
        f"      {STATEMENT}",
        "",
    ]


def test_what_only_another_stack_makes_known_is_asked_about_then(
    deployed_operator: Operator,
) -> None:
    """The generator takes names from the portal: a no leaves it alone, the next deploy knows."""
    exit_code, shown = in_a_terminal(deployed_operator, "deploy --with portal", "n\n")
    again, shown_again = in_a_terminal(deployed_operator, "deploy", "y\n")

    assert (exit_code, again) == (1, 0), shown_again
    assert "You are asked again if permissions change there." in shown
    assert shown.index("Updating s3link-generator") < shown.index("[y/N]")
    assert "Stack s3link-generator was not changed, nor any after it, since" in shown
    assert shown_again.index("[y/N]") < shown_again.index("Updating s3link-generator")
    assert shown.count("[y/N]") == shown_again.count("[y/N]") == 1
    assert "+ announce-files, MakeLinksOfThePortal: Allow dynamodb:UpdateItem on " in shown_again


def test_what_only_comes_back_is_asked_about_once(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """A table and a topic that were deleted by hand: the first with what was in it, the second
    with its policy; not again once their names are known, nor once the portal is whole."""
    portal = deployed_operator.s3link("deploy --with portal --yes --output json")
    outputs = {
        name: value
        for stack in portal.document["stacks"]
        for name, value in stack["outputs"].items()
    }
    embedded_clients.dynamodb.delete_table(TableName=outputs["LinksTableName"])

    planned = deployed_operator.s3link("plan").stdout
    table, shown = in_a_terminal(deployed_operator, "deploy", "y\n", "n\n")
    embedded_clients.sns.delete_topic(TopicArn=outputs["CommonAlarmTopicArn"])
    topic, shown_then = in_a_terminal(deployed_operator, "deploy", "y\n", "n\n")

    assert (table, topic) == (0, 0), shown + shown_then
    assert "s3link-generator would be updated\n  It is taken off the portal while that" in planned
    assert "s3link-generator is taken off the portal while that is made whole" in shown
    assert "Events that failed meanwhile wait: s3link dlq list" in shown
    assert [line for line in shown.splitlines() if "[y/N]" in line] == [
        line for line in shown.splitlines() if line.startswith("LinksTable (")
    ]
    assert shown.count("+ announce-files, MakeLinksOfThePortal: Allow dynamodb:UpdateItem on") == 1
    assert shown_then.count("[y/N]") == 1
    assert "+ OnlyAlarmsOfThisAccountMayPublish: Allow sns:Publish on" in shown_then

"""What the tool knows of resources that may go: every type of the templates can be asked for, and
everything that holds data is spoken of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.aws.presence import QUESTIONS
from deploy.deployment import GENERATOR, MEMBERS, PORTAL, SENDER, STACKS, Deployment, Stack
from deploy.stacks.drift.losses import LOST_WITH, next_step, sentence, steps_after
from deploy.stacks.drift.references import StackNames, resolved
from deploy.stacks.lookup import Missing, StackState
from deploy.stacks.portal_changes import IMPORTED_FROM_PORTAL
from deploy.stacks.templates import load_template
from tests.deploy.stacks.deletions import DELETIONS
from tests.templates.reading import FOLDER, Template

# What was in these is of no further use, or gone for good whatever is done.
_COMES_BACK_EMPTY = {
    "ArtifactsBucketLogs",
    "DeadLetterQueue",
    "FileExchangeBucketLogs",
    "PortalDeadLetterQueue",
    "RequestCountsTable",
    "SignedOutTable",
}


def _document(stack: Stack) -> dict[str, Any]:
    return Template(FOLDER / stack.template).document


def _resources() -> Iterator[tuple[Stack, str, dict[str, Any]]]:
    for stack in STACKS:
        for logical_id, declared in _document(stack)["Resources"].items():
            yield stack, logical_id, declared


def _exports_taken() -> set[tuple[str, str]]:
    """The exports that another template imports, as the parameter with the stack's name and the
    export's own."""
    text = "\n".join(Template(FOLDER / stack.template).text for stack in STACKS)
    found = set()
    for part in text.split("Fn::ImportValue: !Sub ${")[1:]:
        parameter, _, rest = part.partition("}-")
        found.add((parameter, rest.split()[0]))
    return found


def test_every_type_can_be_asked_for() -> None:
    """A new type needs a question, and a line in the table of tests."""
    types = {declared["Type"] for _, _, declared in _resources()}

    assert types == set(QUESTIONS)
    assert types == set(DELETIONS)


def test_what_holds_data_is_spoken_of() -> None:
    """Templates state a deletion policy on all that holds data; logs are the only other kind."""
    holding = {
        logical_id
        for _, logical_id, declared in _resources()
        if "DeletionPolicy" in declared and declared["Type"] != "AWS::Logs::LogGroup"
    }

    assert holding == (set(LOST_WITH) - {"PortalApi"}) | _COMES_BACK_EMPTY


def test_what_others_import_keeps_its_name_or_is_let_go_first() -> None:
    """CloudFormation gives a new name to what has none of its own, and refuses to change an export
    that is imported. Topics are made again under their names; the portal's are let go first."""
    kinds = {"SenderStackName": SENDER, "PortalStackName": PORTAL, "GeneratorStackName": GENERATOR}
    renamed = set()
    for parameter, export in _exports_taken():
        stack = kinds[parameter]
        document = _document(stack)
        # With a domain name the address is that one, whatever the API is called.
        value = document["Outputs"][export]["Value"]
        value = value["Fn::If"][2] if "Fn::If" in value else value
        name = value.get("Ref") or str(value.get("Fn::GetAtt", "")).partition(".")[0]
        declared = document["Resources"].get(name)
        if declared and declared["Type"] != "AWS::SNS::Topic":
            has_name = {"Name", "BucketName"} & set(declared["Properties"])
            if not has_name or declared["Type"].endswith("::Api"):
                renamed.add(name)

    assert renamed == set(IMPORTED_FROM_PORTAL)


def test_a_property_is_resolved_as_far_as_it_can_be_told() -> None:
    """By the stack's parameters and the names of its resources; an ARN is asked for by name."""
    state = StackState("s3link-sender", "", "", "", {"LinkDownloadTemplateName": ""}, {}, {}, False)
    template = load_template(SENDER.template)
    names = StackNames(state, {"CommonAlarmTopic": "arn:topic", "F": "f"}, template)

    link_template = resolved(template.resources["LinkTemplate"].properties, names)
    policy = resolved(template.resources["CommonAlarmTopicPolicy"].properties, names)
    others = resolved({"FunctionName": {"Fn::GetAtt": "F.Arn"}, "Other": {"Ref": "G"}}, names)

    assert link_template["Template"]["TemplateName"] == "s3link-sender-download"
    assert policy["Topics"] == ["arn:topic"]
    assert others == {"FunctionName": "f"}


@pytest.mark.parametrize(
    ("stack", "logical_id", "type_name", "said", "next_"),
    [
        (
            GENERATOR,
            "LinkGenerator",
            "AWS::Lambda::Function",
            "is gone: somebody has deleted it outside of CloudFormation.",
            "`s3link deploy` makes it again.",
        ),
        (
            GENERATOR,
            "DeliveriesLedger",
            "AWS::DynamoDB::Table",
            "is gone, and with it the record of who was told of which file.",
            "Restore it under its old name from the backup that DynamoDB keeps for 35 days "
            "(docs/operations.md says how), or `s3link deploy` makes it again, empty, after "
            "asking.",
        ),
        (
            MEMBERS,
            "MembersPool",
            "AWS::Cognito::UserPool",
            "is gone, and with it all members and their passwords.",
            "`s3link deploy` makes it again, empty, after asking.",
        ),
        (
            PORTAL,
            "PortalApi",
            "AWS::ApiGatewayV2::Api",
            "is gone, and with it the address that every mailed link begins with.",
            "`s3link deploy` makes another, with another address, after asking.",
        ),
        (
            SENDER,
            "AdminAlarmEMailSubscription",
            "AWS::SNS::Subscription",
            "is gone: somebody has ended it, perhaps by the link that each alarm's mail carries, "
            "so nobody is told of alarms.",
            "`s3link deploy` has SNS mail a new confirmation, whose link is to be clicked.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalnum() else "",
)
def test_what_is_said_of_it(
    stack: Stack, logical_id: str, type_name: str, said: str, next_: str
) -> None:
    """What it is, what is lost with it, and the command to type."""
    deployment = Deployment("s3link", "123456789012", "eu-west-1", {})
    missing = Missing(deployment.stack_name(stack), logical_id, type_name, "its-name")

    name = f"{logical_id} ({type_name} its-name) of stack s3link-{stack.kind}"
    assert sentence(missing) == f"{name} {said}"
    assert next_step(missing, deployment) == next_


def test_what_is_left_to_do_once_it_is_there_again() -> None:
    """Of each kind once: what was not announced, what waits, and what has another address."""
    names = ("LinkGenerator", "LinkGeneratorRole", "LinksTable", "LinkTemplate", "PortalApi", "X")
    remade = [Missing("s3link-generator", name, "", "") for name in names]
    deployment = Deployment("s3link", "123456789012", "eu-west-1", {})

    announced, waiting, moved = steps_after(remade, deployment)

    assert announced.endswith("upload them again.")
    assert waiting.endswith("s3link dlq list, then s3link dlq redrive --all")
    assert moved.endswith("s3link links resend --file NAME")
    assert steps_after(remade[-1:], deployment) == []

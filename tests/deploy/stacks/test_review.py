"""Permissions that an update changes: shown, asked about where somebody is there, never skipped."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from deploy.deployment import SENDER
from deploy.errors import CheckError, StackError
from deploy.pipeline import plan
from deploy.stacks.apply import apply_stack
from deploy.stacks.lookup import Missing, find_stacks
from deploy.stacks.preview import Plan
from deploy.stacks.review import review, with_given_back
from deploy.stacks.run import Oversight, Run
from deploy.stacks.templates import load_template
from tests.deploy.scripted_account import CODE, CREATED, NAME, UPDATED, Account

GENERATOR = "s3link-generator"
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
POLICY = "MailEventsTopicPolicy"
SHOWN = [
    f"  ~ {POLICY}  AWS::SNS::TopicPolicy",
    "      ~ Publish: Allow sns:Publish, sns:Subscribe for *",
    "          + Action: sns:Subscribe",
]


@pytest.fixture
def account() -> Account:
    """Two stacks stand."""
    account = Account()
    for name in (NAME, GENERATOR):
        account.aws.has_stack(name, "CREATE_COMPLETE")
        account.aws.when_worked_on(name, *UPDATED)
    return account


def statement(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Sid": "Publish", "Effect": "Allow", "Principal": "*", "Action": list(actions), **more}


def context(*statements: dict[str, Any]) -> str:
    return json.dumps({"Properties": {"PolicyDocument": {"Statement": statements}}})


def proposal(before: str | None, after: str | None, *details: Any, **more: Any) -> dict[str, Any]:
    change = {
        "Action": "Modify",
        "LogicalResourceId": POLICY,
        "ResourceType": "AWS::SNS::TopicPolicy",
        "Details": list(details),
        "BeforeContext": before,
        "AfterContext": after,
        **more,
    }
    told = {key: value for key, value in change.items() if value is not None}
    return {
        "Status": "CREATE_COMPLETE",
        "Changes": [{"Type": "Resource", "ResourceChange": told}],
    }


WIDER = proposal(
    context(statement("sns:Publish")), context(statement("sns:Publish", "sns:Subscribe"))
)


def attended(account: Account, agrees: bool, oversight: Oversight = Oversight.ASK) -> Run:
    account.operator.agrees = agrees
    return replace(account.run(), oversight=oversight)


def reviewed(account: Account, run: Run) -> Run:
    return review(run, CODE, find_stacks(account.clients, run.deployment))


def test_one_answer_serves_for_all_stacks(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are shown before the first is touched; what was agreed to is not asked about again."""
    account.aws.proposes(NAME, WIDER)
    account.aws.proposes(GENERATOR, WIDER)

    run = reviewed(account, attended(account, agrees=True))
    told = capsys.readouterr().err.splitlines()
    executed_before = list(account.aws.executed)
    outcome = apply_stack(run, SENDER, CODE)

    assert told == [
        "Comparing permissions with those that are deployed.",
        "This deploy changes permissions:",
        NAME,
        *SHOWN,
        GENERATOR,
        *SHOWN,
    ]
    assert account.operator.questions == ["Deploy with these permissions?"]
    assert executed_before == []
    assert outcome.action == "updated"


def test_a_no_changes_nothing(account: Account) -> None:
    """Every change set is gone, and none was executed."""
    account.aws.proposes(GENERATOR, WIDER)

    with pytest.raises(CheckError) as refusal:
        reviewed(account, attended(account, agrees=False))

    assert str(refusal.value) == (
        "Nothing was changed: the permissions of s3link-generator stay as they are; "
        "`s3link plan` shows what would change."
    )
    assert account.aws.withdrawn == [NAME, GENERATOR]
    assert account.aws.executed == []


def test_an_update_without_permissions_asks_nothing(account: Account) -> None:
    """Neither before nor on the way."""
    run = reviewed(account, attended(account, agrees=False))

    assert apply_stack(run, SENDER, CODE).action == "updated"
    assert account.operator.questions == []


def test_a_first_deploy_asks_nothing() -> None:
    """Whoever deploys for the first time has no permissions yet that could change."""
    account = Account()
    account.aws.when_worked_on(NAME, *CREATED)
    account.aws.proposes(NAME, proposal(None, context(statement("sns:Publish")), Action="Add"))

    run = reviewed(account, attended(account, agrees=False))
    planned = list(account.aws.proposals)

    assert planned == []
    assert apply_stack(run, SENDER, CODE).action == "created"
    assert account.operator.questions == []


def test_what_has_changed_since_is_asked_about_again(account: Account) -> None:
    """Nothing is executed that was not shown."""
    account.aws.proposes(NAME, WIDER)
    run = reviewed(account, attended(account, agrees=True))
    account.operator.agrees = False
    account.aws.proposes(NAME, proposal(context(), context(statement("sns:*"))))

    with pytest.raises(StackError) as refusal:
        apply_stack(run, SENDER, CODE)

    assert account.operator.questions[1:] == [
        "Permissions of s3link-sender change as shown. Deploy with these permissions?"
    ]
    assert str(refusal.value) == (
        "Stack s3link-sender was not changed, nor any after it, since its permissions were not "
        "agreed to; what was done before stays, and `s3link deploy` goes on from there."
    )
    assert account.aws.withdrawn == [NAME, GENERATOR, NAME]
    assert account.aws.executed == []


@pytest.mark.parametrize(
    ("shown", "comes", "is_asked"),
    [
        ({"Resource": UNKNOWN}, {"Resource": "arn:topic"}, False),
        ({"Resource": f"{UNKNOWN}/*"}, {"Resource": "arn:topic/*"}, False),
        ({"Resource": UNKNOWN}, {"Resource": "*"}, True),
        ({"Resource": UNKNOWN}, {"Resource": ["arn:topic", "arn:another"]}, True),
        ({"Principal": {"AWS": UNKNOWN}}, {"Principal": {"AWS": "*"}}, True),
    ],
    ids=["its name", "below it", "any", "two", "a principal"],
)
def test_a_resource_that_becomes_known_was_agreed_to(
    account: Account, shown: dict[str, Any], comes: dict[str, Any], is_asked: bool
) -> None:
    """Of a topic that is made again, the name is known only when its policy is applied."""
    before = context(statement("sns:Publish", Sid="Other"))
    account.aws.proposes(NAME, proposal(before, context(statement("sns:Publish", **shown))))
    run = reviewed(account, attended(account, agrees=True))
    account.aws.proposes(NAME, proposal(before, context(statement("sns:Publish", **comes))))

    assert apply_stack(run, SENDER, CODE).action == "updated"
    assert len(account.operator.questions) == 1 + is_asked


TABLE = Missing(NAME, "LinksTable", "AWS::DynamoDB::Table", "links-1A2B")


@pytest.mark.parametrize(
    ("comes", "is_asked"),
    [
        (statement("sns:Publish", Resource="arn:links-1A2B/index/*"), False),
        (statement("sns:Publish", Resource="arn:links-9Z8Y/index/*"), False),
        (statement("sns:Publish", Resource="arn:*/index/*"), True),
        (statement("sns:Publish", Resource=["arn:links-9Z8Y/index/*", "arn:more"]), True),
        (statement("sns:*", Resource="arn:links-1A2B/index/*"), True),
        (statement("sns:Publish", Resource="arn:links-1A2B/index/*", Principal="bob"), True),
        ({**statement("sns:Publish", Resource="arn:links-1A2B/index/*"), "Sid": "More"}, True),
    ],
    ids=["the same", "renamed", "any", "two", "more actions", "somebody", "another statement"],
)
def test_what_was_taken_away_comes_back_without_a_question(
    account: Account, comes: dict[str, Any], is_asked: bool
) -> None:
    """Where the tool itself has taken it; a statement that says anything else is asked about."""
    had = statement("sns:Publish", Resource="arn:links-1A2B/index/*")
    account.aws.proposes(NAME, proposal(context(had), context()))
    run = replace(attended(account, agrees=True), missing=(TABLE,))
    taken = apply_stack(replace(run, takes_away=True), SENDER, CODE)
    asked_before = list(account.operator.questions)
    run = with_given_back(run, NAME, taken.changes)
    account.aws.proposes(NAME, proposal(context(), context(comes)))

    apply_stack(run, SENDER, CODE)

    assert asked_before == []
    assert bool(account.operator.questions) == is_asked


@pytest.mark.parametrize(
    ("resource", "is_asked"),
    [(UNKNOWN, False), (f"{UNKNOWN}/index/*", True), ("*", True), ("arn:links-9Z8Y", True)],
    ids=["its new name", "more of it", "any", "another"],
)
def test_what_is_renamed_while_a_stack_is_freed_is_no_other_permission(
    account: Account, resource: str, is_asked: bool
) -> None:
    """A table that is made again in the same update has a name that is not known yet."""
    had = statement("sns:Publish", Resource="arn:links-1A2B")
    has = statement("sns:Publish", Resource=resource)
    account.aws.proposes(NAME, proposal(context(had), context(has)))
    run = replace(attended(account, agrees=True), missing=(TABLE,), takes_away=True)

    apply_stack(run, SENDER, CODE)

    assert bool(account.operator.questions) == is_asked


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (context(), context(statement("sns:Subscribe"))),
        (context(statement("sns:Publish")), context(statement("sns:*"))),
        (context({**statement("sns:Publish"), "Effect": "Deny"}), context()),
        (None, None),
    ],
    ids=["added", "widened", "no longer denied", "not told"],
)
def test_a_stack_that_is_freed_gets_no_permission_unasked(
    account: Account, before: str | None, after: str | None
) -> None:
    """Only what was allowed is taken away for a while."""
    detail = {"Target": {"Path": "/Properties/PolicyDocument", "AfterValue": "wider"}}
    account.aws.proposes(NAME, proposal(before, after, detail))
    run = replace(attended(account, agrees=False), takes_away=True)

    with pytest.raises(StackError, match="its permissions were not agreed to"):
        apply_stack(run, SENDER, CODE)

    assert account.aws.executed == []


def test_what_cannot_be_known_yet_is_said(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack may need a value that another one exports only after its own update."""
    missing = "No export named s3link-sender-NewTopicArn found."
    account.aws.proposes(GENERATOR, {"Status": "FAILED", "StatusReason": missing})

    reviewed(account, attended(account, agrees=False))

    assert capsys.readouterr().err.splitlines()[1:] == [
        "Stack s3link-generator needs s3link-sender-NewTopicArn, which no stack exports yet. "
        "Deploying in order solves this; what else changes is not known yet. You are asked again "
        "if permissions change there."
    ]


@pytest.mark.parametrize(
    ("oversight", "said"),
    [
        (
            Oversight.NOBODY,
            [
                "Permissions of s3link-sender change as shown; there is no terminal to ask at, so "
                "the deploy goes on."
            ],
        ),
        (Oversight.YES, []),
    ],
)
def test_without_anybody_to_ask_it_goes_on(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    oversight: Oversight,
    said: list[str],
) -> None:
    """The change set is made once, the changes are shown; one line says why nobody was asked."""
    account.aws.proposes(NAME, WIDER)

    run = reviewed(account, attended(account, agrees=False, oversight=oversight))
    outcome = apply_stack(run, SENDER, CODE)

    told = capsys.readouterr().err.splitlines()
    assert outcome.action == "updated"
    assert account.operator.questions == []
    assert len(account.aws.proposals) == 1
    assert told[: 4 + len(said)] == [f"Updating {NAME}: 1 change.", *SHOWN, *said]


TEMPLATE = load_template(SENDER.template).body
FOLLOWS = proposal(
    context(statement("sns:Publish", Resource="arn:old")),
    context(statement("sns:Publish", Resource=UNKNOWN)),
)


def planned(account: Account) -> Plan:
    given = {name: "ann@example.com" for name in ("AdminAlarmEMail", "EmailSender")}
    run = account.run(**given, EmailRecipient="bob@example.com")
    return plan(account.clients, run.deployment, run.poll)


@pytest.mark.parametrize(
    ("deployed", "asks"),
    [
        (TEMPLATE, False),
        (TEMPLATE.replace("OnlyThisConfigurationSetMayPublish", "Other"), True),
        (TEMPLATE.replace("Conditions:", "Conditions:\n  More: !Equals [a, b]", 1), True),
        (None, True),
    ],
)
def test_a_value_that_follows_its_resource_is_no_other_permission(
    account: Account, deployed: str | None, asks: bool
) -> None:
    """As long as the deployed template says the same; who may not read it is asked, to be safe."""
    account.aws.proposes(NAME, FOLLOWS)
    if deployed:
        account.aws.has_template(NAME, deployed)

    reviewed(account, attended(account, agrees=True))

    assert bool(account.operator.questions) == asks


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            proposal(
                None,
                None,
                {"Target": {"Path": "/Properties/Topics/0", "BeforeValue": "a", "AfterValue": "b"}},
                {"Target": {"Path": "/Properties/Tags/0", "BeforeValue": "a", "AfterValue": "b"}},
            ),
            ["~ Topics/0: b", "    + Topics/0: b", "    - Topics/0: a"],
        ),
        (
            proposal(None, None, Action="Remove"),
            ["- what it permits, which CloudFormation does not tell"],
        ),
        (
            proposal("no JSON", context(), Action="Add"),
            [],
        ),
        (
            proposal(context(statement("sns:*")), None, Action="Remove"),
            ["- Publish: Allow sns:* for *"],
        ),
    ],
)
def test_what_cloudformation_does_not_tell_counts_all_the_same(
    account: Account, change: dict[str, Any], lines: list[str]
) -> None:
    """Then the properties that change are all there is to judge by."""
    account.aws.proposes(NAME, change)

    shown = planned(account).as_text().splitlines()
    reviewed(account, attended(account, agrees=True))

    assert [line[6:] for line in shown if line.startswith("      ")][: len(lines)] == lines
    assert bool(account.operator.questions) == bool(lines)


def test_a_plan_is_data_for_programs(account: Account) -> None:
    """Statement by statement, each part before and after."""
    account.aws.proposes(NAME, WIDER)

    document = json.loads(json.dumps(planned(account).as_dict()))

    [change] = document["stacks"][0]["changes"]
    assert change["permissions"] == [
        {
            "action": "modify",
            "policy": "",
            "statement": "Publish",
            "parts": [
                {"name": "Effect", "before": ["Allow"], "after": ["Allow"]},
                {"name": "Principal", "before": ["*"], "after": ["*"]},
                {
                    "name": "Action",
                    "before": ["sns:Publish"],
                    "after": ["sns:Publish", "sns:Subscribe"],
                },
            ],
        }
    ]

"""Who may do what in the portal: its functions, API Gateway, and the schedule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.reading import PORTAL, written_out

_BUCKET = {
    "Bucket": {
        "Fn::If": [
            "HasFileExchangeBucketName",
            {"Ref": "FileExchangeBucketName"},
            {"Fn::Sub": "${DeploymentName}-${AWS::AccountId}-${AWS::Region}"},
        ]
    }
}
_FILES = {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}/*", _BUCKET]}
_WHOLE_BUCKET = {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}", _BUCKET]}
_SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"


def _of_the_sender_stack(output: str) -> dict[str, object]:
    return {"Fn::ImportValue": {"Fn::Sub": f"${{SenderStackName}}-{output}"}}


def _arn(logical_id: str) -> dict[str, str]:
    return {"Fn::GetAtt": f"{logical_id}.Arn"}


_LOG = {"WriteThePortalsLog": _arn("PortalLogGroup")}
_TRACES = {"SendTracesToXRay": "*"}
_EVERY_FUNCTION = {
    "sts:AssumeRole",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
}
_READS_FILES = {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions"}

# Each role: its actions, all of them, and the resource of each statement.
ROLES: dict[str, tuple[set[str], dict[str, Any]]] = {
    # It reads files and links, counts, and calls one function; it mails nobody.
    "PortalRole": (
        _EVERY_FUNCTION
        | _READS_FILES
        | {"kms:Decrypt", "dynamodb:GetItem", "dynamodb:UpdateItem", "lambda:InvokeFunction"},
        {
            "ReadFilesAndSignLinksToThem": _FILES,
            "DecryptFilesUnderTheseKeys": {"Ref": "FileKeyArns"},
            "LearnThatAFileIsGone": _WHOLE_BUCKET,
            "FindLinksByTheirIds": _arn("LinksTable"),
            "CountDownloadsAndGuesses": _arn("LinksTable"),
            "CountRequestsForLinks": _arn("RequestCountsTable"),
            "LetLinkMailerMail": _arn("LinkMailer"),
            **_LOG,
            **_TRACES,
        },
    ),
    # It alone mails, with one sender, one template and one configuration set.
    "LinkMailerRole": (
        _EVERY_FUNCTION
        | _READS_FILES
        | {
            "dynamodb:GetItem",
            "dynamodb:UpdateItem",
            "dynamodb:Query",
            "ses:SendBulkTemplatedEmail",
            "sns:Publish",
            "sqs:SendMessage",
        },
        {
            "ReadWhatMailsSayOfFiles": _FILES,
            "LearnThatAFileIsGone": _WHOLE_BUCKET,
            "FindLinksByTheirIds": _arn("LinksTable"),
            "AddTokensAndTakeReminders": _arn("LinksTable"),
            "FindLinksByRecipient": {"Fn::Sub": "${LinksTable.Arn}/index/LinksByRecipient"},
            "FindLinksToRemind": {"Fn::Sub": "${LinksTable.Arn}/index/LinksToRemind"},
            "CountMailsAndNoteTasks": _arn("RequestCountsTable"),
            "SendMailsFromOneAddressOnly": {
                "Fn::Sub": [_SES + "${Identities}", {"Identities": "identity/*"}]
            },
            "SendMailsFromOneTemplateOnly": {
                "Fn::Sub": [
                    _SES + "${Template}",
                    {"Template": {"Fn::Sub": "template/${AWS::StackName}-mail"}},
                ]
            },
            "SendMailsThroughOneConfigurationSetOnly": {
                "Fn::Sub": [
                    _SES + "${Kind}/${Name}",
                    {"Kind": "configuration-set", "Name": _of_the_sender_stack("ConfigSetName")},
                ]
            },
            "TellTheAdminOfDownloads": _of_the_sender_stack("CommonAlarmTopicArn"),
            "HandOverEventsThatFailed": _arn("PortalDeadLetterQueue"),
            **_LOG,
            **_TRACES,
        },
    ),
    "RemindersScheduleRole": (
        {"sts:AssumeRole", "lambda:InvokeFunction"},
        {"CallLinkMailer": _arn("LinkMailer")},
    ),
}

each_role = pytest.mark.parametrize("role", PORTAL.of_type("AWS::IAM::Role"))


@each_role
def test_a_role_may_do_what_its_function_does_and_nothing_else(role: str) -> None:
    """The role's actions, all of them."""
    assert PORTAL.actions_of(role) == ROLES[role][0]


@each_role
def test_a_role_may_do_it_to_these_resources_only(role: str) -> None:
    """One resource for each statement, and each is this deployment's own where it can be."""
    assert PORTAL.granted_to(role) == ROLES[role][1]


@pytest.mark.parametrize(
    ("role", "service"),
    [
        (role, "scheduler" if role == "RemindersScheduleRole" else "lambda")
        for role in PORTAL.of_type("AWS::IAM::Role")
    ],
)
def test_a_role_is_for_one_service(role: str, service: str) -> None:
    """Functions have theirs, and the schedule has its own, for this account alone."""
    [trusted] = [s.content for s in PORTAL.statements if s.owner == role and not s.resources]

    assert trusted["Principal"] == {"Service": f"{service}.amazonaws.com"}
    if service == "scheduler":  # which acts for other accounts too
        assert trusted["Condition"] == {
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        }


def test_mails_leave_from_one_sender() -> None:
    """As LinkGenerator's do."""
    [statement] = [s for s in PORTAL.statements if s.sid == "SendMailsFromOneAddressOnly"]

    assert statement.content["Condition"] == {
        "StringEqualsIgnoreCaseIfExists": {"ses:FromAddress": {"Ref": "EmailSender"}}
    }


# Who may call a function: API Gateway for this API and its routes.
_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Routes}"
CALLERS = {
    "PortalApiMayCallPortal": ("Portal", "${PortalApi}/*"),
}


@pytest.mark.parametrize("name", PORTAL.of_type("AWS::Lambda::Permission"))
def test_only_this_api_calls_the_functions(name: str) -> None:
    """And nobody has a permission to call LinkMailer."""
    function, routes = CALLERS[name]

    assert PORTAL.properties(name) == {
        "FunctionName": {"Ref": function},
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": [_API, {"Routes": {"Fn::Sub": routes}}]},
    }


def test_the_generator_makes_links_in_the_portals_table_only() -> None:
    """By one action, and only where there is a portal."""
    from tests.templates.reading import GENERATOR

    [statement] = [s for s in GENERATOR.statements if s.sid == "MakeLinksOfThePortal"]
    [choice] = [
        one["Fn::If"]
        for one in GENERATOR.properties("LinkGeneratorRole")["Policies"][0]["PolicyDocument"][
            "Statement"
        ]
        if one.get("Fn::If", [""])[0] == "HasPortalStackName"
    ]

    assert statement.content["Action"] == "dynamodb:UpdateItem"
    assert written_out(statement.resources[0]["Fn::ImportValue"]) == (
        "${PortalStackName}-LinksTableArn"
    )
    assert (choice[0], choice[2]) == ("HasPortalStackName", {"Ref": "AWS::NoValue"})

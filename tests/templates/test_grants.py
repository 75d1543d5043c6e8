"""Who may do what: each service and function, and what it is allowed."""

from __future__ import annotations

import pytest

from tests.templates.reading import (
    GENERATOR,
    PORTAL,
    PROGRAMS,
    SENDER,
    Statement,
    Template,
    written_out,
)

# By name, where a reference would be a circle: as given, and as made from the deployment's name.
FILE_EXCHANGE_BUCKET_ARNS = [
    "arn:${AWS::Partition}:s3:::${FileExchangeBucketName}",
    "arn:${AWS::Partition}:s3:::${DeploymentName}-${AWS::AccountId}-${AWS::Region}",
]


def statement_of(template: Template, sid: str) -> Statement:
    [found] = [statement for statement in template.statements if statement.sid == sid]
    return found


def test_only_alarms_publish_to_the_alarm_topic() -> None:
    """CommonAlarmTopic takes messages from CloudWatch alarms of this account and region alone."""
    allowed = [
        statement
        for statement in SENDER.statements
        if statement.owner == "CommonAlarmTopicPolicy" and statement.content["Effect"] == "Allow"
    ]

    assert [s.content["Principal"] for s in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
    condition = allowed[0].content["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert written_out(condition["ArnLike"]["aws:SourceArn"]).endswith(":alarm:*")


def test_only_this_configuration_set_publishes_mail_events() -> None:
    """MailEventsTopic takes messages from SES for this stack's configuration set alone."""
    statement = statement_of(SENDER, "OnlyThisConfigurationSetMayPublish")

    source = statement.content["Condition"]["StringEquals"]["aws:SourceArn"]

    assert statement.content["Principal"] == {"Service": "ses.amazonaws.com"}
    assert written_out(source).endswith(":configuration-set/${ConfigurationSet}")


def test_no_principal_of_the_account_publishes_mail_events() -> None:
    """Its own permissions would do otherwise; of services, the policy allows one."""
    statement = statement_of(SENDER, "NobodyButServicesMayPublish").content

    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert (statement["Action"], statement["Resource"]) == (
        "sns:Publish",
        {"Ref": "MailEventsTopic"},
    )
    # Bool, not BoolIfExists: AWS gives the key with every signed request, and a request without it
    # could only be a service's.
    assert statement["Condition"] == {"Bool": {"aws:PrincipalIsAWSService": "false"}}


def test_only_this_bucket_logs_to_the_log_bucket() -> None:
    """FileExchangeBucketLogs takes access logs of FileExchangeBucket alone, by the name it has."""
    content = statement_of(GENERATOR, "OnlyFileExchangeBucketOfThisAccountMayLogHere").content

    given, bucket, derived = content["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::If"]

    assert content["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert content["Action"] == "s3:PutObject"
    assert content["Resource"] == {"Fn::Sub": "${FileExchangeBucketLogs.Arn}/*"}
    assert content["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert given == "HasFileExchangeBucketName"
    assert [written_out(bucket), written_out(derived)] == FILE_EXCHANGE_BUCKET_ARNS


def test_no_link_is_older_than_the_longest_that_can_be_promised() -> None:
    """Whoever signed it; requests signed in a header, which are young, are not meant."""
    content = statement_of(GENERATOR, "NoSignatureMayBeOlderThanSixHours").content
    seconds = GENERATOR.parameters["LinkExpirationPeriod"]["MaxValue"]

    assert (content["Effect"], content["Principal"]) == ("Deny", "*")
    assert content["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]
    assert content["Resource"] == {"Fn::Sub": "${FileExchangeBucket.Arn}/*"}
    assert content["Condition"] == {
        "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        "NumericGreaterThan": {"s3:signatureAge": seconds * 1000},
    }


def test_only_this_bucket_calls_link_generator() -> None:
    """S3 calls the function for FileExchangeBucket alone, by the name it has."""
    permission = GENERATOR.properties("FileExchangeBucketMayCallLinkGenerator")

    given, bucket, derived = permission.pop("SourceArn")["Fn::If"]

    assert permission == {
        "FunctionName": {"Ref": "LinkGenerator"},
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
    }
    assert given == "HasFileExchangeBucketName"
    assert [written_out(bucket), written_out(derived)] == FILE_EXCHANGE_BUCKET_ARNS


def test_only_the_topic_of_mail_events_calls_fate_recorder() -> None:
    """SNS calls the function for the sender stack's topic alone."""
    assert GENERATOR.properties("MailEventsTopicMayCallFateRecorder") == {
        "FunctionName": {"Ref": "FateRecorder"},
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": _of_the_sender_stack("MailEventsTopicArn"),
    }


def test_link_generator_may_do_what_it_does_and_nothing_else() -> None:
    """The role's actions, all of them."""
    assert GENERATOR.actions_of("LinkGeneratorRole") == {
        "sts:AssumeRole",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "kms:Decrypt",
        "ses:SendBulkTemplatedEmail",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        # With GatherPeriod only:
        "dynamodb:BatchGetItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "iam:PassRole",
        "s3:PutObject",
        "scheduler:CreateSchedule",
        "sqs:SendMessage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }


_BUCKET = {
    "Bucket": {
        "Fn::If": [
            "HasFileExchangeBucketName",
            {"Ref": "FileExchangeBucketName"},
            {"Fn::Sub": "${DeploymentName}-${AWS::AccountId}-${AWS::Region}"},
        ]
    }
}
_SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"


def test_fate_recorder_may_do_what_it_does_and_nothing_else() -> None:
    """It writes into the ledger and tells the admin; it mails nobody and reads no file."""
    assert GENERATOR.actions_of("FateRecorderRole") == {
        "sts:AssumeRole",
        "dynamodb:UpdateItem",
        "sns:Publish",
        "sqs:SendMessage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }


def _of_the_sender_stack(output: str) -> dict[str, object]:
    return {"Fn::ImportValue": {"Fn::Sub": f"${{SenderStackName}}-{output}"}}


def test_fate_recorder_may_do_it_to_these_resources_only() -> None:
    """One resource for each statement, and each is this deployment's own where it can be."""
    assert GENERATOR.granted_to("FateRecorderRole") == {
        "RecordTheFatesOfDeliveries": {"Fn::GetAtt": "DeliveriesLedger.Arn"},
        "RemindNobodyAfterBadFates": {
            "Fn::ImportValue": {"Fn::Sub": "${PortalStackName}-LinksTableArn"}
        },
        "TellTheAdminOfBadFates": _of_the_sender_stack("CommonAlarmTopicArn"),
        "HandOverEventsThatFailed": {"Fn::GetAtt": "DeadLetterQueue.Arn"},
        "WriteItsOwnLog": {"Fn::GetAtt": "FateRecorderLogGroup.Arn"},
        "SendTracesToXRay": "*",
    }


def test_link_generator_may_do_it_to_these_resources_only() -> None:
    """One resource for each statement, and each is this deployment's own where it can be."""
    assert GENERATOR.granted_to("LinkGeneratorRole") == {
        "ReadFilesAndSignLinksToThem": {
            "Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}/*", _BUCKET]
        },
        "DecryptFilesUnderTheseKeys": {"Ref": "FileKeyArns"},
        "LearnThatAFileIsGone": {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}", _BUCKET]},
        "SendMailsFromOneAddressOnly": {
            "Fn::Sub": [_SES + "${Identities}", {"Identities": "identity/*"}]
        },
        "SendMailsFromOneTemplateOnly": {
            "Fn::Sub": [
                _SES + "template/${Name}",
                {"Name": _of_the_sender_stack("LinkDownloadTemplateName")},
            ]
        },
        "SendMailsThroughOneConfigurationSetOnly": {
            "Fn::Sub": [
                _SES + "${Kind}/${Name}",
                {"Kind": "configuration-set", "Name": _of_the_sender_stack("ConfigSetName")},
            ]
        },
        "ClaimAndRecordDeliveries": {"Fn::GetAtt": "DeliveriesLedger.Arn"},
        "LookForDeliveriesOfOlderVersions": {"Fn::GetAtt": "DeliveriesLedger.Arn"},
        "MakeLinksOfThePortal": {
            "Fn::ImportValue": {"Fn::Sub": "${PortalStackName}-LinksTableArn"}
        },
        "LetFilesWaitForOthers": {"Fn::GetAtt": "GatheredFiles.Arn"},
        "HaveItselfInvokedOnceFilesAreComplete": {
            "Fn::Sub": [
                "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:${Schedules}",
                {"Schedules": {"Fn::Sub": "schedule/${GatheringScheduleGroup}/*"}},
            ]
        },
        "HandThisRoleToSchedulesOnly": {"Fn::GetAtt": "GatheringRole.Arn"},
        "PutManifestsOfFilesThatWaited": {
            "Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}/.s3link/shares/gathered-*", _BUCKET]
        },
        "HandOverEventsThatFailed": {"Fn::GetAtt": "DeadLetterQueue.Arn"},
        "WriteItsOwnLog": {"Fn::GetAtt": "LinkGeneratorLogGroup.Arn"},
        "SendTracesToXRay": "*",
    }


@pytest.mark.parametrize("template", [GENERATOR, PORTAL, PROGRAMS], ids=lambda t: t.path.stem)
def test_keys_are_used_for_files_only(template: Template) -> None:
    """S3 decrypts with them in the function's name; the function itself does not."""
    assert statement_of(template, "DecryptFilesUnderTheseKeys").content["Condition"] == {
        "StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"}}
    }


def test_mails_leave_from_one_sender_template_and_configuration_set() -> None:
    """SES wants all three allowed: the identity for EmailSender, the template, the set."""
    mails = [s for s in GENERATOR.statements if "ses:" in str(s.content["Action"])]

    conditions = {s.sid: s.content.get("Condition") for s in mails}
    kinds = {s.sid: written_out(s.resources[0]).split("}:")[-1].partition("/") for s in mails}

    assert conditions["SendMailsFromOneAddressOnly"] == {
        "StringEqualsIgnoreCaseIfExists": {"ses:FromAddress": {"Ref": "EmailSender"}}
    }
    assert {kind for kind, _, _ in kinds.values()} == {"identity", "template", "configuration-set"}
    assert [sid for sid, (_, _, rest) in kinds.items() if rest == "*"] == [
        "SendMailsFromOneAddressOnly"
    ]

"""Who may do what in the members stack: its function, API Gateway, S3's logs, and who has a URL."""

from __future__ import annotations

from tests.templates.reading import MEMBERS, written_out
from tests.templates.test_grants import statement_of

_ROLE = "MembersRole"


def test_the_function_may_do_what_it_does_and_nothing_else() -> None:
    """The role's actions, all of them: it writes no file, and changes nobody in the pool."""
    assert MEMBERS.actions_of(_ROLE) == {
        "sts:AssumeRole",
        "s3:ListBucket",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "cognito-idp:AdminGetUser",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }


def test_the_function_may_do_it_to_these_resources_only() -> None:
    """One resource for each statement, and each is this stack's own where it can be."""
    assert MEMBERS.granted_to(_ROLE) == {
        "ListVersionsAndTheirFiles": {"Fn::GetAtt": "ArtifactsBucket.Arn"},
        "ReadFilesAndSignLinksToThem": {"Fn::Sub": "${ArtifactsBucket.Arn}/*"},
        "ReadAndWriteAnswers": {"Fn::GetAtt": "SurveyTable.Arn"},
        "LearnAndRecordSignOuts": {"Fn::GetAtt": "SignedOutTable.Arn"},
        "LearnAMembersAddress": {"Fn::GetAtt": "MembersPool.Arn"},
        "WriteTheApisLog": {"Fn::GetAtt": "MembersLogGroup.Arn"},
        "SendTracesToXRay": "*",
    }


def test_sign_outs_are_never_forgotten_by_the_function() -> None:
    """It may look up sessions and add one; it may not list them, change one or take one back."""
    assert statement_of(MEMBERS, "LearnAndRecordSignOuts").content["Action"] == [
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
    ]


def test_the_role_is_for_lambda_alone() -> None:
    """Nobody else may assume it."""
    [trusted] = [s.content for s in MEMBERS.statements if s.owner == _ROLE and not s.resources]

    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_only_this_api_calls_the_function() -> None:
    """On any of its routes."""
    api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Routes}"

    assert MEMBERS.properties("MembersApiMayCallMembers") == {
        "FunctionName": {"Ref": "Members"},
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": [api, {"Routes": {"Fn::Sub": "${MembersApi}/*"}}]},
    }


def test_only_buckets_of_this_account_log_to_the_log_bucket() -> None:
    """S3 writes the logs, and the policy stands before the bucket that is logged."""
    content = statement_of(MEMBERS, "OnlyBucketsOfThisAccountMayLogHere").content

    assert content["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert content["Action"] == "s3:PutObject"
    assert content["Resource"] == {"Fn::Sub": "${ArtifactsBucketLogs.Arn}/*"}
    assert content["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    source = content["Condition"]["ArnLike"]["aws:SourceArn"]
    assert written_out(source) == "arn:${AWS::Partition}:s3:::*"
    assert MEMBERS.resources["ArtifactsBucket"]["DependsOn"] == "ArtifactsBucketLogsPolicy"


def test_no_url_is_older_than_a_minute() -> None:
    """Whoever signed it; requests signed in a header, which are young, are not meant."""
    content = statement_of(MEMBERS, "NoSignatureMayBeOlderThanAMinute").content

    assert (content["Effect"], content["Principal"]) == ("Deny", "*")
    assert content["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]
    assert content["Resource"] == {"Fn::Sub": "${ArtifactsBucket.Arn}/*"}
    assert content["Condition"] == {
        "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        "NumericGreaterThan": {"s3:signatureAge": 60 * 1000},
    }

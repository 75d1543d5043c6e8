"""Who may do what in the programs stack: its two functions, and API Gateway."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.reading import PROGRAMS

_BUCKET = {
    "Bucket": {"Fn::ImportValue": {"Fn::Sub": "${GeneratorStackName}-FileExchangeBucketName"}}
}
_COMMON = {
    "WriteTheApisLog": {"Fn::GetAtt": "ProgramsLogGroup.Arn"},
    "SendTracesToXRay": "*",
}
_EVERY_FUNCTION = {
    "sts:AssumeRole",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
}
_NONCES = {"Fn::GetAtt": "NoncesTable.Arn"}

# Each role: its actions, all of them, and the resource of each statement.
ROLES: dict[str, tuple[set[str], dict[str, Any]]] = {
    # It reads and writes files of programs, and makes, reads, takes and gives back links.
    "ProgramsRole": (
        _EVERY_FUNCTION
        | {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions"}
        | {"kms:Decrypt"}
        | {"s3:PutObject", "s3:AbortMultipartUpload", "dynamodb:GetItem", "dynamodb:UpdateItem"},
        {
            "ReadAndWriteFilesOfPrograms": {
                "Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}/${ProgramsKeys}", _BUCKET]
            },
            "DecryptFilesUnderTheseKeys": {"Ref": "FileKeyArns"},
            "LearnThatAFileIsGone": {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}", _BUCKET]},
            "MakeOneTimeLinksAndTakeThem": _NONCES,
            **_COMMON,
        },
    ),
    # It reads a link by its hash, and changes none.
    "NonceGateRole": (
        _EVERY_FUNCTION | {"dynamodb:GetItem"},
        {"LookAtOneNonce": _NONCES, **_COMMON},
    ),
}

each_role = pytest.mark.parametrize("role", PROGRAMS.of_type("AWS::IAM::Role"))


@each_role
def test_a_role_may_do_what_its_function_does_and_nothing_else(role: str) -> None:
    """The role's actions, all of them."""
    assert PROGRAMS.actions_of(role) == ROLES[role][0]


@each_role
def test_a_role_may_do_it_to_these_resources_only(role: str) -> None:
    """One resource for each statement, and each is this deployment's own where it can be."""
    assert PROGRAMS.granted_to(role) == ROLES[role][1]


@each_role
def test_a_role_is_for_lambda_alone(role: str) -> None:
    """Nobody else may assume it."""
    [trusted] = [s.content for s in PROGRAMS.statements if s.owner == role and not s.resources]

    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


# Who may call a function: API Gateway for this API, its routes or its one authorizer.
_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Routes}"
CALLERS = {
    "ProgramsApiMayCallPrograms": ("Programs", "${ProgramsApi}/*"),
    "ProgramsApiMayCallNonceGate": ("NonceGate", "${ProgramsApi}/authorizers/${NonceAuthorizer}"),
}


@pytest.mark.parametrize("name", PROGRAMS.of_type("AWS::Lambda::Permission"))
def test_only_this_api_calls_the_functions(name: str) -> None:
    """And the gate for its authorizer only."""
    function, routes = CALLERS[name]

    assert PROGRAMS.properties(name) == {
        "FunctionName": {"Ref": function},
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": [_API, {"Routes": {"Fn::Sub": routes}}]},
    }

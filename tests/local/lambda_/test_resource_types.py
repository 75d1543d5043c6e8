"""Functions, their permissions and their roles follow their templates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends

from deploy.local.lambda_.settings import invocation_rules
from tests.local.account import Account, zipped
from tests.local.stacks import Stacks, queue, template

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def _store_code(account: Account) -> None:
    account.create_bucket("code", versioned=False)
    for key in ("one", "two"):
        source = f"def handle(event, context): return {key!r}"
        account.client("s3").put_object(Bucket="code", Key=key, Body=zipped(source))


def _function(account: Account, **changes: Any) -> dict[str, Any]:
    return {
        "FunctionName": "function",
        "Runtime": "python3.13",
        "Handler": "main.handle",
        "Role": account.role,
        "Code": {"S3Bucket": "code", "S3Key": "one"},
        "Timeout": "30",
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"Number": 5}},
        "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "log"},
        "TracingConfig": {"Mode": "Active"},
        **changes,
    }


def test_function(stacks: Stacks, account: Account) -> None:
    """A function tells everything that its template says, and follows it."""
    _store_code(account)
    lambda_client = account.client("lambda")

    stacks.subject("AWS::Lambda::Function", _function(account), Letters=queue("letters"))
    first = lambda_client.get_function_configuration(FunctionName="function")
    changed = _function(
        account,
        Code={"S3Bucket": "code", "S3Key": "two"},
        Timeout=60,
        TracingConfig={"Mode": "PassThrough"},
    )
    del changed["DeadLetterConfig"], changed["Environment"]
    stacks.subject("AWS::Lambda::Function", changed, Letters=queue("letters"))
    second = lambda_client.get_function_configuration(FunctionName="function")

    assert first["Timeout"] == 30
    assert first["Environment"] == {"Variables": {"Number": "5"}}
    assert first["DeadLetterConfig"]["TargetArn"].endswith(":letters")
    assert first["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "log"}
    assert (first["TracingConfig"], first["Architectures"]) == ({"Mode": "Active"}, ["arm64"])
    assert second["Timeout"] == 60
    assert second["TracingConfig"] == {"Mode": "PassThrough"}
    assert second["CodeSha256"] != first["CodeSha256"]
    assert "DeadLetterConfig" not in second
    assert "Environment" not in second


def test_an_environment_that_is_too_large_is_refused(stacks: Stacks, account: Account) -> None:
    """As Lambda does, by the bytes of all names and values."""
    _store_code(account)
    environment = {"Variables": {"Recipients": "x" * 4087}}
    function = _function(account, Environment=environment)
    subject = {"Type": "AWS::Lambda::Function", "Properties": function}

    status = stacks.apply("a", template({"Subject": subject, "Letters": queue("letters")}))

    assert status == "ROLLBACK_COMPLETE"
    assert "exceeded the 4KB limit" in stacks.reason("a", "Subject", "CREATE_FAILED")


def test_rules_of_asynchronous_invocation(stacks: Stacks, account: Account) -> None:
    """Retries, age and dead letters of a function are what EventInvokeConfig and function say."""
    _store_code(account)
    rules = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "Subject"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": "1",
            "MaximumEventAgeInSeconds": 600,
        },
    }
    function = _function(account)

    stacks.subject("AWS::Lambda::Function", function, Letters=queue("letters"), Rules=rules)
    backend = lambda_backends["123456789012"]["eu-west-1"]
    with_rules = invocation_rules(backend.get_function("function"))
    stacks.subject("AWS::Lambda::Function", function, Letters=queue("letters"))
    without_rules = invocation_rules(backend.get_function("function"))

    assert (with_rules.retries, with_rules.maximum_event_age) == (1, 600)
    assert str(with_rules.dead_letter_target_arn).endswith(":letters")
    assert (without_rules.retries, without_rules.maximum_event_age) == (2, 21600)


def test_permission(stacks: Stacks, account: Account) -> None:
    """A changed permission replaces the old one, and deletion takes it away."""
    _store_code(account)
    account.create_function("def handle(event, context): pass")

    def permission(source: str) -> dict[str, Any]:
        return {
            "FunctionName": "function",
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
            "SourceArn": source,
        }

    stacks.subject("AWS::Lambda::Permission", permission("arn:aws:s3:::one"))
    stacks.subject("AWS::Lambda::Permission", permission("arn:aws:s3:::two"))
    policy = json.loads(account.client("lambda").get_policy(FunctionName="function")["Policy"])
    stacks.client.delete_stack(StackName="a")

    [statement] = policy["Statement"]
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"] == "arn:aws:s3:::two"
    with pytest.raises(ClientError) as missing:
        account.client("lambda").get_policy(FunctionName="function")
    assert missing.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_role(stacks: Stacks, account: Account) -> None:
    """A role's inline and managed policies follow the template, and can be read."""
    iam = account.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    reading = {"Version": "2012-10-17", "Statement": [statement]}
    created = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(reading))
    managed = created["Policy"]["Arn"]
    role = {
        "AssumeRolePolicyDocument": _TRUST,
        "Policies": [{"PolicyName": "read", "PolicyDocument": reading}],
        "ManagedPolicyArns": [managed],
    }

    stacks.subject("AWS::IAM::Role", role)
    name = stacks.resources("a")["Subject"]
    given = iam.get_role_policy(RoleName=name, PolicyName="read")["PolicyDocument"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    renamed = [{"PolicyName": "look", "PolicyDocument": reading}]
    stacks.subject("AWS::IAM::Role", {"AssumeRolePolicyDocument": _TRUST, "Policies": renamed})

    assert given == reading
    assert [policy["PolicyArn"] for policy in attached] == [managed]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["look"]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []

"""Buckets and their policies are made, changed and deleted as their templates say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, zipped
from tests.local.stacks import Stacks, template

_BUCKET: dict[str, Any] = {
    "BucketName": "files",
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        ]
    },
    "VersioningConfiguration": {"Status": "Enabled"},
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    # A template's parameters are text, and functions give text, too.
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": "true",
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "LifecycleConfiguration": {
        "Rules": [
            {
                "Id": "remove",
                "Status": "Enabled",
                "ExpirationInDays": "7",
                "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            },
            {"Id": "markers", "Status": "Enabled", "ExpiredObjectDeleteMarker": True},
        ]
    },
    "Tags": [{"Key": "team", "Value": "files"}],
}


def test_bucket(stacks: Stacks, account: Account) -> None:
    """Every property of a bucket is there to be read with S3's own calls."""
    s3 = account.client("s3")

    stacks.subject("AWS::S3::Bucket", _BUCKET)

    assert s3.get_bucket_versioning(Bucket="files")["Status"] == "Enabled"
    encryption = s3.get_bucket_encryption(Bucket="files")["ServerSideEncryptionConfiguration"]
    [rule] = encryption["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    block = s3.get_public_access_block(Bucket="files")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    ownership = s3.get_bucket_ownership_controls(Bucket="files")["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rules = s3.get_bucket_lifecycle_configuration(Bucket="files")["Rules"]
    assert [rule["ID"] for rule in rules] == ["remove", "markers"]
    assert rules[0]["Expiration"]["Days"] == 7
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert rules[0]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rules[1]["Expiration"]["ExpiredObjectDeleteMarker"] is True
    tags = s3.get_bucket_tagging(Bucket="files")["TagSet"]
    assert tags == [{"Key": "team", "Value": "files"}]


def test_bucket_update(stacks: Stacks, account: Account) -> None:
    """What a template no longer says, the bucket no longer has; versions are only suspended."""
    s3 = account.client("s3")
    stacks.subject("AWS::S3::Bucket", _BUCKET)

    stacks.subject("AWS::S3::Bucket", {"BucketName": "files"})

    assert s3.get_bucket_versioning(Bucket="files")["Status"] == "Suspended"
    with pytest.raises(ClientError) as missing:
        s3.get_bucket_lifecycle_configuration(Bucket="files")
    assert missing.value.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"


def test_bucket_without_a_name(stacks: Stacks, account: Account) -> None:
    """A made-up name is one that S3 takes."""
    stacks.subject("AWS::S3::Bucket", {})

    name = stacks.resources("a")["Subject"]
    assert name.startswith("a-subject-")
    account.client("s3").head_bucket(Bucket=name)


def test_access_logs(stacks: Stacks, account: Account) -> None:
    """People's requests are logged, CloudFormation's are not: else no stack could be deleted."""
    s3 = account.client("s3")
    may_write = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/*",
    }
    resources = {
        "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs"}},
        "LogsPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Logs"},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [may_write]},
            },
        },
        "Files": {
            "Type": "AWS::S3::Bucket",
            "DependsOn": "LogsPolicy",
            "Properties": {
                "BucketName": "files",
                "LoggingConfiguration": {
                    "DestinationBucketName": {"Ref": "Logs"},
                    "LogFilePrefix": "access/",
                },
            },
        },
    }
    stacks.apply("a", template(resources))
    s3.list_objects_v2(Bucket="files")

    [line] = s3.list_objects_v2(Bucket="logs")["Contents"]
    s3.delete_object(Bucket="logs", Key=line["Key"])
    stacks.client.delete_stack(StackName="a")

    assert line["Key"].startswith("access/")
    assert stacks.status("a") == ""


def test_lifecycle_rules_that_nobody_knows(stacks: Stacks, account: Account) -> None:
    """An unknown part of a rule fails the bucket, which is then not left behind."""
    rule = {"Status": "Enabled", "Transitions": [{"StorageClass": "GLACIER"}]}
    bucket = {"BucketName": "files", "LifecycleConfiguration": {"Rules": [rule]}}

    stacks.apply("a", template({"Subject": {"Type": "AWS::S3::Bucket", "Properties": bucket}}))

    reason = stacks.reason("a", "Subject", "CREATE_FAILED")
    assert reason == "The embedded AWS has no Transitions in a bucket's lifecycle rule."
    assert account.client("s3").list_buckets()["Buckets"] == []


def _function(account: Account) -> dict[str, Any]:
    s3 = account.client("s3")
    account.create_bucket("code", versioned=False)
    s3.put_object(Bucket="code", Key="zip", Body=zipped("def handle(event, context): pass"))
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "main.handle",
            "Role": account.role,
            "Code": {"S3Bucket": "code", "S3Key": "zip"},
        },
    }


def _notified_bucket(**definition: Any) -> dict[str, Any]:
    configuration = {
        "Event": "s3:ObjectCreated:*",
        "Function": {"Fn::GetAtt": ["Function", "Arn"]},
        "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".pdf"}]}},
    }
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": "files",
            "NotificationConfiguration": {"LambdaConfigurations": [configuration]},
        },
        **definition,
    }


def _permission(source: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "Function"},
            "Principal": "s3.amazonaws.com",
            "SourceArn": source,
            "SourceAccount": {"Ref": "AWS::AccountId"},
        },
    }


def test_bucket_that_calls_a_function(stacks: Stacks, account: Account) -> None:
    """With the permission there first, the bucket is made with its notification."""
    resources = {
        "Function": _function(account),
        "Permission": _permission("arn:aws:s3:::files"),
        "Bucket": _notified_bucket(DependsOn="Permission"),
    }

    status = stacks.apply("a", template(resources))

    assert status == "CREATE_COMPLETE"
    given = account.client("s3").get_bucket_notification_configuration(Bucket="files")
    [configuration] = given["LambdaFunctionConfigurations"]
    assert stacks.resources("a")["Function"] in configuration["LambdaFunctionArn"]
    assert configuration["Filter"]["Key"]["FilterRules"][0]["Value"] == ".pdf"


@pytest.mark.parametrize(
    "permission", [{}, {"Permission": _permission("arn:aws:s3:::other-files")}]
)
def test_bucket_that_may_not_call_a_function(
    stacks: Stacks, account: Account, permission: dict[str, Any]
) -> None:
    """Without a permission for this bucket, S3 refuses the notification as on AWS."""
    resources = {"Function": _function(account), **permission}
    bucket = _notified_bucket(DependsOn=list(permission))

    stacks.apply("a", template({**resources, "Bucket": bucket}))

    reason = stacks.reason("a", "Bucket", "CREATE_FAILED")
    assert "Unable to validate the following destination configurations" in reason


def test_bucket_policy(stacks: Stacks, account: Account) -> None:
    """A bucket policy is set, changed and taken away with its resource."""
    s3 = account.client("s3")
    account.create_bucket("files")

    def policy(effect: str) -> dict[str, Any]:
        statement = {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": "*"}
        return {"Bucket": "files", "PolicyDocument": {"Statement": [statement]}}

    stacks.subject("AWS::S3::BucketPolicy", policy("Allow"))
    stacks.subject("AWS::S3::BucketPolicy", policy("Deny"))
    [statement] = json.loads(s3.get_bucket_policy(Bucket="files")["Policy"])["Statement"]
    stacks.client.delete_stack(StackName="a")

    assert statement["Effect"] == "Deny"
    with pytest.raises(ClientError) as missing:
        s3.get_bucket_policy(Bucket="files")
    assert missing.value.response["Error"]["Code"] == "NoSuchBucketPolicy"

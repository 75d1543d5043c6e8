"""What moto's own S3 does not do; a test here fails once moto has closed the gap."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from tests.local.plain_moto import REGION, MotoStack


@pytest.mark.parametrize(
    ("name", "value", "operation", "answer"),
    [
        ("VersioningConfiguration", {"Status": "Enabled"}, "get_bucket_versioning", "Status"),
        (
            "LoggingConfiguration",
            {"DestinationBucketName": "subject"},
            "get_bucket_logging",
            "LoggingEnabled",
        ),
        (
            "NotificationConfiguration",
            {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            "get_bucket_notification_configuration",
            "EventBridgeConfiguration",
        ),
    ],
)
def test_bucket(
    moto_stack: MotoStack, name: str, value: dict[str, Any], operation: str, answer: str
) -> None:
    """moto drops this property of a bucket, and others. Gap of Bucket."""
    moto_stack.create("AWS::S3::Bucket", {"BucketName": "subject", name: value})

    given = getattr(moto_stack.client("s3"), operation)(Bucket="subject")

    assert answer not in given


@pytest.mark.parametrize(
    ("name", "value", "operation"),
    [
        (
            "LifecycleConfiguration",
            {"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]},
            "get_bucket_lifecycle_configuration",
        ),
        (
            "PublicAccessBlockConfiguration",
            {"BlockPublicAcls": True},
            "get_public_access_block",
        ),
        (
            "OwnershipControls",
            {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "get_bucket_ownership_controls",
        ),
    ],
)
def test_bucket_configuration(
    moto_stack: MotoStack, name: str, value: dict[str, Any], operation: str
) -> None:
    """moto drops this property of a bucket, and others. Gap of Bucket."""
    s3 = moto_stack.client("s3")
    moto_stack.create("AWS::S3::Bucket", {"BucketName": "subject", name: value})

    with pytest.raises(s3.exceptions.ClientError) as missing:
        getattr(s3, operation)(Bucket="subject")

    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_access_logs_of_a_stacks_own_calls() -> None:
    """moto logs them at once, so that a stack's last calls fill the bucket that goes next.

    Once this fails, delete S3Backend of deploy/local/s3/gaps.py.
    """
    may_write = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::lines/*",
    }
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        for bucket in ("lines", "files"):
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )
        s3.put_bucket_policy(Bucket="lines", Policy=json.dumps({"Statement": [may_write]}))
        s3.put_bucket_logging(
            Bucket="files",
            BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "lines", "TargetPrefix": ""}},
        )

        s3.delete_bucket(Bucket="files")

        assert s3.list_objects_v2(Bucket="lines")["KeyCount"] > 0


def test_moto_still_has_no_route_for_keys_with_line_breaks() -> None:
    """Once moto's server takes such keys, delete _AnyCharacter of deploy/local/s3/gaps.py."""
    plain_moto = Client(DomainDispatcherApplication(create_backend_app))

    assert plain_moto.put("/bucket/line%0Abreak", data=b"").status_code == 404
    assert b"<Code>" not in plain_moto.put("/bucket/line%0Abreak", data=b"").data

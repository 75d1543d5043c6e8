"""Bucket policies on the embedded AWS: a statement counts when its conditions hold."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.local.account import Account

BUCKET = "files"
ARN = f"arn:aws:s3:::{BUCKET}"


def deny(**condition: Any) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


TLS_ONLY = deny(Bool={"aws:SecureTransport": "false"})


def upload(s3: Any, policy: str) -> None:
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    s3.put_object(Bucket=BUCKET, Key="file", Body=b"content")


@pytest.mark.parametrize(
    "policy", [TLS_ONLY, deny(ArnLike={"aws:SourceArn": "arn:aws:s3:::other"})]
)
def test_a_statement_whose_condition_does_not_hold_says_nothing(
    account: Account, policy: str
) -> None:
    """A TLS-only bucket takes files here, as it does over TLS on AWS."""
    s3 = account.client("s3")

    upload(s3, policy)

    assert s3.get_object(Bucket=BUCKET, Key="file")["Body"].read() == b"content"


@pytest.mark.parametrize("policy", [deny(), deny(Bool={"aws:SecureTransport": True})])
def test_a_statement_that_applies_still_refuses(account: Account, policy: str) -> None:
    """Only what AWS would let through comes through."""
    with pytest.raises(ClientError, match="403"):
        upload(account.client("s3"), policy)


@mock_aws
def test_moto_does_not_do_this_yet() -> None:
    """Fails once moto reads conditions itself; then deploy/local/bucket_policies.py can go."""
    with pytest.raises(ClientError, match="403"):
        upload(boto3.client("s3", region_name="eu-west-1"), TLS_ONLY)

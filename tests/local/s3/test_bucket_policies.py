"""Bucket policies on the embedded AWS: a statement counts when its conditions hold."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys
from tests.local.account import Account, allowing
from tests.local.links import CONTENT, KEY, Clock, fetch, signed_with

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
    """A denial hits everybody, and the error says who may not do what, and why."""
    with pytest.raises(ClientError) as refused:
        upload(account.client("s3"), policy)

    assert refused.value.response["Error"] == {
        "Code": "AccessDenied",
        "Message": (
            "User: arn:aws:iam::123456789012:root is not authorized to perform: s3:PutObject "
            f'on resource: "{ARN}/file" with an explicit deny in a resource-based policy'
        ),
    }


def test_the_owner_can_always_take_a_policy_back(account: Account) -> None:
    """Nobody is locked out of a bucket for good."""
    s3 = account.client("s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        upload(s3, deny())

    s3.delete_bucket_policy(Bucket=BUCKET)

    s3.put_object(Bucket=BUCKET, Key="file", Body=b"content")


def test_a_policy_that_cannot_be_read_is_told(account: Account) -> None:
    """Rather than taken for one that says nothing."""
    with pytest.raises(ClientError) as refused:
        upload(account.client("s3"), deny(IpAddress={"aws:SourceIp": "10.0.0.0/8"}))

    assert refused.value.response["Error"] == {
        "Code": "NotImplemented",
        "Message": "The embedded AWS does not know the condition IpAddress.",
    }


SIX_HOURS = deny(
    StringEquals={"s3:authType": "REST-QUERY-STRING"},
    NumericGreaterThan={"s3:signatureAge": 6 * 3600 * 1000},
)


def test_signatures_can_be_too_old(stored: Account, clock: Clock) -> None:
    """Whoever signed a link, for however long; a signature in a header is not meant."""
    s3 = stored.client("s3")
    s3.put_bucket_policy(Bucket="exchange", Policy=SIX_HOURS.replace(BUCKET, "exchange"))
    url = signed_with(stored, Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY), ExpiresIn=7 * 24 * 3600)

    clock.ahead = timedelta(hours=6, seconds=-10)
    assert fetch(url).status == 200

    clock.ahead = timedelta(hours=6, seconds=10)
    answer = fetch(url)
    assert (answer.status, answer.error["Code"]) == (403, "AccessDenied")
    assert answer.error["Message"].endswith("with an explicit deny in a resource-based policy")
    assert s3.get_object(Bucket="exchange", Key=KEY)["Body"].read() == CONTENT


@pytest.mark.parametrize(
    ("principal", "works"),
    [
        ({"AWS": "arn:aws:iam::123456789012:role/worker"}, True),
        ({"AWS": "arn:aws:sts::123456789012:assumed-role/worker/function"}, True),
        ({"AWS": "arn:aws:iam::123456789012:role/other"}, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, False),
    ],
)
def test_a_bucket_can_let_a_role_in(stored: Account, principal: Any, works: bool) -> None:
    """In one account either policy is enough; naming the account alone leaves it to IAM."""
    statement = {"Principal": principal, **allowing("s3:GetObject", "arn:aws:s3:::exchange/*")}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    stored.client("s3").put_bucket_policy(Bucket="exchange", Policy=policy)
    worker = stored.worker("s3")
    stored.allow(allowing("none:Nothing"))

    if works:
        assert worker.get_object(Bucket="exchange", Key=KEY)["Body"].read() == CONTENT
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            worker.get_object(Bucket="exchange", Key=KEY)


@mock_aws
def test_moto_does_not_do_this_yet() -> None:
    """Fails once moto reads conditions itself; then _bucket_policies_read_elsewhere can go."""
    with pytest.raises(ClientError, match="403"):
        upload(boto3.client("s3", region_name="eu-west-1"), TLS_ONLY)

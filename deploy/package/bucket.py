"""The artifacts bucket itself, one per account and region: made, protected, removed while empty.

Every call names the account that must own it: a bucket of somebody else is never written to or
read. What is in it is `artifacts`' concern.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code, http_status
from deploy.aws.side_by_side import side_by_side
from deploy.errors import PackageError
from deploy.interruption import deferring_interrupts

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from deploy.aws.clients import Clients

# How S3 says that a bucket has no such setting.
_NOT_SET = {
    "NoSuchBucketPolicy",
    "NoSuchTagSet",
    "ServerSideEncryptionConfigurationNotFoundError",
}


def name_of(clients: Clients) -> str:
    return f"s3link-artifacts-{clients.account}-{clients.region}"


def make(clients: Clients, bucket: str) -> bool:
    """Make the bucket if it is missing, without protection yet; whether it was made here.

    Raises PackageError when the name belongs to another account.
    """
    return not _exists(clients, bucket) and _create(clients, bucket)


def protect(clients: Clients, bucket: str) -> None:
    """Give the bucket the protection it lacks: an interruption heals.

    It is never public. An administrator's own key or policy stays.
    """
    s3 = clients.s3
    owned: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": clients.account}
    is_encrypted, has_policy, _ = side_by_side(
        [
            partial(_is_set, s3.get_bucket_encryption, owned),
            partial(_is_set, s3.get_bucket_policy, owned),
            partial(_keep_private, s3, owned),
        ]
    )
    if not is_encrypted:
        s3.put_bucket_encryption(
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            **owned,
        )
    if not has_policy:
        s3.put_bucket_policy(Policy=_tls_only_policy(clients.partition, bucket), **owned)


def _keep_private(s3: S3Client, owned: dict[str, Any]) -> bool:
    s3.put_public_access_block(
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
        **owned,
    )
    return True


def tag(clients: Clients, bucket: str, tags: Mapping[str, str]) -> None:
    """Give the bucket these tags beside those that it has; without any nothing is asked."""
    if not tags:
        return
    owned: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": clients.account}
    before: dict[str, str] = {}
    if _is_set(clients.s3.get_bucket_tagging, owned):
        found = clients.s3.get_bucket_tagging(**owned)["TagSet"]
        before = {each["Key"]: each["Value"] for each in found}
    after = {**before, **tags}
    if after != before:
        clients.s3.put_bucket_tagging(
            Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in after.items()]},
            **owned,
        )


def remove_if_empty(clients: Clients, bucket: str) -> bool:
    """Whether it is gone: not if somebody has put something there, and so goes on using it."""
    try:
        with deferring_interrupts():
            clients.s3.delete_bucket(Bucket=bucket, ExpectedBucketOwner=clients.account)
    except ClientError as exc:
        code = error_code(exc)
        if code not in {"BucketNotEmpty", "NoSuchBucket"}:
            raise
        return code == "NoSuchBucket"
    return True


def _is_set(get: Callable[..., object], bucket: dict[str, Any]) -> bool:
    try:
        get(**bucket)
    except ClientError as exc:
        if error_code(exc) in _NOT_SET:
            return False
        raise
    return True


def _exists(clients: Clients, bucket: str) -> bool:
    try:
        clients.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=clients.account)
    except ClientError as exc:
        status = http_status(exc)
        if status == 404:
            return False
        if status == 403:
            raise PackageError(_not_ours(bucket, clients.account)) from exc
        raise
    return True


def _create(clients: Clients, bucket: str) -> bool:
    """False when it has been made meanwhile: what another run has made is not ours to remove."""
    options: dict[str, Any] = {"Bucket": bucket, "ObjectOwnership": "BucketOwnerEnforced"}
    # The first region of S3 is the only one that must not be named.
    if clients.region != "us-east-1":
        options["CreateBucketConfiguration"] = {"LocationConstraint": clients.region}
    try:
        clients.s3.create_bucket(**options)
    except ClientError as exc:
        code = error_code(exc)
        if code == "BucketAlreadyExists":
            raise PackageError(_not_ours(bucket, clients.account)) from exc
        if code != "BucketAlreadyOwnedByYou":
            raise
        return False
    return True


def _tls_only_policy(partition: str, bucket: str) -> str:
    arn = f"arn:{partition}:s3:::{bucket}"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RefuseEverythingButTls",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, f"{arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    )


def _not_ours(bucket: str, account: str) -> str:
    return (
        f"The artifacts bucket {bucket} cannot be used: it belongs to another account, or "
        f"account {account} does not let you see it (s3:ListBucket); "
        "ask your administrator, or deploy in another region."
    )

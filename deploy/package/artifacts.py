"""Keeps the Lambda zips in an artifacts bucket that the tool makes, one per account and region.

A zip is stored under its own SHA-256, so it is uploaded once and never overwritten. Every call
names the account that must own the bucket: a bucket of somebody else is never written to or read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code, http_status
from deploy.errors import PackageError

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.package.lambda_zip import Package

# S3 answers 409 while another upload of the same key is under way, and asks to try again.
_UPLOAD_ATTEMPTS = 5

# How S3 says that a bucket has no such setting.
_NOT_SET = {
    "NoSuchBucketPolicy",
    "ServerSideEncryptionConfigurationNotFoundError",
}


@dataclass(frozen=True)
class Artifact:
    """Where a zip is, or will be, stored."""

    bucket: str
    key: str


def artifact(clients: Clients, package: Package) -> Artifact:
    """Where `package` belongs; makes no change, so that a plan can name it too."""
    bucket = f"s3link-artifacts-{clients.account}-{clients.region}"
    return Artifact(bucket, f"lambda/{package.sha256}.zip")


def store(clients: Clients, package: Package) -> Artifact:
    """Make sure that `package` is in the artifacts bucket, and say where.

    Raises PackageError when the bucket's name belongs to another account, or when other bytes
    already stand under the package's name.
    """
    target = artifact(clients, package)
    _ensure_bucket(clients, target.bucket)
    _upload(clients, package, target)
    return target


def _ensure_bucket(clients: Clients, bucket: str) -> None:
    """Create the bucket if need be, and give it the protection it lacks: an interruption heals.

    It is never public. An administrator's own key or policy stays.
    """
    if not _exists(clients, bucket):
        _create(clients, bucket)
    s3 = clients.s3
    owned: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": clients.account}
    s3.put_public_access_block(
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
        **owned,
    )
    if not _is_set(s3.get_bucket_encryption, owned):
        s3.put_bucket_encryption(
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            **owned,
        )
    if not _is_set(s3.get_bucket_policy, owned):
        s3.put_bucket_policy(Policy=_tls_only_policy(clients.partition, bucket), **owned)


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


def _create(clients: Clients, bucket: str) -> None:
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


def _upload(clients: Clients, package: Package, target: Artifact) -> None:
    checksum = base64.b64encode(bytes.fromhex(package.sha256)).decode()
    for attempt in range(1, _UPLOAD_ATTEMPTS + 1):
        try:
            clients.s3.put_object(
                Bucket=target.bucket,
                Key=target.key,
                Body=package.content,
                ContentType="application/zip",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
                IfNoneMatch="*",
                ExpectedBucketOwner=clients.account,
            )
        except ClientError as exc:
            code = error_code(exc)
            if code == "PreconditionFailed":
                _check_stored(clients, target, checksum)
                return
            if code != "ConditionalRequestConflict" or attempt == _UPLOAD_ATTEMPTS:
                raise
        else:
            return


def _check_stored(clients: Clients, target: Artifact, checksum: str) -> None:
    """What stands under our name must be our bytes: whoever can write there could run code."""
    stored = clients.s3.head_object(
        Bucket=target.bucket,
        Key=target.key,
        ChecksumMode="ENABLED",
        ExpectedBucketOwner=clients.account,
    )
    if stored.get("ChecksumSHA256") != checksum:
        raise PackageError(
            f"s3://{target.bucket}/{target.key} does not hold the Lambda code that its name "
            "promises; find out who wrote it, delete it and deploy again."
        )


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

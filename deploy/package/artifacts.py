"""Keeps Lambda zips and large templates in an artifacts bucket, one per account and region.

The tool makes it. Each file is stored under its own SHA-256, so it is uploaded once and never
overwritten; but a plan takes back what it had to put there. Every call
names the account that must own the bucket: a bucket of somebody else is never written to or read.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code, http_status
from deploy.errors import PackageError
from deploy.interruption import deferring_interrupts

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
    """Where a zip or a template is, or will be, stored."""

    bucket: str
    key: str


def artifact(clients: Clients, package: Package) -> Artifact:
    """Where `package` belongs; makes no change, so that a plan can name it too."""
    return Artifact(_bucket_name(clients), f"lambda/{package.sha256}.zip")


def store(clients: Clients, package: Package) -> Artifact:
    """Make sure that `package` is in the artifacts bucket, and say where.

    Raises PackageError when the bucket's name belongs to another account, or when other bytes
    already stand under the package's name.
    """
    target = artifact(clients, package)
    if not _exists(clients, target.bucket):
        _create(clients, target.bucket)
    _protect(clients, target.bucket)
    _upload(clients, _Content(package.content, package.sha256, "application/zip"), target)
    return target


@contextmanager
def template_url(clients: Clients, body: str, is_kept: bool) -> Iterator[str]:
    """The URL by which CloudFormation reads a template that is too large for its call.

    Unless it `is_kept`, the end of the block removes just what was put there for it, however the
    block ends. Raises PackageError as `store` does.
    """
    content = body.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    target = Artifact(_bucket_name(clients), f"templates/{sha256}.yaml")
    with ExitStack() as added:
        with deferring_interrupts():
            if not _exists(clients, target.bucket):
                _create(clients, target.bucket)
                added.callback(_remove_bucket, clients, target.bucket)
            _protect(clients, target.bucket)
            version = _upload(clients, _Content(content, sha256, "application/yaml"), target)
            if version is not None:
                added.callback(_remove, clients, target, version)
        if is_kept:
            added.pop_all()
        yield f"https://{target.bucket}.{clients.s3_host}/{target.key}"


def _bucket_name(clients: Clients) -> str:
    return f"s3link-artifacts-{clients.account}-{clients.region}"


def _remove(clients: Clients, target: Artifact, version: str) -> None:
    """Exactly what was uploaded; `version` is empty where the bucket has none."""
    options: dict[str, Any] = {"VersionId": version} if version else {}
    with deferring_interrupts():
        clients.s3.delete_object(
            Bucket=target.bucket, Key=target.key, ExpectedBucketOwner=clients.account, **options
        )


def _remove_bucket(clients: Clients, bucket: str) -> None:
    """Unless somebody has put something there meanwhile, and so goes on using it."""
    try:
        with deferring_interrupts():
            clients.s3.delete_bucket(Bucket=bucket, ExpectedBucketOwner=clients.account)
    except ClientError as exc:
        if error_code(exc) != "BucketNotEmpty":
            raise


def _protect(clients: Clients, bucket: str) -> None:
    """Give the bucket the protection it lacks: an interruption heals.

    It is never public. An administrator's own key or policy stays.
    """
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


@dataclass(frozen=True)
class _Content:
    """What is uploaded, with its own hash."""

    content: bytes
    sha256: str
    content_type: str

    @property
    def checksum(self) -> str:
        """The hash as S3 writes it."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


def _upload(clients: Clients, content: _Content, target: Artifact) -> str | None:
    """The version that was made, empty in a bucket without any; None when it was there already."""
    for attempt in range(1, _UPLOAD_ATTEMPTS + 1):
        try:
            put = clients.s3.put_object(
                Bucket=target.bucket,
                Key=target.key,
                Body=content.content,
                ContentType=content.content_type,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=content.checksum,
                IfNoneMatch="*",
                ExpectedBucketOwner=clients.account,
            )
        except ClientError as exc:
            code = error_code(exc)
            if code == "PreconditionFailed":
                _check_stored(clients, content, target)
                return None
            if code != "ConditionalRequestConflict" or attempt == _UPLOAD_ATTEMPTS:
                raise
        else:
            return put.get("VersionId", "")
    return None


def _check_stored(clients: Clients, content: _Content, target: Artifact) -> None:
    """What stands under our name must be our bytes: whoever can write there could run code."""
    stored = clients.s3.head_object(
        Bucket=target.bucket,
        Key=target.key,
        ChecksumMode="ENABLED",
        ExpectedBucketOwner=clients.account,
    )
    if stored.get("ChecksumSHA256") != content.checksum:
        what = "template" if target.key.startswith("templates/") else "Lambda code"
        raise PackageError(
            f"s3://{target.bucket}/{target.key} does not hold the {what} that its name "
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

"""Keeps Lambda zips and large templates in an artifacts bucket, one per account and region.

Each file is stored under its own SHA-256, so it is uploaded once and never overwritten. A plan has
a place of its own there and takes back what it has put into it; settings of a bucket that it finds
stay as they are. Every call names the account that must own the bucket.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code, http_status
from deploy.errors import PackageError
from deploy.interruption import deferring_interrupts
from deploy.package import bucket

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.package.lambda_zip import Package

# S3 answers 409 while another upload of the same key is under way, and asks to try again.
_UPLOAD_ATTEMPTS = 5
# In a key, between the SHA-256 of a zip and what tells its brand.
_BRAND_MARK = "-brand-"


@dataclass(frozen=True)
class Artifact:
    """Where a zip or a template is, or will be, stored."""

    bucket: str
    key: str


def artifact(clients: Clients, package: Package) -> Artifact:
    """Where `package` belongs; makes no change, so that a plan can name it too."""
    mark = f"{_BRAND_MARK}{package.brand}" if package.brand else ""
    return Artifact(bucket.name_of(clients), f"lambda/{package.sha256}{mark}.zip")


def brand_of_key(key: str) -> str:
    """What tells the brand of the zip under this key from another; empty for a zip without."""
    _, _, mark = key.removesuffix(".zip").partition(_BRAND_MARK)
    return mark


def store(clients: Clients, package: Package, tags: Mapping[str, str] | None = None) -> Artifact:
    """Make sure that `package` is in the artifacts bucket, which gets the `tags`, and say where.

    Raises PackageError when the bucket's name belongs to another account, or when other bytes
    already stand under the package's name.
    """
    target = artifact(clients, package)
    with ExitStack() as added:
        content = _Content(package.content, package.sha256, "application/zip")
        _put(clients, content, target, added, protect=True)
        bucket.tag(clients, target.bucket, tags or {})
        added.pop_all()
    return target


@contextmanager
def template_url(clients: Clients, body: str, is_kept: bool) -> Iterator[str]:
    """The URL by which CloudFormation reads a template that is too large for its call.

    Unless it `is_kept`, the end of the block removes just what was put there for it, however the
    block ends. Raises PackageError as `store` does.
    """
    content = body.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    # What a plan will take back, no deploy and no other plan may come to rely on.
    folder = "templates" if is_kept else f"templates/plan-{secrets.token_hex(8)}"
    target = Artifact(bucket.name_of(clients), f"{folder}/{sha256}.yaml")
    with ExitStack() as added:
        with deferring_interrupts():
            template = _Content(content, sha256, "application/yaml")
            _put(clients, template, target, added, protect=is_kept)
        if is_kept:
            added.pop_all()
        yield f"https://{target.bucket}.{clients.s3_host}/{target.key}"


def _remove(clients: Clients, target: Artifact, version: str) -> None:
    """Exactly what was uploaded; `version` is empty where the bucket has none."""
    options: dict[str, Any] = {"VersionId": version} if version else {}
    with deferring_interrupts():
        clients.s3.delete_object(
            Bucket=target.bucket, Key=target.key, ExpectedBucketOwner=clients.account, **options
        )


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


def _put(
    clients: Clients, content: _Content, target: Artifact, added: ExitStack, *, protect: bool
) -> None:
    """Put it into the bucket, which is made if it is missing; `added` can take both back.

    A bucket that was there is given the protection it lacks with `protect` only. What a deploy
    puts has mostly been there since the last one.
    """
    if protect and _is_stored(clients, content, target):
        bucket.protect(clients, target.bucket)
        return
    for attempt in range(1, _UPLOAD_ATTEMPTS + 1):
        try:
            is_new = bucket.make(clients, target.bucket)
            if is_new:
                added.callback(bucket.remove_if_empty, clients, target.bucket)
            if is_new or protect:
                bucket.protect(clients, target.bucket)
            version = _upload(clients, content, target)
        except ClientError as exc:
            # A plan that had made the bucket took it back after it was found here.
            if error_code(exc) != "NoSuchBucket" or attempt == _UPLOAD_ATTEMPTS:
                raise
        else:
            if version is not None:
                added.callback(_remove, clients, target, version)
            return


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


def _is_stored(clients: Clients, content: _Content, target: Artifact) -> bool:
    """Whether it is there already; no where one may not know, as in a bucket of somebody else."""
    try:
        _check_stored(clients, content, target)
    except ClientError as exc:
        if http_status(exc) not in (403, 404):
            raise
        return False
    return True


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
